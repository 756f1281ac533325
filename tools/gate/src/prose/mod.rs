//! Checks the prose of a chapter, as its author wrote it.
//!
//! | Check | What it refuses |
//! |---|---|
//! | [`numbers`] | a number with a unit that is neither printed nor claimed nor given |
//! | [`sentences`] | two sentences on a line, one sentence on two |
//! | [`links`] | a link to a manual page or a kernel document in another form |
//! | [`spelling`] | a spelling that is not British, and whatever else [`Rules`] know |
//! | [`headings`] | two headings or asides of one name, an aside without one |
//!
//! All of them look at the chapter's own source, before anything is included or
//! run, so that a place in it is a place in the author's file.

mod headings;
mod links;
mod marker;
mod numbers;
mod sentences;
mod source;
mod spelling;

use regex::Regex;

pub use marker::strip as strip_markers;
pub use spelling::{Misspellings, Rules, RulesError, TERMS};

use source::Source;

/// Something that the prose of a chapter should not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Byte offset of the place in the chapter's source.
    pub at: usize,
    /// What was found, and what to do.
    pub message: String,
}

/// All that is wrong with a chapter's prose, in the order of its source.
pub fn check(chapter: &str, rules: &Rules) -> Vec<Finding> {
    let source = Source::of(chapter);
    let mut found = numbers::check(&source);
    found.extend(sentences::check(&source));
    found.extend(links::check(&source));
    found.extend(spelling::check(&source, rules));
    found.extend(headings::check(&source));
    found.sort_by_key(|finding| finding.at);
    found
}

/// A pattern that is part of the program.
#[expect(clippy::expect_used, reason = "a constant, tried by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is well formed")
}

#[cfg(test)]
mod tests;
