//! A record becomes claims and excerpts.
//!
//! A `view` is one place of a record and knows every field there, with its unit
//! and its source. A *claim* (`claim`) about such fields must hold; an *excerpt*
//! (`excerpt`) shows a part of the record, a *figure* (`figure`) as a picture.
//! `cli` and `answer` make the command `capture` of this; a `plan` is what a book
//! asks, for other machines.
//!
//! This room runs nothing itself: records come from `session`. It knows nothing
//! of mdBook.

mod answer;
mod claim;
mod cli;
mod excerpt;
mod figure;
#[cfg(any(test, fuzzing))]
pub mod hostile;
mod plan;
#[cfg(any(test, fuzzing))]
#[path = "../../session/src/record/sample.rs"]
mod sample_record;
pub mod unit;
mod view;

use std::env;
use std::ffi::OsStr;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Parser;
use session::{Listings, Records};

pub use answer::{Answer, AnswerError, amounts, answer};
pub use cli::{Cli, Verb, records_folder};
pub use excerpt::environment;
pub use plan::{Asked, NAME as CHECK, Plan, Verdict, Verdicts};

#[cfg(any(test, fuzzing))]
use {
    sample_record::sample,
    session::{Checkpoint, Ending, Environment, ProcFiles, Record},
};

/// Must be the first thing in the `main` of every program that records: under
/// the name of a keeper or of `capture`, this binary is that program.
pub fn under_another_name() -> Option<ExitCode> {
    session::under_another_name().or_else(|| {
        let name = env::args_os().next()?;
        match Path::new(&name).file_name().and_then(OsStr::to_str)? {
            plan::NAME => Some(say(plan::NAME, plan::verdicts())),
            "capture" => Some(main()),
            _ => None,
        }
    })
}

/// The command `capture`.
pub fn main() -> ExitCode {
    say("capture", run(&Cli::parse().verb))
}

/// Prints what a command has to say.
fn say(name: &str, text: Result<String>) -> ExitCode {
    let said = text.and_then(|text| match io::stdout().write_all(text.as_bytes()) {
        // Whoever reads has had enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| anyhow::anyhow!("cannot write: {error}")),
    });
    match said {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // Nobody may be listening; the status tells it all the same.
            let _ = writeln!(io::stderr(), "{name}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: &Verb) -> Result<String> {
    let wants = verb.wants();
    let folder = records_folder();
    let records = match &folder {
        Some(folder) => Records::read(folder, &wants)?,
        None => {
            let here = env::current_dir().context("there is no current folder")?;
            let listings = Listings::above(&here)?;
            if let Some(why) = verb.never_applies(&listings) {
                bail!(why);
            }
            Records::make(&listings, &wants, None, &|_| {})?
        }
    };
    // What runs a page's directives names the folder and reads through a pipe.
    let for_page = folder.is_some() && !io::stdout().is_terminal();
    let Answer { html, text, .. } = answer(verb, &records)?;
    Ok(if for_page { html } else { text })
}
