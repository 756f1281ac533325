//! The records of one build, or of one call by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::compile::compile;
use crate::error::RecordsError;
use crate::listings::Listings;
use crate::memo::Memo;
use crate::progress::{Progress, span};
use crate::record::{Record, with_stand_ins};
use crate::running::{run_sessions, sessions};
use crate::want::{Want, wanted};

/// One record per listing, or the reason why there is none.
#[derive(Debug, Clone, Default)]
pub struct Records {
    outcomes: Outcomes,
    /// What excerpts show instead, in a reproducible build.
    stand_ins: BTreeMap<String, Arc<Record>>,
}

pub type Outcomes = BTreeMap<String, Outcome>;

/// What became of one listing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Outcome {
    Recorded(Arc<Record>),
    /// It runs in the session of that other listing.
    PartOf(String),
    /// There is no record, for this reason.
    Failed(String),
}

/// Commands by checkpoint, of one listing.
pub type Commands = BTreeMap<String, BTreeSet<String>>;

impl Records {
    /// Compiles the listings and runs one session of each that is wanted, with
    /// all that is wanted of it, or takes what a memo has.
    ///
    /// Whatever is wrong with one listing is kept for the excerpts that need
    /// it; only what concerns all of them is an error.
    pub fn make(
        listings: &Listings,
        wants: &[Want],
        memo: Option<&Memo>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Self, RecordsError> {
        let mut outcomes = Outcomes::new();
        let sessions = sessions(wants, listings, &mut outcomes);
        if !sessions.is_empty() {
            // One listing by hand is compiled without the others.
            let only = match sessions.as_slice() {
                [session] => Some(session.programs()),
                _ => None,
            };
            let start = Instant::now();
            let compile = || compile(listings.root(), only.as_deref());
            let compiled = match memo {
                // The programs of one listing are not those of all.
                Some(memo) if only.is_none() => memo.compiled(listings.root(), compile)?,
                _ => Arc::new(compile()?),
            };
            progress(Progress::Compiled(start.elapsed()));
            progress(Progress::Spent("compile", start.elapsed()));
            outcomes.extend(span("sessions", progress, || {
                run_sessions(sessions, &compiled, memo, progress)
            }));
        }
        Ok(Self::of(outcomes))
    }

    /// One record that no session left.
    pub fn of_one(record: Record) -> Self {
        let name = record.listing.clone();
        Self::of([(name, Outcome::Recorded(record.into()))].into())
    }

    /// Reads the records that are wanted from a folder that a build wrote.
    pub fn read(folder: &Path, wants: &[Want]) -> Result<Self, RecordsError> {
        let mut outcomes = Outcomes::new();
        for name in wanted(wants) {
            let outcome = read(folder, name)?;
            if let Outcome::PartOf(owner) = &outcome {
                outcomes.insert(owner.clone(), read(folder, owner)?);
            }
            outcomes.insert(name.to_owned(), outcome);
        }
        Ok(Self::of(outcomes))
    }

    fn of(outcomes: Outcomes) -> Self {
        Self {
            outcomes,
            ..Self::default()
        }
    }

    /// From here on, excerpts show stand-ins for what is new in each session.
    pub fn show_stand_ins(&mut self, listings: &Listings) -> Result<(), RecordsError> {
        for (name, outcome) in &self.outcomes {
            if let Outcome::Recorded(record) = outcome {
                let session = listings.get(name)?.session();
                let varies = session.map_or(&[][..], |session| &session.varies);
                let shown = with_stand_ins(record, varies)
                    .map_err(|why| RecordsError::cannot("parse", name.as_ref(), why))?;
                self.stand_ins.insert(name.clone(), Arc::new(shown));
            }
        }
        Ok(())
    }

    /// Whether the record of a listing is the very one of the others, left by the
    /// same session. Stand-ins are made anew in each build.
    pub fn same(&self, others: &Self, listing: &str) -> bool {
        let of = |records: &Self| {
            let name = records.owner(listing).unwrap_or(listing);
            match records.outcomes.get(name) {
                Some(Outcome::Recorded(record)) => Some(Arc::as_ptr(record)),
                _ => None,
            }
        };
        self.stand_ins.is_empty()
            && others.stand_ins.is_empty()
            && of(self).is_some()
            && of(self) == of(others)
    }

    /// Writes each record into a file of its own.
    pub fn write(&self, folder: &Path) -> Result<(), RecordsError> {
        for (name, outcome) in &self.outcomes {
            let path = file(folder, name);
            let text = serde_json::to_vec(outcome).map_err(io::Error::from);
            text.and_then(|text| fs::write(&path, text))
                .map_err(|why| RecordsError::cannot("write", &path, why))?;
        }
        Ok(())
    }

    /// Whether a session of this listing has been run, be it that of another.
    pub fn ran(&self, listing: &str) -> Result<(), RecordsError> {
        self.get(self.owner(listing).unwrap_or(listing)).map(drop)
    }

    /// The record of a listing.
    pub fn get(&self, listing: &str) -> Result<&Record, RecordsError> {
        Err(RecordsError(match self.outcomes.get(listing) {
            Some(Outcome::Recorded(record)) => return Ok(record),
            Some(Outcome::PartOf(owner)) => format!(
                "`{listing}` has no session of its own, it is part of that of `{owner}`: write `{owner} --process NAME` or `--at end:NAME`"
            ),
            Some(Outcome::Failed(why)) => why.clone(),
            None => format!("there is no record of `{listing}`"),
        }))
    }

    /// What excerpts show of a listing: its record, or what stands for it.
    pub fn shown(&self, listing: &str) -> Result<&Record, RecordsError> {
        let shown = self.stand_ins.get(listing);
        shown.map_or_else(|| self.get(listing), |shown| Ok(shown))
    }

    /// The listings, in the order of their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.outcomes.keys().map(String::as_str)
    }

    /// The listing whose session this one is part of.
    fn owner(&self, listing: &str) -> Option<&str> {
        match self.outcomes.get(listing) {
            Some(Outcome::PartOf(owner)) => Some(owner),
            _ => None,
        }
    }
}

/// A record's file: a name as a directive may give it is no path.
fn file(folder: &Path, listing: &str) -> PathBuf {
    let special = |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_';
    folder.join(format!("{}.json", listing.replace(special, "~")))
}

fn read(folder: &Path, listing: &str) -> Result<Outcome, RecordsError> {
    let path = file(folder, listing);
    let text = fs::read(&path).map_err(|why| match why.kind() {
        io::ErrorKind::NotFound => RecordsError(format!(
            "the records in {} do not hold `{listing}`: this build did not know that it is wanted",
            folder.display()
        )),
        _ => RecordsError::cannot("read", &path, why),
    })?;
    serde_json::from_slice(&text).map_err(|why| RecordsError::cannot("parse", &path, why))
}
