//! `capture-check PLAN`: all that a book asks of its listings, asked on another
//! machine.
//!
//! A plan is the book's directives, without the book. Checking one runs the same
//! sessions, by the same code, and answers the same directives as a build does.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Error, Result, anyhow};
use serde::{Deserialize, Serialize};

use crate::answer::{AnswerError, answer};
use crate::cli::Verb;
use session::{Listings, Record, Records, Want};

/// The name under which the running binary becomes this command.
pub const NAME: &str = "capture-check";

/// All that a book asks of its listings, in the order of the book.
pub type Plan = Vec<Asked>;

/// What came of it, by listing.
pub type Verdicts = BTreeMap<String, Verdict>;

/// What one place of a book asks of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Chapter and line: `src/first-contact/fork.md:12`.
    pub place: String,
    pub listing: String,
    /// The words of a directive, `capture` first; none where the page only
    /// shows the listing, which must run all the same.
    pub words: Vec<String>,
}

/// Whether all that a book says of a listing is true on a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    Holds,
    /// It does not apply there, and why.
    Skipped(String),
    /// It is broken there, or these claims are false, each with its place.
    Fails(Vec<String>),
}

/// Runs the session of each listing and checks every claim about it.
fn check(listings: &Listings, plan: &Plan) -> Result<Verdicts> {
    let read = |asked: &Asked| match &asked.words[..] {
        [] => Ok(None),
        words => Verb::read(words).map(Some).map_err(Error::msg),
    };
    let verbs: Vec<Option<Verb>> = plan.iter().map(read).collect::<Result<_>>()?;
    let shown = plan.iter().map(|asked| Want::of(&asked.listing));
    let wants: Vec<Want> = shown
        .chain(verbs.iter().flatten().flat_map(Verb::wants))
        .collect();
    let records = Records::make(listings, &wants, None, &|_| {})?;
    if let Some(folder) = env::var_os("CAPTURE_KEEP_RECORDS") {
        records.write(Path::new(&folder))?;
    }

    let mut verdicts = Verdicts::new();
    for (asked, verb) in plan.iter().zip(&verbs) {
        let answered = match verb {
            Some(verb) => answer(verb, &records).map(drop),
            None => records.ran(&asked.listing).map_err(AnswerError::from),
        };
        let messages = answered.map_or_else(|why| why.messages(), |()| Vec::new());
        let verdict = verdicts
            .entry(asked.listing.clone())
            .or_insert_with(|| of_session(&records, &asked.listing));
        verdict.add(&asked.place, messages);
    }
    Ok(verdicts)
}

/// What the session alone says.
fn of_session(records: &Records, listing: &str) -> Verdict {
    // A stored record tells nothing of this machine.
    match records.get(listing).ok().and_then(Record::lacked) {
        Some(reason) => Verdict::Skipped(reason.to_owned()),
        None => Verdict::Holds,
    }
}

impl Verdict {
    /// The same words at several places, such as those of a broken listing,
    /// stand once, at the first.
    fn add(&mut self, place: &str, messages: Vec<String>) {
        for message in messages {
            let told = format!(": {message}");
            match self {
                Self::Fails(all) if all.iter().any(|known| known.ends_with(&told)) => {}
                Self::Fails(all) => all.push(format!("{place}{told}")),
                _ => *self = Self::Fails(vec![format!("{place}{told}")]),
            }
        }
    }
}

/// What the command prints: the verdicts as JSON.
pub fn verdicts() -> Result<String> {
    let plan = env::args_os().nth(1).context("needs the file of a plan")?;
    let unreadable = |why: &dyn std::fmt::Display| anyhow!("{}: {why}", Path::new(&plan).display());
    let text = fs::read(&plan).map_err(|why| unreadable(&why))?;
    let asked = serde_json::from_slice(&text).map_err(|why| unreadable(&why))?;
    let listings = Listings::above(&env::current_dir()?)?;
    Ok(serde_json::to_string(&check(&listings, &asked)?)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_stand_once() {
        let mut verdict = Verdict::Skipped("needs root".to_owned());
        verdict.add("a.md:1", Vec::new());
        assert_eq!(verdict, Verdict::Skipped("needs root".to_owned()));
        verdict.add("a.md:1", vec!["broken".to_owned()]);
        verdict.add("a.md:9", vec!["broken".to_owned(), "false".to_owned()]);
        let fails = ["a.md:1: broken", "a.md:9: false"].map(str::to_owned);
        assert_eq!(verdict, Verdict::Fails(fails.to_vec()));
    }

    #[test]
    fn a_plan_survives_its_way_to_another_machine() {
        let plan = vec![Asked {
            place: "src/a.md:3".to_owned(),
            listing: "l".to_owned(),
            words: ["capture", "run", "l", "--expect", "Rss == 1 page"]
                .map(str::to_owned)
                .to_vec(),
        }];
        let text = serde_json::to_string(&plan).expect("writes");
        assert_eq!(serde_json::from_str::<Plan>(&text).expect("reads"), plan);
    }
}
