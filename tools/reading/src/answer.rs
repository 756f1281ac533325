//! From the words of a verb to what it prints.

use crate::claim::{self, ClaimError};
use crate::cli::{Common, Format, Verb};
use crate::excerpt::{self, Excerpt, Part};
use crate::figure;
use session::{Needs, Place, Record, Records, RecordsError};

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
    Draw(#[from] figure::FigureError),
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
        Verb::Environment { listings, format } => (environment(records, listings)?, format),
        Verb::Shown(shown) => {
            let (common, own) = shown.parts();
            (excerpt(records, common, own)?, &common.format)
        }
    };
    Ok(match format.format.unwrap_or(default) {
        Format::Html => excerpt.to_html(),
        Format::Text => excerpt.to_text(),
    })
}

fn excerpt(records: &Records, common: &Common, own: &dyn Part) -> Result<Excerpt, AnswerError> {
    let record = records.get(&common.listing)?;
    let shown = records.shown(&common.listing)?;
    if let Some(reason) = skipped(record, common) {
        return own.skipped(shown, reason);
    }
    check(record, common, own.claims_at(record).as_ref())?;
    own.excerpt(shown, common.of.as_deref())
}

fn environment(records: &Records, listings: &[String]) -> Result<Excerpt, AnswerError> {
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
    Ok(Excerpt::Environment { fresh, stored })
}

/// Why it does not apply to the machine of a record: all of the listing, or this
/// excerpt of it.
fn skipped(record: &Record, common: &Common) -> Option<String> {
    let needs = Needs {
        kernel: common.since.clone(),
        architecture: common.on.clone(),
        ..Needs::default()
    };
    let reason = record.skipped.clone();
    reason.or_else(|| needs.missing(&record.environment))
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
