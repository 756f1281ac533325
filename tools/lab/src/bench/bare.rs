//! The listings without a recorder: each is started, and never waits, since it
//! reads the end of its input where it would wait for Return.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use anyhow::Context;
use session::{Listings, Session, compile};

/// A listing, and those that run beside it: the checkpoint at which each starts,
/// its program and its arguments.
pub struct Bare {
    program: PathBuf,
    session: Session,
    beside: Vec<(String, PathBuf, Vec<String>)>,
}

/// All listings that the book shows, compiled.
pub fn listings(root: &Path) -> anyhow::Result<Vec<Bare>> {
    let (listings, compiled) = (Listings::of(root)?, compile(root, None)?);
    let program = |name: &str| compiled.program(name).map_err(anyhow::Error::msg);
    let plan = crate::plan(root)?;
    let shown: BTreeSet<&str> = plan.iter().map(|asked| asked.listing.as_str()).collect();
    let mut found = Vec::new();
    for name in shown {
        let session = listings.get(name)?.session()?.clone();
        if session.part_of.is_some() {
            continue;
        }
        let beside = session.companions.iter().map(|companion| {
            let program = program(&companion.listing)?.to_owned();
            Ok((companion.at.clone(), program, companion.arguments.clone()))
        });
        found.push(Bare {
            program: program(name)?.to_owned(),
            beside: beside.collect::<anyhow::Result<_>>()?,
            session,
        });
    }
    Ok(found)
}

/// Runs them, two at a time.
pub fn seconds(listings: &[Bare]) -> anyhow::Result<f64> {
    let queue = Mutex::new(listings.iter());
    let next = || xtask::lock(&queue).next();
    let start = Instant::now();
    thread::scope(|scope| {
        let work = || std::iter::from_fn(next).try_for_each(Bare::run);
        let other = scope.spawn(work);
        work()?;
        other.join().ok().context("a thread ended early")?
    })?;
    Ok(start.elapsed().as_secs_f64())
}

impl Bare {
    /// How it ends is not looked at: some end by a signal, on purpose.
    fn run(&self) -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let start = |program: &Path, arguments: &[String], output| -> anyhow::Result<Child> {
            let mut command = Command::new(program);
            command.args(arguments).current_dir(folder.path());
            command.stdin(Stdio::null()).stdout(output);
            command.stderr(Stdio::null());
            let started = command.spawn();
            started.with_context(|| format!("cannot start {}", program.display()))
        };
        let mut child = start(&self.program, &self.session.arguments, Stdio::piped())?;
        let printed = child.stdout.take().context("a listing has an output")?;
        let mut children = vec![child];
        for line in BufReader::new(printed).split(b'\n') {
            let line = line?;
            for (at, program, arguments) in &self.beside {
                if line.starts_with(format!("{at}:").as_bytes()) {
                    children.push(start(program, arguments, Stdio::null())?);
                }
            }
        }
        for mut child in children {
            child.wait()?;
        }
        Ok(())
    }
}
