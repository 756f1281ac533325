//! From the words of a verb to what it prints.

use std::collections::BTreeSet;

use anyhow::ensure;
use session::{Needs, Record, Records, RecordsError};
use text::nearest;

use crate::cli::{Common, Verb};
use crate::excerpt::Part;
use crate::unit::Amount;
use crate::view::View;

/// Why a verb prints nothing.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    #[error(transparent)]
    Records(#[from] RecordsError),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
    /// Each with its number among the verb's claims.
    #[error("{}", self.messages().join("\n"))]
    Claims(Vec<(usize, String)>),
}

impl AnswerError {
    /// Each thing that is wrong, in words: several claims may not hold.
    pub fn messages(&self) -> Vec<String> {
        match self {
            Self::Claims(claims) => claims.iter().map(|(_, why)| why.clone()).collect(),
            other => vec![other.to_string()],
        }
    }
}

/// What a verb prints, and what became of its claims.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// One HTML element, for a page.
    pub html: String,
    /// Plain text, for a terminal.
    pub text: String,
    /// Claims that hold.
    pub hold: usize,
    /// Claims that do not apply to the machine of the record.
    pub do_not_apply: usize,
}

/// Answers a verb from records that hold all that it wants. Claims are checked
/// on the record itself, whatever an excerpt shows of it.
pub fn answer(verb: &Verb, records: &Records) -> Result<Answer, AnswerError> {
    let (common, own) = verb.part();
    let record = records.get(&common.listing)?;
    let shown = records.shown(&common.listing)?;
    let at = own.claims_at();
    let here = common.here(record, at.as_ref());
    let lacking = lacking(record, common);
    // All claims, so that one run tells of every one that does not hold. What does not
    // apply here is read all the same, as far as it can be.
    let wrong = verb.claims().enumerate().filter_map(|(number, claim)| {
        let why = match lacking {
            None => here.check(claim).err().map(|why| why.to_string()),
            Some(_) if record.skipped.is_some() => None,
            Some(_) => here.misread(claim),
        };
        Some((number, why?))
    });
    let wrong: Vec<(usize, String)> = wrong.collect();
    if !wrong.is_empty() {
        return Err(AnswerError::Claims(wrong));
    }
    let count = verb.claims().count();
    let (excerpt, hold) = match lacking {
        Some(reason) => (own.skipped(shown, reason)?, 0),
        None => (own.excerpt(shown, here.of)?, count),
    };
    if record.skipped.is_none() {
        check_names(record, common, own)?;
    }
    Ok(Answer {
        html: excerpt.html,
        text: excerpt.text,
        hold,
        do_not_apply: count - hold,
    })
}

/// What a verb names is there, whether something looks at it or not.
fn check_names(record: &Record, common: &Common, own: &dyn Part) -> anyhow::Result<()> {
    for place in own.places() {
        View::at(record, &place, None)?;
    }
    if let Some(of) = common.of.as_deref() {
        let seen = record.checkpoints.iter().flat_map(|at| at.addresses.keys());
        let seen: BTreeSet<&str> = seen.map(String::as_str).collect();
        ensure!(
            seen.contains(of),
            "`{}` printed no address named `{of}`{}",
            record.listing,
            nearest(of, seen.into_iter())
        );
    }
    Ok(())
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

/// The amounts that the claims of a verb state, and those that they come to.
pub fn amounts(verb: &Verb, records: &Records, page_size: u64) -> Vec<Amount> {
    let (common, own) = verb.part();
    let stated = verb.claims().flat_map(|claim| claim.stated(page_size));
    let mut amounts: Vec<Amount> = stated.collect();
    let record = records.get(&common.listing).ok();
    if let Some(record) = record.filter(|record| lacking(record, common).is_none()) {
        let at = own.claims_at();
        let here = common.here(record, at.as_ref());
        amounts.extend(verb.claims().flat_map(|claim| here.amounts(claim)));
    }
    amounts
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
        answer(&cli.verb, &records).map(|answer| answer.text)
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
