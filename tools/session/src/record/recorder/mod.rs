//! Drives a listing from checkpoint to checkpoint.

mod command;
mod failure;
pub mod lines;
mod look;
mod named;
mod run;
mod shell;
mod waiting;

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use super::Record;
use crate::environment::Environment;
use crate::keeper::{Ending, Folder};
use crate::records::Commands;
use crate::session::{Companion, Session};

pub use failure::SessionFailure;
use run::Run;

/// One session that is to be run.
pub struct Order<'a> {
    /// The listing's name.
    pub listing: &'a str,
    pub program: &'a Path,
    pub session: &'a Session,
    pub environment: &'a Environment,
    /// The commands of the chapters, at each checkpoint that one looks at.
    pub commands: &'a Commands,
    /// The programs that run beside it.
    pub companions: Vec<(Companion, PathBuf)>,
}

/// Runs one session of a listing.
pub fn record(order: &Order) -> Result<Record, SessionFailure> {
    if let Some(reason) = order.session.needs.missing(order.environment) {
        return Ok(Record {
            skipped: Some(reason),
            ..order.record()
        });
    }
    // A page may show its path, so its name tells the listing.
    let name = format!("session-{}", order.listing);
    let temporary = env::temp_dir();
    let folder = Folder::make(&temporary, &name).map_err(|error| {
        let path = temporary.join(name);
        format!(
            "cannot start the session: cannot make {}: {error}",
            path.display()
        )
    })?;
    Run::start(order, folder.path())?.record()
}

impl Order<'_> {
    /// The record before anything has happened.
    fn record(&self) -> Record {
        Record {
            listing: self.listing.to_owned(),
            environment: self.environment.clone(),
            arguments: self.session.arguments.clone(),
            pid: 0,
            transcript: Vec::new(),
            checkpoints: Vec::new(),
            values: BTreeMap::new(),
            companions: BTreeMap::new(),
            ending: Ending::Exit(0),
            skipped: None,
            stored: None,
        }
    }
}
