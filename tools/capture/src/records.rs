//! The records of one build, or of one call by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::cli::Want;
use crate::compile::{CompileError, Compiled, compile};
use crate::environment::Environment;
use crate::listings::{Listing, Listings, ListingsError};
use crate::record::{Record, record};
use crate::session::Session;

/// One record per listing, or the reason why there is none.
#[derive(Debug, Default)]
pub struct Records {
    outcomes: BTreeMap<String, Result<Record, String>>,
}

#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    #[error(transparent)]
    Listings(#[from] ListingsError),
    #[error(transparent)]
    Compile(#[from] CompileError),
    #[error("{0}")]
    NoRecord(String),
    #[error("the records in {} do not hold `{listing}`: this build did not know that it is wanted", folder.display())]
    NotRecorded { listing: String, folder: PathBuf },
    #[error("cannot read or write {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("cannot parse {}: {source}", path.display())]
    Parse {
        path: PathBuf,
        source: serde_json::Error,
    },
}

/// What a build does just now, for those who wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    Compiled(Duration),
    Recorded(String, Duration),
    /// A listing that this machine cannot run, and why.
    Skipped(String, String),
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compiled(time) => write!(f, "  compiled the listings in {} ms", time.as_millis()),
            Self::Recorded(listing, time) => {
                write!(f, "  recorded {listing} in {} ms", time.as_millis())
            }
            Self::Skipped(listing, reason) => write!(f, "  skipped {listing}: {reason}"),
        }
    }
}

/// Commands by checkpoint, of one listing.
type Commands = BTreeMap<String, BTreeSet<String>>;

impl Records {
    /// Compiles the listings and runs one session of each that is wanted, with
    /// all that is wanted of it.
    ///
    /// Whatever is wrong with one listing is kept for the excerpts that need
    /// it; only what concerns all of them is an error.
    pub fn make(
        listings: &Listings,
        wants: &[Want],
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Self, RecordsError> {
        let plan = plan(wants);
        let mut outcomes = BTreeMap::new();
        let mut known = Vec::new();
        for (name, commands) in &plan {
            match listings.get(name) {
                Ok(listing) => known.push((listing, commands)),
                Err(unknown) => {
                    outcomes.insert(name.clone(), Err(unknown.to_string()));
                }
            }
        }
        if known.is_empty() {
            return Ok(Self { outcomes });
        }
        let start = Instant::now();
        // One listing by hand is compiled alone; a build compiles them all.
        let only = match known.as_slice() {
            [(listing, _)] => Some(listing.name.as_str()),
            _ => None,
        };
        let compiled = compile(listings.root(), only)?;
        progress(Progress::Compiled(start.elapsed()));
        outcomes.extend(run_sessions(&known, listings.root(), &compiled, progress));
        Ok(Self { outcomes })
    }

    /// Reads the records that are wanted from a folder that a build wrote.
    pub fn read(folder: &Path, wants: &[Want]) -> Result<Self, RecordsError> {
        let mut outcomes = BTreeMap::new();
        for name in wants.iter().map(|want| &want.listing) {
            if outcomes.contains_key(name) {
                continue;
            }
            let path = file(folder, name);
            let text = fs::read(&path).map_err(|source| match source.kind() {
                io::ErrorKind::NotFound => RecordsError::NotRecorded {
                    listing: name.clone(),
                    folder: folder.to_owned(),
                },
                _ => RecordsError::File {
                    path: path.clone(),
                    source,
                },
            })?;
            let outcome = serde_json::from_slice(&text)
                .map_err(|source| RecordsError::Parse { path, source })?;
            outcomes.insert(name.clone(), outcome);
        }
        Ok(Self { outcomes })
    }

    /// Writes each record into a file of its own.
    pub fn write(&self, folder: &Path) -> Result<(), RecordsError> {
        for (name, outcome) in &self.outcomes {
            let path = file(folder, name);
            let text = serde_json::to_vec(outcome).map_err(|source| RecordsError::Parse {
                path: path.clone(),
                source,
            })?;
            fs::write(&path, text).map_err(|source| RecordsError::File { path, source })?;
        }
        Ok(())
    }

    /// The record of a listing.
    pub fn get(&self, listing: &str) -> Result<&Record, RecordsError> {
        match self.outcomes.get(listing) {
            Some(Ok(record)) => Ok(record),
            Some(Err(why)) => Err(RecordsError::NoRecord(why.clone())),
            None => Err(RecordsError::NoRecord(format!(
                "there is no record of `{listing}`"
            ))),
        }
    }

    /// The listings, in the order of their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.outcomes.keys().map(String::as_str)
    }
}

/// A record's file: a name as a directive may give it is no path.
fn file(folder: &Path, listing: &str) -> PathBuf {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name: String = listing
        .chars()
        .map(|c| if plain(c) { c } else { '~' })
        .collect();
    folder.join(format!("{name}.json"))
}

fn plan(wants: &[Want]) -> BTreeMap<String, Commands> {
    let mut plan: BTreeMap<String, Commands> = BTreeMap::new();
    for want in wants {
        let commands = plan.entry(want.listing.clone()).or_default();
        if let Some((checkpoint, command)) = &want.at {
            let here = commands.entry(checkpoint.clone()).or_default();
            here.extend(command.clone());
        }
    }
    plan
}

/// As many sessions at a time as there are processors; those that must be
/// alone come afterwards, one by one.
fn run_sessions(
    wanted: &[(&Listing, &Commands)],
    root: &Path,
    compiled: &Compiled,
    progress: &(dyn Fn(Progress) + Sync),
) -> Vec<(String, Result<Record, String>)> {
    let environment = Environment::here();
    let mut together = Vec::new();
    let mut alone = Vec::new();
    let mut outcomes = Vec::new();
    for (listing, commands) in wanted {
        match Session::of(listing, root) {
            Ok(session) if session.alone => alone.push((*listing, *commands, session)),
            Ok(session) => together.push((*listing, *commands, session)),
            Err(error) => outcomes.push((listing.name.clone(), Err(error.to_string()))),
        }
    }
    let run = |(listing, commands, session): (&Listing, &Commands, Session)| {
        let start = Instant::now();
        let name = listing.name.clone();
        let outcome = one_session(&name, compiled, &session, &environment, commands);
        let skipped = outcome
            .as_ref()
            .ok()
            .and_then(|record| record.skipped.clone());
        progress(match skipped {
            Some(reason) => Progress::Skipped(name.clone(), reason),
            None => Progress::Recorded(name.clone(), start.elapsed()),
        });
        (name, outcome)
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let queue = Mutex::new(together.into_iter());
    let next = || queue.lock().ok().and_then(|mut queue| queue.next());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers)
            .map(|_| scope.spawn(|| std::iter::from_fn(next).map(run).collect::<Vec<_>>()))
            .collect();
        for worker in workers {
            match worker.join() {
                Ok(done) => outcomes.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    outcomes.extend(alone.into_iter().map(run));
    outcomes
}

fn one_session(
    name: &str,
    compiled: &Compiled,
    session: &Session,
    environment: &Environment,
    commands: &Commands,
) -> Result<Record, String> {
    if let Some(words) = compiled.failures.get(name) {
        return Err(format!(
            "the listing `{name}` does not compile\n{}",
            words.trim_end()
        ));
    }
    let program = compiled.programs.get(name).ok_or_else(|| {
        format!("the listing `{name}` has no program of that name; it is one file, src/main.rs")
    })?;
    record(name, program, session, environment, commands)
        .map_err(|failure| format!("the listing `{name}` {failure}"))
}
