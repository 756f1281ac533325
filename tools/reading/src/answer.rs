//! From the words of a verb to what it prints.

use crate::claim::{self, ClaimError};
use crate::cli::{Common, Format, Verb, shell_command};
use crate::excerpt::{self, Excerpt, Inline, Show, Steps};
use session::Needs;
use session::{Checkpoint, Place, Record};
use session::{Records, RecordsError};

/// Why a verb prints nothing.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    #[error(transparent)]
    Records(#[from] RecordsError),
    #[error(transparent)]
    Show(#[from] excerpt::ShowError),
    #[error(transparent)]
    Value(#[from] excerpt::ValueError),
    #[error(transparent)]
    Steps(#[from] excerpt::StepsError),
    #[error(transparent)]
    Run(#[from] excerpt::RunError),
    #[error(transparent)]
    Draw(#[from] excerpt::DrawError),
    #[error("{}", self.messages().join("\n"))]
    Claims(Vec<ClaimError>),
    #[error("cannot write the record as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl AnswerError {
    /// Each thing that is wrong, in words: several claims may not hold.
    pub fn messages(&self) -> Vec<String> {
        match self {
            Self::Claims(claims) => claims.iter().map(ToString::to_string).collect(),
            other => vec![other.to_string()],
        }
    }
}

/// What a verb prints, from records that hold all that it wants. Claims are
/// checked on the record itself, whatever an excerpt shows of it. Where no
/// format is asked for, it is `default`.
pub fn answer(verb: &Verb, records: &Records, default: Format) -> Result<String, AnswerError> {
    let (excerpt, format) = match verb {
        Verb::Record { listing, all } => return as_json(records, listing.as_deref(), *all),
        Verb::Environment { listings, format } => {
            let (mut fresh, mut stored) = (Vec::new(), Vec::new());
            for name in listings {
                let record = records.shown(name)?;
                let machines = match record.stored {
                    Some(_) => &mut stored,
                    None => &mut fresh,
                };
                if !machines.contains(&record.environment) {
                    machines.push(record.environment.clone());
                }
            }
            (Excerpt::Environment { fresh, stored }, format)
        }
        Verb::Run {
            listing,
            until,
            process,
            common,
        } => {
            let (record, shown) = (records.get(listing)?, records.shown(listing)?);
            let excerpt = match skipped(record, common) {
                // What a skipped listing printed says why; it may not even have
                // been started.
                Some(_) if !record.transcript.is_empty() => excerpt::run(shown, None, None)?,
                Some(skipped) => skipped,
                None => {
                    let place = until.as_deref().map(place);
                    check(record, common, place.as_ref())?;
                    excerpt::run(shown, until.as_deref(), process.as_deref())?
                }
            };
            (excerpt, &common.format)
        }
        Verb::Show {
            listing,
            at,
            keep,
            mark,
            expect_output,
            common,
            command,
        } => {
            let (record, shown) = (records.get(listing)?, records.shown(listing)?);
            let wanted = Show {
                command: shell_command(command),
                keep: keep.clone(),
                marks: mark.clone(),
                holds: expect_output.clone(),
            };
            let excerpt = match skipped(record, common) {
                Some(skipped) => skipped,
                None => {
                    check(record, common, Some(at))?;
                    excerpt::show(shown, &at.checkpoint, &wanted)?
                }
            };
            (excerpt, &common.format)
        }
        Verb::Value {
            listing,
            field,
            at,
            unit,
            common,
        } => {
            let (record, shown) = (records.get(listing)?, records.shown(listing)?);
            let wanted = Inline {
                field: field.clone(),
                at: at.clone(),
                unit: *unit,
                of: common.of.clone(),
            };
            let excerpt = match skipped(record, common) {
                Some(_) => Excerpt::Inline("(skipped here)".to_owned()),
                None => {
                    check(record, common, Some(at))?;
                    excerpt::value(shown, &wanted)?
                }
            };
            (excerpt, &common.format)
        }
        Verb::Steps {
            listing,
            at,
            fields,
            id,
            common,
        } => {
            let (record, shown) = (records.get(listing)?, records.shown(listing)?);
            let wanted = Steps {
                at: at.clone(),
                fields: fields.clone(),
                of: common.of.clone(),
                id: id.clone(),
            };
            let excerpt = match skipped(record, common) {
                Some(skipped) => skipped,
                None => {
                    let last = record.checkpoints.last().map(Checkpoint::place);
                    let last = at.last().or(last.as_ref());
                    check(record, common, last)?;
                    excerpt::steps(shown, &wanted)?
                }
            };
            (excerpt, &common.format)
        }
        Verb::Draw(picture) => {
            let listing = picture.listing();
            let (record, shown) = (records.get(listing)?, records.shown(listing)?);
            let common = picture.common();
            let excerpt = match skipped(record, common) {
                Some(skipped) => skipped,
                None => {
                    let place = picture.claims_at(record);
                    check(record, common, place.as_ref())?;
                    excerpt::draw(shown, picture, common.of.as_deref())?
                }
            };
            (excerpt, &common.format)
        }
    };
    Ok(match format.format.unwrap_or(default) {
        Format::Html => excerpt.to_html(),
        Format::Text => excerpt.to_text(),
    })
}

/// What does not apply to the machine of a record: all of the listing, or this
/// excerpt of it.
fn skipped(record: &Record, common: &Common) -> Option<Excerpt> {
    let needs = Needs {
        kernel: common.since.clone(),
        architecture: common.on.clone(),
        ..Needs::default()
    };
    let reason = record.skipped.clone();
    let reason = reason.or_else(|| needs.missing(&record.environment))?;
    Some(Excerpt::Skipped {
        listing: record.listing.clone(),
        reason,
    })
}

fn place(checkpoint: &str) -> Place {
    Place {
        checkpoint: checkpoint.to_owned(),
        process: None,
    }
}

/// All claims, so that one run tells of every one that does not hold.
fn check(record: &Record, common: &Common, at: Option<&Place>) -> Result<(), AnswerError> {
    let of = common.of.as_deref();
    let claims = common.expect.iter();
    let printed = common.expect_printed.iter();
    let false_ones: Vec<ClaimError> = claims
        .filter_map(|claim| claim::check(claim, record, at, of).err())
        .chain(printed.filter_map(|text| claim::check_printed(text, record).err()))
        .collect();
    if false_ones.is_empty() {
        Ok(())
    } else {
        Err(AnswerError::Claims(false_ones))
    }
}

fn as_json(records: &Records, listing: Option<&str>, all: bool) -> Result<String, AnswerError> {
    if let (Some(name), false) = (listing, all) {
        return Ok(serde_json::to_string_pretty(records.get(name)?)? + "\n");
    }
    let mut lines = String::new();
    for name in records.names() {
        lines.push_str(&serde_json::to_string(records.get(name)?)?);
        lines.push('\n');
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;
    use crate::sample;

    /// What the verb says of a record made by Linux 6.18 on x86_64.
    fn rss(more: &[&str]) -> Result<String, AnswerError> {
        let words = ["capture", "value", "sample", "Rss", "--at", "mapped"];
        let cli = Cli::try_parse_from(words.iter().chain(more)).expect("well formed");
        let records = Records::of_one(sample("Rss: 0 kB\n", "Rss: 4 kB\n"));
        answer(&cli.verb, &records, Format::Text)
    }

    #[test]
    fn what_another_machine_has_is_not_claimed_of_this() {
        let wrong = ["--expect", "Rss == 1 page"];
        assert!(rss(&wrong).is_err());
        assert!(rss(&[&wrong[..], &["--since", "6.18"]].concat()).is_err());
        let newer = rss(&[&wrong[..], &["--since", "6.19"]].concat());
        assert_eq!(newer.expect("does not apply"), "(skipped here)\n");
        assert!(rss(&[&wrong[..], &["--on", "x86_64"]].concat()).is_err());
        let other = rss(&[&wrong[..], &["--on", "aarch64"]].concat());
        assert_eq!(other.expect("does not apply"), "(skipped here)\n");
    }
}
