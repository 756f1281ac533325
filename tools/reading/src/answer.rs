//! From the words of a verb to what it prints.

use crate::claim::{self, ClaimError};
use crate::cli::{Common, Format, Verb};
use crate::excerpt::{self, Excerpt};
use crate::figure;
use crate::unit::Amount;
use session::{Needs, Record, Records, RecordsError};

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
    /// Each with its number among the verb's claims.
    Claims(Vec<(usize, ClaimError)>),
    #[error("cannot write the record as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl AnswerError {
    /// Each thing that is wrong, in words: several claims may not hold.
    pub fn messages(&self) -> Vec<String> {
        match self {
            Self::Claims(claims) => claims.iter().map(|(_, claim)| claim.to_string()).collect(),
            other => vec![other.to_string()],
        }
    }
}

/// What a verb prints, and what became of its claims.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    pub text: String,
    /// Claims that hold.
    pub hold: usize,
    /// Claims that do not apply to the machine of the record.
    pub do_not_apply: usize,
}

/// Answers a verb from records that hold all that it wants. Claims are checked
/// on the record itself, whatever an excerpt shows of it. Where no format is
/// asked for, it is `default`.
pub fn answer(verb: &Verb, records: &Records, default: Format) -> Result<Answer, AnswerError> {
    let plain = |text| Answer {
        text,
        ..Answer::default()
    };
    let (common, own) = match verb {
        Verb::Record { listing, all } => {
            return as_json(records, listing.as_deref(), *all).map(plain);
        }
        Verb::Environment { listings, format } => {
            let excerpt = environment(records, listings)?;
            return Ok(plain(excerpt.write(format.format.unwrap_or(default))));
        }
        Verb::Part(part) => part.words(),
    };
    let (record, shown) = (
        records.get(&common.listing)?,
        records.shown(&common.listing)?,
    );
    let count = verb.claims().count();
    let (at, of) = (own.claims_at(Some(record)), common.of.as_deref());
    let (excerpt, hold, do_not_apply) = match lacking(record, common) {
        Some(reason) => {
            // What does not apply here is read all the same, as far as it can be.
            let readable = verb.claims().filter(|_| record.skipped.is_none());
            all(readable.map(|claim| claim::misread(claim, record, at.as_ref(), of)))?;
            (own.skipped(shown, reason)?, 0, count)
        }
        None => {
            // All claims, so that one run tells of every one that does not hold.
            let claims = verb.claims();
            all(claims.map(|claim| claim::check(claim, record, at.as_ref(), of).err()))?;
            (own.excerpt(shown, of)?, count, 0)
        }
    };
    Ok(Answer {
        text: excerpt.write(common.format.format.unwrap_or(default)),
        hold,
        do_not_apply,
    })
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

/// Why a verb does not apply to the machine of a record: all of the listing, or
/// this excerpt of it.
fn lacking(record: &Record, common: &Common) -> Option<String> {
    let needs = Needs {
        kernel: common.since,
        architecture: common.on.clone(),
        ..Needs::default()
    };
    let reason = record.skipped.clone();
    reason.or_else(|| needs.missing(&record.environment))
}

fn all(claims: impl Iterator<Item = Option<ClaimError>>) -> Result<(), AnswerError> {
    let wrong: Vec<_> = claims
        .enumerate()
        .filter_map(|(number, wrong)| Some((number, wrong?)))
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(AnswerError::Claims(wrong))
}

/// The amounts that the claims of a verb state, and those that they come to.
pub fn amounts(verb: &Verb, records: &Records, page_size: u64) -> Vec<Amount> {
    let Some((common, own)) = verb.part() else {
        return Vec::new();
    };
    let record = records.get(&common.listing).ok();
    let record = record.filter(|record| lacking(record, common).is_none());
    let at = own.claims_at(record);
    let here = record.map(|record| (record, at.as_ref(), common.of.as_deref()));
    let claims = verb.claims();
    claims
        .flat_map(|claim| claim::amounts(claim, here, page_size))
        .collect()
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
        answer(&cli.verb, &records, Format::Text).map(|answer| answer.text)
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
