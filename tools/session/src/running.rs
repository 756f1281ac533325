//! The sessions of one build: which there are, and how they run side by side.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::iter::once;
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;

use crate::compile::Compiled;
use crate::environment::Environment;
use crate::error::RecordsError;
use crate::listings::{Listing, Listings};
use crate::memo::{Basis, Memo, Stamp};
use crate::progress::Progress;
use crate::record::{Order, Record, STORED, or_stored, record, unknown};
use crate::records::{Commands, Outcome, Outcomes};
use crate::session::Session;
use crate::want::Want;

/// A session that is to be run.
pub struct Planned<'a> {
    listing: &'a Listing,
    session: &'a Session,
    commands: Commands,
}

impl Planned<'_> {
    /// The listings that it runs.
    pub fn programs(&self) -> Vec<&str> {
        let beside = self.session.companions.iter();
        let beside = beside.map(|companion| companion.listing.as_str());
        once(&self.listing.name[..]).chain(beside).collect()
    }

    /// What it is made of, if all of that is there.
    fn basis(&self, compiled: &Compiled, environment: &Environment) -> Option<Basis> {
        let programs = self.programs().into_iter();
        let programs = programs.map(|listing| Stamp::of(compiled.program(listing).ok()?).ok());
        let mut files: Vec<Stamp> = programs.collect::<Option<_>>()?;
        files.extend(Stamp::of(&self.listing.folder.join(STORED)).ok());
        Some(Basis {
            files,
            session: self.session.clone(),
            commands: self.commands.clone(),
            environment: environment.clone(),
        })
    }

    fn run(&self, compiled: &Compiled, environment: &Environment) -> Result<Record, String> {
        let name = &self.listing.name;
        let companions = self.session.companions.iter().map(|companion| {
            let program = compiled.program(&companion.listing)?;
            Ok((companion.clone(), program.to_owned()))
        });
        let order = Order {
            listing: name,
            program: compiled.program(name)?,
            session: self.session,
            environment,
            commands: &self.commands,
            companions: companions.collect::<Result<_, String>>()?,
        };
        let record = record(&order).map_err(|failure| format!("the listing `{name}` {failure}"))?;
        match unknown(&record, &self.session.varies) {
            None => Ok(record),
            Some(what) => Err(format!("the session of `{name}`: {what}")),
        }
    }
}

/// Reads the sessions that are wanted. What is wrong with one becomes its outcome.
pub fn sessions<'a>(
    wants: &[Want],
    listings: &'a Listings,
    outcomes: &mut Outcomes,
) -> Vec<Planned<'a>> {
    let mut wanted: BTreeMap<&str, Commands> = BTreeMap::new();
    for want in wants {
        let commands = wanted.entry(&want.listing).or_default();
        if let Some((checkpoint, command)) = &want.at {
            let here = commands.entry(checkpoint.clone()).or_default();
            here.extend(command.clone());
        }
    }
    let mut planned = Vec::new();
    for (name, commands) in wanted {
        let outcome = match session(name, listings) {
            Ok((listing, session)) => match &session.part_of {
                Some(owner) => Outcome::PartOf(owner.clone()),
                None => {
                    planned.push(Planned {
                        listing,
                        session,
                        commands,
                    });
                    continue;
                }
            },
            Err(what) => Outcome::Failed(what.to_string()),
        };
        outcomes.insert(name.to_owned(), outcome);
    }
    planned
}

/// A listing and its session, which fits those of others.
fn session<'a>(
    name: &str,
    listings: &'a Listings,
) -> Result<(&'a Listing, &'a Session), RecordsError> {
    let listing = listings.get(name)?;
    let session = listing.session()?;
    match fits(name, session, listings) {
        Ok(()) => Ok((listing, session)),
        Err(what) => Err(RecordsError(format!("the session of `{name}`: {what}"))),
    }
}

fn fits(name: &str, session: &Session, listings: &Listings) -> Result<(), RecordsError> {
    for companion in &session.companions {
        listings.get(&companion.listing)?;
    }
    let Some(owner) = &session.part_of else {
        return Ok(());
    };
    let owners = listings.get(owner)?.session();
    let runs_it = |owner: &Session| owner.companions.iter().any(|each| each.listing == name);
    match owners.is_ok_and(runs_it) {
        true => Ok(()),
        false => Err(RecordsError(format!(
            "it is `part-of` that of `{owner}`, which does not run it; name it among the companions there"
        ))),
    }
}

/// As many sessions at a time as there are processors; those that must be
/// alone come afterwards, one by one.
pub fn run_sessions(
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
        let outcome = one_session(&planned, compiled, &environment, memo, progress);
        let outcome = outcome.map_or_else(Outcome::Failed, Outcome::Recorded);
        (planned.listing.name.clone(), outcome)
    };
    let mut outcomes: Vec<_> = together.into_iter().par_bridge().map(run).collect();
    outcomes.extend(alone.into_iter().map(run));
    outcomes
}

/// Runs a session, or takes what the memo has of it.
fn one_session(
    planned: &Planned,
    compiled: &Compiled,
    environment: &Environment,
    memo: Option<&Memo>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Arc<Record>, String> {
    let name = &planned.listing.name;
    let run = || {
        let start = Instant::now();
        let outcome = planned.run(compiled, environment);
        let skipped = outcome.as_ref().ok().and_then(|it| it.skipped.clone());
        progress(match skipped {
            Some(reason) => Progress::Skipped(name.clone(), reason),
            None => Progress::Recorded(name.clone(), start.elapsed()),
        });
        match planned.session.stored {
            true => or_stored(outcome?, &planned.listing.folder),
            false => outcome,
        }
    };
    match memo.and_then(|memo| Some((memo, planned.basis(compiled, environment)?))) {
        Some((memo, basis)) => memo.record(name, basis, run),
        None => run().map(Arc::new),
    }
}
