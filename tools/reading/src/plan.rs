//! `capture-check PLAN`: all that a book asks of its listings, asked on another
//! machine.
//!
//! A plan is the book's directives, without the book. Checking one runs the same
//! sessions, by the same code, and answers the same directives as a build does.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use crate::answer::answer;
use crate::cli::{Format, Verb};
use session::Listings;
use session::Records;
use session::Want;

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
pub fn check(listings: &Listings, plan: &Plan) -> Result<Verdicts, String> {
    let mut wants = Vec::new();
    let mut verbs = Vec::new();
    for asked in plan {
        let verb = match asked.words.as_slice() {
            [] => None,
            words => Some(Verb::read(words)?),
        };
        wants.push(Want::of(&asked.listing));
        wants.extend(verb.iter().flat_map(|verb| verb.wants()));
        verbs.push(verb);
    }
    let records =
        Records::make(listings, &wants, None, &|_| {}).map_err(|error| error.to_string())?;
    if let Some(folder) = env::var_os("CAPTURE_KEEP_RECORDS") {
        let written = records.write(Path::new(&folder));
        written.map_err(|error| error.to_string())?;
    }

    let mut verdicts = Verdicts::new();
    for (asked, verb) in plan.iter().zip(&verbs) {
        let messages = match verb {
            Some(verb) => answer(verb, &records, Format::Html)
                .err()
                .map_or_else(Vec::new, |error| error.messages()),
            None => records
                .ran(&asked.listing)
                .err()
                .map_or_else(Vec::new, |error| vec![error.to_string()]),
        };
        let verdict = verdicts
            .entry(asked.listing.clone())
            .or_insert_with(|| of_session(&records, &asked.listing));
        verdict.add(&asked.place, messages);
    }
    Ok(verdicts)
}

/// What the session alone says.
fn of_session(records: &Records, listing: &str) -> Verdict {
    let record = records.get(listing).ok();
    // A stored record tells nothing of this machine.
    match record.and_then(|record| record.skipped.clone().or(record.stored.clone())) {
        Some(reason) => Verdict::Skipped(reason),
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

/// The command: prints the verdicts as JSON.
pub fn main() -> ExitCode {
    match of_arguments() {
        Ok(text) if writeln!(io::stdout(), "{text}").is_ok() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{NAME}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn of_arguments() -> Result<String, String> {
    let plan = env::args_os().nth(1).ok_or("needs the file of a plan")?;
    let unreadable = |why: &dyn std::fmt::Display| format!("{}: {why}", Path::new(&plan).display());
    let text = fs::read(&plan).map_err(|error| unreadable(&error))?;
    let asked = serde_json::from_slice(&text).map_err(|error| unreadable(&error))?;
    let here = env::current_dir().map_err(|error| error.to_string())?;
    let listings = Listings::above(&here).map_err(|error| error.to_string())?;
    let verdicts = check(&listings, &asked)?;
    serde_json::to_string(&verdicts).map_err(|error| error.to_string())
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
