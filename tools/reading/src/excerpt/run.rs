//! `capture run`: terminal 1.

use anyhow::{Context, Result};
use clap::Args;

use super::terminal::{Row, terminal};
use super::{Excerpt, Part};
use session::{Ending, Moment, Place, Record, quoted};
use text::nearest;

/// What the listing printed and where Return was pressed.
#[derive(Debug, Default, Args)]
pub struct Run {
    /// Stop where the listing waits at this checkpoint
    #[arg(long, value_name = "CHECKPOINT")]
    until: Option<String>,
    /// A program that ran beside it, by its name in the session
    #[arg(long, value_name = "NAME")]
    process: Option<String>,
}

impl Part for Run {
    fn places(&self) -> Vec<Place> {
        self.until
            .iter()
            .filter_map(|name| name.parse().ok())
            .collect()
    }

    fn excerpt(&self, record: &Record, _: Option<&str>) -> Result<Excerpt> {
        let (mut number, mut shown) = (1, record);
        if let Some(name) = &self.process {
            let mut companions = (2..).zip(&record.companions);
            let found = companions.find(|(_, (known, _))| *known == name);
            (number, (_, shown)) = found.with_context(|| {
                let near = nearest(name, record.companions.keys().map(String::as_str));
                format!(
                    "no program named `{name}` ran beside `{}`{near}",
                    record.listing
                )
            })?;
        }
        let until = self.until.as_deref();
        if let Some(name) = until {
            shown.at(name)?;
        }
        // Behind the command, cargo's own lines: whether it compiles depends on
        // the reader's folder, not on the listing.
        let mut rows = vec![Row::command(&command(shown)), Row::elided()];
        let mut moments = shown.transcript.iter().peekable();
        while let Some(moment) = moments.next() {
            let Moment::Printed(text) = moment else {
                continue;
            };
            let name = match moments.peek() {
                Some(Moment::Pressed(name)) => Some(name.as_str()),
                _ => None,
            };
            let here = until.is_some() && name == until;
            rows.push(Row::line(number, text, name.is_some() && !here, None));
            if here {
                break;
            }
        }
        if until.is_none() && shown.ending != Ending::Exit(0) {
            rows.push(Row::ended(&format!("ended with {}", shown.ending)));
        }
        let what = self.process.as_deref().unwrap_or("the listing");
        let caption = match until {
            Some(name) => format!("{what}, up to {name}"),
            None => what.to_owned(),
        };
        Ok(terminal(number, &shown.caption(&caption), &rows))
    }

    fn skipped(&self, record: &Record, reason: String) -> Result<Excerpt> {
        // What a skipped listing printed says why; it may not even have been
        // started.
        if record.skipped.is_none() || record.transcript.is_empty() {
            return Ok(Excerpt::skipped(record, &reason));
        }
        Self::default().excerpt(record, None)
    }
}

/// What a reader types: with the arguments that the session gave.
fn command(record: &Record) -> String {
    let mut command = format!("cargo run -p {}", record.listing);
    if !record.arguments.is_empty() {
        let words = record.arguments.iter().map(|word| quoted(word));
        command.push_str(" -- ");
        command.push_str(&words.collect::<Vec<_>>().join(" "));
    }
    command
}
