//! Excerpts: the part of a record that a page shows.
//!
//! Each verb is a [`Part`] and makes an [`Excerpt`]. Its HTML stands in Markdown,
//! which ends a block of HTML at a blank line, and a list item at a line that is
//! not indented; and mdBook reads `{{#`. An excerpt is therefore one line, with
//! `& < > {` and every line feed encoded: what was captured can never become
//! markup or a directive.

mod claims;
mod proc_line;
mod run;
mod show;
mod steps;
mod terminal;
mod value;

pub use claims::Claims;
pub use run::Run;
pub use show::Show;
pub use steps::Steps;
pub use value::Inline;

use std::collections::BTreeSet;

use anyhow::Result;
use clap::Args;

use crate::claim::Claim;
use session::{Place, Record, Records};
use text::escape;

/// A part of a record that a verb shows. The verb itself says only what is its
/// own; `cli` and `answer` do the rest.
pub trait Part {
    /// The places that it names, at which the session must look.
    fn places(&self) -> Vec<Place> {
        Vec::new()
    }

    /// What the session runs there in a shell.
    fn command(&self) -> Option<String> {
        None
    }

    /// What it claims itself, beside what `--expect` does.
    fn claims(&self) -> &[Claim] {
        &[]
    }

    /// Where the fields of claims are looked at that name no place: the last that
    /// it names.
    fn claims_at(&self) -> Option<Place> {
        self.places().pop()
    }

    /// The excerpt. `of` names the mapping that smaps fields mean, where the
    /// listing printed several addresses.
    fn excerpt(&self, record: &Record, of: Option<&str>) -> Result<Excerpt>;

    /// What stands there where it does not apply to the machine of the record.
    fn skipped(&self, record: &Record, reason: String) -> Result<Excerpt> {
        Ok(Excerpt::skipped(record, &reason))
    }
}

/// `capture record`: all of a record as JSON, which is nothing for a page.
#[derive(Debug, Args)]
pub struct Whole {}

impl Part for Whole {
    fn excerpt(&self, record: &Record, _: Option<&str>) -> Result<Excerpt> {
        let text = serde_json::to_string_pretty(record)? + "\n";
        let html = text.clone();
        Ok(Excerpt { html, text })
    }

    fn skipped(&self, record: &Record, _: String) -> Result<Excerpt> {
        self.excerpt(record, None)
    }
}

/// What a page shows of a record, as one HTML element or none, and what a terminal
/// does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpt {
    pub html: String,
    pub text: String,
}

impl Excerpt {
    /// What a terminal says, and no page shows.
    fn unseen(told: &str) -> Self {
        let (html, text) = (String::new(), format!("{told}\n"));
        Self { html, text }
    }

    /// That there is nothing to show here, and why.
    fn skipped(record: &Record, reason: &str) -> Self {
        let listing = &record.listing;
        Self {
            html: format!(
                "<p class=\"skipped\"><strong>Skipped.</strong> The machine that built this page could not run <code>{}</code>: {}.</p>\n",
                escape(listing),
                escape(reason)
            ),
            text: format!("skipped: `{listing}`: {reason}\n"),
        }
    }

    /// Words in the middle of a sentence, where Markdown still reads punctuation.
    fn inline(words: &str) -> Self {
        let mut html = "<span class=\"captured\">".to_owned();
        for c in words.chars() {
            match c {
                c if c.is_ascii_punctuation() => html.push_str(&format!("&#{};", u32::from(c))),
                // A number and its unit stay together.
                ' ' => html.push_str("&nbsp;"),
                c => html.push(c),
            }
        }
        Self {
            html: html + "</span>\n",
            text: format!("{words}\n"),
        }
    }
}

/// The line of HTML that tells where the excerpts of these listings come from: this
/// build, and stored records.
pub fn environment(records: &Records, listings: &BTreeSet<&str>) -> Result<String> {
    let shown = listings.iter().map(|name| records.shown(name));
    let shown: Vec<&Record> = shown.collect::<Result<_, _>>()?;
    let mut lines = Vec::new();
    for (when, is_stored) in [
        ("Captured while this page was built", false),
        ("Recorded earlier", true),
    ] {
        let of_kind = shown
            .iter()
            .filter(|each| each.stored.is_some() == is_stored);
        let machines: BTreeSet<String> = of_kind.map(|each| each.environment.to_string()).collect();
        if !machines.is_empty() {
            lines.push(format!("{when}: {}.", Vec::from_iter(machines).join("; ")));
        }
    }
    let lines = escape(&lines.join(" "));
    Ok(format!("<p class=\"environment\">{lines}</p>\n"))
}
