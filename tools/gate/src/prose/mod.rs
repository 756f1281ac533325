//! Checks the prose of a chapter, as its author wrote it.
//!
//! | Check | What it refuses |
//! |---|---|
//! | `numbers` | a number with a unit that no claim beside it states, and that is not given |
//! | `sentences` | two sentences on a line, one sentence on two |
//! | `links` | a link to a manual page or a kernel document in another form |
//! | `spelling` | a spelling that is not British, and whatever else [`Rules`] know |
//! | `predictions` | a prediction without one right choice and an answer behind it |
//! | `headings` | a chapter without one title, two headings or asides of one name, an aside without one |
//!
//! All of them look at the chapter's own source, before anything is included or
//! run, so that a place in it is a place in the author's file.

mod headings;
mod links;
pub(crate) mod numbers;
pub(crate) mod predictions;
mod sentences;
mod spelling;

pub use spelling::{Corrections, Rules, TERMS};

use crate::comment::Fault;
use crate::structure::Structure;

/// All that is wrong with a chapter's prose, in the order of its source. Whether
/// its numbers are true, only a record can tell: see `numbers`. Each finding has
/// its place in the source, in bytes, and says what was found and what to do.
pub fn check(chapter: &str, rules: &Rules) -> Vec<Fault> {
    check_structure(&Structure::of(chapter), rules)
}

/// Words that another list corrects. The one of typos-dict compiles for 16 s, so only
/// a test has it.
pub fn check_words(chapter: &str, rules: &Rules, corrections: Corrections) -> Vec<Fault> {
    spelling::check(&Structure::of(chapter), rules, corrections)
}

/// All of it, of a chapter that is taken apart already.
pub(crate) fn check_structure(structure: &Structure, rules: &Rules) -> Vec<Fault> {
    let mut found = sentences::check(structure);
    found.extend(links::check(structure));
    found.extend(spelling::check(structure, rules, spelling::british));
    found.extend(headings::check(structure));
    found.extend(predictions::check(structure));
    found.sort();
    found
}

#[cfg(test)]
mod tests;
