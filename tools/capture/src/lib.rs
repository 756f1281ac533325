//! Records a listing's session, and shows, draws and checks excerpts of it.
//!
//! The data flows one way. A *listing* (`listings`) is compiled (`compile`). A
//! *session* (`session`) runs it under a keeper (`keeper`) and leaves a *record*
//! (`record`), on a machine (`environment`). An *excerpt* (`excerpt`) of the
//! record stands on a page, and a *claim* (`claim`) about it must hold. `cli` and
//! `answer` make a command of this; `records` is where a build keeps them. A
//! `plan` is what a book asks, for other machines.
//!
//! This library knows nothing of mdBook.

#[cfg(not(target_os = "linux"))]
compile_error!(
    "this book shows what Linux says: build it on Linux, for example in a virtual machine or under WSL 2"
);

mod answer;
mod claim;
mod cli;
mod commands;
mod compile;
mod environment;
mod excerpt;
#[cfg(any(test, fuzzing))]
pub mod hostile;
mod keeper;
mod listings;
mod memo;
mod nearest;
mod plan;
mod progress;
mod record;
mod records;
mod session;
mod unit;

use std::env;
use std::ffi::OsStr;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

pub use answer::{AnswerError, answer};
pub use claim::is_name as is_claim_name;
pub use cli::{Cli, Format, Verb, Want, records_folder};
pub use commands::{Command, at_checkpoint, commands};
pub use compile::{CompileError, Compiled, Foreign, cargo_build, compile, forget_the_outer_cargo};
pub use environment::without_address_randomisation;
pub use keeper::alone::NAME as KEEP;
pub use keeper::{Keeper, guard_folder};
pub use listings::{Listing, Listings, ListingsError};
pub use memo::Memo;
pub use nearest::nearest;
pub use plan::{Asked, NAME as CHECK, Plan, Verdict, Verdicts};
pub use progress::{Progress, span};
pub use records::{Records, RecordsError, wanted};
pub use session::Session;

/// Must be the first thing in the `main` of every program that records: under
/// the name of a keeper or of `capture`, this binary is that program.
pub fn under_another_name() -> Option<ExitCode> {
    let name = env::args_os().next()?;
    match Path::new(&name).file_name().and_then(OsStr::to_str)? {
        keeper::NAME => Some(keeper::inside::main()),
        keeper::alone::NAME => Some(keeper::alone::main()),
        plan::NAME => Some(plan::main()),
        "capture" => Some(main()),
        _ => None,
    }
}

/// The command `capture`.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli.verb) {
        Ok(text) => match io::stdout().write_all(text.as_bytes()) {
            // Whoever reads has had enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Err(error) => fail(&format!("cannot write: {error}")),
            Ok(()) => ExitCode::SUCCESS,
        },
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(message: &str) -> ExitCode {
    // Nobody may be listening; the status tells it all the same.
    let _ = writeln!(io::stderr(), "capture: {message}");
    ExitCode::FAILURE
}

fn run(verb: &Verb) -> Result<String, AnswerError> {
    let records = match records_folder() {
        Some(folder) => Records::read(&folder, &verb.wants())?,
        None => {
            let here = env::current_dir().map_err(|source| RecordsError::File {
                path: ".".into(),
                source,
            })?;
            let listings = Listings::above(&here).map_err(RecordsError::from)?;
            let mut wants = verb.wants();
            if let Verb::Record { all: true, .. } = verb {
                wants.extend(listings.iter().map(|listing| Want::of(&listing.name)));
            }
            Records::make(&listings, &wants, None, &|_| {})?
        }
    };
    let format = if io::stdout().is_terminal() {
        Format::Text
    } else {
        Format::Html
    };
    answer(verb, &records, format)
}
