//! `capture run`: terminal 1.

use clap::Args;

use super::{Excerpt, Part, Row, Terminal};
use crate::answer::AnswerError;
use session::{Ending, Moment, Place, Record, RecordError, quoted};
use text::nearest;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(
        "no program named `{name}` ran beside `{listing}`{}",
        nearest(name, known.iter().map(String::as_str))
    )]
    NoCompanion {
        listing: String,
        name: String,
        known: Vec<String>,
    },
}

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
        let place = |checkpoint: &String| Place {
            checkpoint: checkpoint.clone(),
            process: None,
        };
        self.until.iter().map(place).collect()
    }

    fn excerpt(&self, record: &Record, _: Option<&str>) -> Result<Excerpt, AnswerError> {
        let (until, process) = (self.until.as_deref(), self.process.as_deref());
        Ok(run(record, until, process)?)
    }

    fn skipped(&self, record: &Record, reason: String) -> Result<Excerpt, AnswerError> {
        // What a skipped listing printed says why; it may not even have been
        // started.
        if record.skipped.is_none() || record.transcript.is_empty() {
            return Ok(Excerpt::Skipped {
                listing: record.listing.clone(),
                reason,
            });
        }
        Ok(run(record, None, None)?)
    }
}

fn run(record: &Record, until: Option<&str>, process: Option<&str>) -> Result<Excerpt, RunError> {
    let (number, record) = match process {
        None => (1, record),
        Some(name) => companion(record, name)?,
    };
    if let Some(name) = until {
        record.at(name)?;
    }
    // Behind the command, cargo's own lines: whether it compiles depends on
    // the reader's folder, not on the listing.
    let mut rows = vec![Row::Command(command(record)), Row::Elided];
    for moment in &record.transcript {
        match moment {
            Moment::Printed(text) => rows.push(Row::Line {
                text: text.clone(),
                pressed: false,
                note: None,
            }),
            Moment::Pressed(name) if Some(name.as_str()) == until => break,
            Moment::Pressed(_) => {
                if let Some(Row::Line { pressed, .. }) = rows.last_mut() {
                    *pressed = true;
                }
            }
        }
    }
    if until.is_none() && record.ending != Ending::Exit(0) {
        rows.push(Row::Ended(format!("ended with {}", record.ending)));
    }
    let what = process.unwrap_or("the listing");
    let caption = match until {
        Some(name) => format!("{what}, up to {name}"),
        None => what.to_owned(),
    };
    Ok(Excerpt::Terminal(Terminal {
        number,
        caption: record.caption(&caption),
        rows,
    }))
}

/// The terminal's number and the record of a program that ran beside.
fn companion<'a>(record: &'a Record, name: &str) -> Result<(u8, &'a Record), RunError> {
    let mut companions = (2..).zip(&record.companions);
    match companions.find(|(_, (known, _))| *known == name) {
        Some((number, (_, companion))) => Ok((number, companion)),
        None => Err(RunError::NoCompanion {
            listing: record.listing.clone(),
            name: name.to_owned(),
            known: record.companions.keys().cloned().collect(),
        }),
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
