//! The records of one build, or of one call by hand.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::compile::{CompileError, Compiled, compile};
use crate::environment::Environment;
use crate::listings::{Listing, Listings, ListingsError};
use crate::memo::{Basis, Memo, Stamp};
use crate::progress::{Progress, span};
use crate::record::{Order, Record, STORED, or_stored, record, unknown, with_stand_ins};
use crate::session::Session;
use crate::want::Want;

/// One record per listing, or the reason why there is none.
#[derive(Debug, Clone, Default)]
pub struct Records {
    outcomes: BTreeMap<String, Outcome>,
    /// What excerpts show instead, in a reproducible build.
    stand_ins: BTreeMap<String, Arc<Record>>,
}

/// What became of one listing.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Outcome {
    Recorded(Arc<Record>),
    /// It runs in the session of that other listing.
    PartOf(String),
    /// There is no record, for this reason.
    Failed(String),
}

impl PartialEq for Outcome {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Recorded(one), Self::Recorded(other)) => Arc::ptr_eq(one, other),
            (Self::PartOf(one), Self::PartOf(other)) | (Self::Failed(one), Self::Failed(other)) => {
                one == other
            }
            _ => false,
        }
    }
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
        let plan = plan(wants);
        let mut outcomes = BTreeMap::new();
        let mut known = Vec::new();
        for (name, commands) in &plan {
            match listings.get(name) {
                Ok(listing) => known.push((listing, commands)),
                Err(unknown) => {
                    outcomes.insert(name.clone(), Outcome::Failed(unknown.to_string()));
                }
            }
        }
        if known.is_empty() {
            return Ok(Self::of(outcomes));
        }
        let sessions = sessions(&known, listings, &mut outcomes);
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
        Ok(Self::of(outcomes))
    }

    /// One record that no session left.
    pub fn of_one(record: Record) -> Self {
        let name = record.listing.clone();
        Self::of(BTreeMap::from([(
            name,
            Outcome::Recorded(Arc::new(record)),
        )]))
    }

    /// Reads the records that are wanted from a folder that a build wrote.
    pub fn read(folder: &Path, wants: &[Want]) -> Result<Self, RecordsError> {
        let mut outcomes = BTreeMap::new();
        let mut wanted: Vec<String> = wants.iter().map(|want| want.listing.clone()).collect();
        while let Some(name) = wanted.pop() {
            if outcomes.contains_key(&name) {
                continue;
            }
            let outcome = read(folder, &name)?;
            if let Outcome::PartOf(owner) = &outcome {
                wanted.push(owner.clone());
            }
            outcomes.insert(name, outcome);
        }
        Ok(Self::of(outcomes))
    }

    fn of(outcomes: BTreeMap<String, Outcome>) -> Self {
        Self {
            outcomes,
            ..Self::default()
        }
    }

    /// From here on, excerpts show stand-ins for what is new in each session.
    pub fn show_stand_ins(&mut self, listings: &Listings) -> Result<(), RecordsError> {
        for (name, outcome) in &self.outcomes {
            let Outcome::Recorded(record) = outcome else {
                continue;
            };
            let session = Session::of(listings.get(name)?, listings.root());
            let varies = session.map(|session| session.varies).unwrap_or_default();
            let shown = with_stand_ins(record, &varies).map_err(|source| RecordsError::Parse {
                path: name.into(),
                source,
            })?;
            self.stand_ins.insert(name.clone(), Arc::new(shown));
        }
        Ok(())
    }

    /// Those of some listings, and no others.
    #[must_use]
    pub fn only(&self, listings: &BTreeSet<&str>) -> Self {
        let mut only = Self::default();
        let mut wanted: Vec<&str> = listings.iter().copied().collect();
        while let Some(name) = wanted.pop() {
            let Some(outcome) = self.outcomes.get(name) else {
                continue;
            };
            let known = only.outcomes.insert(name.to_owned(), outcome.clone());
            if known.is_some() {
                continue;
            }
            if let Outcome::PartOf(owner) = outcome {
                wanted.push(owner);
            }
            if let Some(shown) = self.stand_ins.get(name) {
                only.stand_ins.insert(name.to_owned(), Arc::clone(shown));
            }
        }
        only
    }

    /// Whether each is the very record of the others, left by the same session.
    /// Stand-ins are made anew in each build.
    pub fn are(&self, others: &Self) -> bool {
        self.outcomes == others.outcomes && self.stand_ins.is_empty() && others.stand_ins.is_empty()
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
        match self.outcomes.get(listing) {
            Some(Outcome::PartOf(owner)) => self.get(owner),
            _ => self.get(listing),
        }
        .map(|_| ())
    }

    /// The record of a listing.
    pub fn get(&self, listing: &str) -> Result<&Record, RecordsError> {
        match self.outcomes.get(listing) {
            Some(Outcome::Recorded(record)) => Ok(record),
            Some(Outcome::PartOf(owner)) => Err(RecordsError::NoRecord(format!(
                "`{listing}` has no session of its own, it is part of that of `{owner}`: write `{owner} --process NAME` or `--at end:NAME`"
            ))),
            Some(Outcome::Failed(why)) => Err(RecordsError::NoRecord(why.clone())),
            None => Err(RecordsError::NoRecord(format!(
                "there is no record of `{listing}`"
            ))),
        }
    }

    /// What excerpts show of a listing: its record, or what stands for it.
    pub fn shown(&self, listing: &str) -> Result<&Record, RecordsError> {
        match self.stand_ins.get(listing) {
            Some(shown) => Ok(shown),
            None => self.get(listing),
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

/// The names of the listings that are wanted.
pub fn wanted(wants: &[Want]) -> BTreeSet<&str> {
    wants.iter().map(|want| want.listing.as_str()).collect()
}

fn read(folder: &Path, listing: &str) -> Result<Outcome, RecordsError> {
    let path = file(folder, listing);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(RecordsError::NotRecorded {
                listing: listing.to_owned(),
                folder: folder.to_owned(),
            });
        }
        Err(source) => return Err(RecordsError::File { path, source }),
    };
    serde_json::from_slice(&text).map_err(|source| RecordsError::Parse { path, source })
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

    /// What it is made of, if all of that is there.
    fn basis(&self, compiled: &Compiled, environment: &Environment) -> Option<Basis> {
        let programs = self.programs().into_iter().map(|listing| {
            let program = compiled.program(listing).ok()?;
            Stamp::of(program).ok()
        });
        let mut files: Vec<Stamp> = programs.collect::<Option<_>>()?;
        files.extend(Stamp::of(&self.folder.join(STORED)).ok());
        Some(Basis {
            files,
            session: self.session.clone(),
            commands: self.commands.clone(),
            environment: environment.clone(),
        })
    }
}

/// What is wrong between a session and those of other listings.
fn not_together(name: &str, session: &Session, listings: &Listings) -> Option<String> {
    let beside = session.companions.iter().map(|each| &each.listing);
    let named = beside.chain(&session.part_of);
    if let Some(unknown) = named.into_iter().find_map(|each| listings.get(each).err()) {
        return Some(unknown.to_string());
    }
    let owner = session.part_of.as_ref()?;
    let sessions = Session::of(listings.get(owner).ok()?, listings.root());
    let runs_it = |owner: &Session| owner.companions.iter().any(|each| each.listing == name);
    (!sessions.ok().as_ref().is_some_and(runs_it)).then(|| {
        format!("it is `part-of` that of `{owner}`, which does not run it; name it among the companions there")
    })
}

/// Reads the sessions. What is wrong with one becomes its outcome.
fn sessions<'a>(
    wanted: &[(&'a Listing, &'a Commands)],
    listings: &Listings,
    outcomes: &mut BTreeMap<String, Outcome>,
) -> Vec<Planned<'a>> {
    let mut planned = Vec::new();
    for (listing, commands) in wanted {
        let session = Session::of(listing, listings.root()).map_err(|error| error.to_string());
        let session =
            session.and_then(
                |session| match not_together(&listing.name, &session, listings) {
                    Some(what) => Err(format!("the session of `{}`: {what}", listing.name)),
                    None => Ok(session),
                },
            );
        match session {
            Ok(Session {
                part_of: Some(owner),
                ..
            }) => {
                outcomes.insert(listing.name.clone(), Outcome::PartOf(owner));
            }
            Ok(session) => planned.push(Planned {
                listing: &listing.name,
                folder: &listing.folder,
                session,
                commands,
            }),
            Err(error) => {
                outcomes.insert(listing.name.clone(), Outcome::Failed(error));
            }
        }
    }
    planned
}

/// As many sessions at a time as there are processors; those that must be
/// alone come afterwards, one by one.
fn run_sessions(
    planned: Vec<Planned>,
    compiled: &Compiled,
    memo: Option<&Memo>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Vec<(String, Outcome)> {
    let environment = Environment::here();
    let (alone, mut together): (Vec<_>, Vec<_>) = planned
        .into_iter()
        .partition(|planned| planned.session.alone);
    // Whoever asks for more time takes longer: last, it would run when the other
    // processors have nothing left to do.
    together.sort_by_key(|planned| Reverse(planned.session.time_limit()));
    let run = |planned: Planned| {
        let name = planned.listing.to_owned();
        let basis = memo.and_then(|_| planned.basis(compiled, &environment));
        if let (Some(memo), Some(basis)) = (memo, &basis)
            && let Some(record) = memo.record(&name, basis)
        {
            return (name, Outcome::Recorded(record));
        }
        let start = Instant::now();
        let outcome = one_session(&planned, compiled, &environment);
        progress(match &outcome {
            Ok(record) => match &record.skipped {
                Some(reason) => Progress::Skipped(name.clone(), reason.clone()),
                None => Progress::Recorded(name.clone(), start.elapsed()),
            },
            Err(_) => Progress::Recorded(name.clone(), start.elapsed()),
        });
        let outcome = match planned.session.stored {
            true => outcome.and_then(|record| or_stored(record, planned.folder)),
            false => outcome,
        };
        let outcome = match (memo, basis) {
            (Some(memo), Some(basis)) => outcome.map(|record| memo.keep(&name, basis, record)),
            _ => outcome.map(Arc::new),
        };
        (
            name,
            outcome.map_or_else(Outcome::Failed, Outcome::Recorded),
        )
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
        let program = compiled.program(&companion.listing)?;
        Ok((companion.clone(), program.to_owned()))
    });
    let order = Order {
        listing: name,
        program: compiled.program(name)?,
        session: &planned.session,
        environment,
        commands: planned.commands,
        companions: companions.collect::<Result<_, String>>()?,
    };
    let record = record(&order).map_err(|failure| format!("the listing `{name}` {failure}"))?;
    match unknown(&record, &planned.session.varies) {
        None => Ok(record),
        Some(what) => Err(format!("the session of `{name}`: {what}")),
    }
}
