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
use crate::record::{Companion, Order, Record, or_stored, record};
use crate::session::Session;

/// One record per listing, or the reason why there is none.
#[derive(Debug, Default)]
pub struct Records {
    outcomes: BTreeMap<String, Result<Record, String>>,
    /// Listings that run in the session of another.
    part_of: BTreeMap<String, String>,
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
            return Ok(Self {
                outcomes,
                ..Self::default()
            });
        }
        let start = Instant::now();
        let (sessions, part_of) = sessions(&known, listings, &mut outcomes);
        // One listing by hand is compiled without the others.
        let only = match sessions.as_slice() {
            [session] => Some(session.programs()),
            _ => None,
        };
        let compiled = compile(listings.root(), only.as_deref())?;
        progress(Progress::Compiled(start.elapsed()));
        outcomes.extend(run_sessions(sessions, &compiled, progress));
        Ok(Self { outcomes, part_of })
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
        Ok(Self {
            outcomes,
            ..Self::default()
        })
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

    /// Whether a session of this listing has been run, be it that of another.
    pub fn ran(&self, listing: &str) -> Result<(), RecordsError> {
        let owner = self.part_of.get(listing).map_or(listing, String::as_str);
        self.get(owner).map(|_| ())
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

    /// One record, for tests.
    #[cfg(test)]
    pub fn of(record: Record) -> Self {
        Self {
            outcomes: BTreeMap::from([(record.listing.clone(), Ok(record))]),
            ..Self::default()
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

/// A session that is to be run.
struct Planned<'a> {
    listing: &'a str,
    /// The listing's folder.
    folder: &'a Path,
    session: Session,
    commands: &'a Commands,
}

impl Planned<'_> {
    /// The listings that it runs.
    fn programs(&self) -> Vec<&str> {
        let beside = self.session.companions.iter();
        let beside = beside.map(|companion| companion.listing.as_str());
        std::iter::once(self.listing).chain(beside).collect()
    }
}

/// Reads the session files. What is wrong with one becomes its outcome.
fn sessions<'a>(
    wanted: &[(&'a Listing, &'a Commands)],
    listings: &Listings,
    outcomes: &mut BTreeMap<String, Result<Record, String>>,
) -> (Vec<Planned<'a>>, BTreeMap<String, String>) {
    let mut planned = Vec::new();
    let mut part_of = BTreeMap::new();
    for (listing, commands) in wanted {
        let session = Session::of(listing, listings.root()).map_err(|error| error.to_string());
        let session = session.and_then(|session| {
            let mut beside = session.companions.iter();
            match beside.find_map(|companion| listings.get(&companion.listing).err()) {
                Some(unknown) => Err(format!("session.toml of `{}`: {unknown}", listing.name)),
                None => Ok(session),
            }
        });
        match session {
            Ok(session) if session.part_of.is_some() => {
                let owner = session.part_of.unwrap_or_default();
                let why = format!(
                    "`{0}` has no session of its own, it is part of that of `{owner}`: write `{owner} --process NAME` or `--at end:NAME`",
                    listing.name
                );
                outcomes.insert(listing.name.clone(), Err(why));
                part_of.insert(listing.name.clone(), owner);
            }
            Ok(session) => planned.push(Planned {
                listing: &listing.name,
                folder: &listing.folder,
                session,
                commands,
            }),
            Err(error) => {
                outcomes.insert(listing.name.clone(), Err(error));
            }
        }
    }
    (planned, part_of)
}

/// As many sessions at a time as there are processors; those that must be
/// alone come afterwards, one by one.
fn run_sessions(
    planned: Vec<Planned>,
    compiled: &Compiled,
    progress: &(dyn Fn(Progress) + Sync),
) -> Vec<(String, Result<Record, String>)> {
    let environment = Environment::here();
    let (alone, together): (Vec<_>, Vec<_>) = planned
        .into_iter()
        .partition(|planned| planned.session.alone);
    let run = |planned: Planned| {
        let start = Instant::now();
        let name = planned.listing.to_owned();
        let outcome = one_session(&planned, compiled, &environment);
        let skipped = outcome
            .as_ref()
            .ok()
            .and_then(|record| record.skipped.clone());
        progress(match skipped {
            Some(reason) => Progress::Skipped(name.clone(), reason),
            None => Progress::Recorded(name.clone(), start.elapsed()),
        });
        let outcome = match planned.session.stored {
            true => outcome.and_then(|record| or_stored(record, planned.folder)),
            false => outcome,
        };
        (name, outcome)
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let queue = Mutex::new(together.into_iter());
    let next = || queue.lock().ok().and_then(|mut queue| queue.next());
    let mut outcomes = Vec::new();
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
    planned: &Planned,
    compiled: &Compiled,
    environment: &Environment,
) -> Result<Record, String> {
    let name = planned.listing;
    let companions = planned.session.companions.iter().map(|companion| {
        Ok(Companion {
            name: companion.name.clone(),
            listing: companion.listing.clone(),
            program: compiled.program(&companion.listing)?.to_owned(),
            arguments: companion.arguments.clone(),
            at: companion.at.clone(),
        })
    });
    let order = Order {
        listing: name,
        program: compiled.program(name)?,
        session: &planned.session,
        environment,
        commands: planned.commands,
        companions: companions.collect::<Result<_, String>>()?,
    };
    record(&order).map_err(|failure| format!("the listing `{name}` {failure}"))
}
