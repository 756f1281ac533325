//! The listings without a recorder: each is started, and never waits, since it
//! reads the end of its input where it would wait for Return.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use anyhow::Context;
use session::{Compiled, Listings, Session, compile};

/// All listings that the book shows, compiled.
pub struct Bare {
    sessions: Vec<(String, Session)>,
    compiled: Compiled,
}

impl Bare {
    pub fn of(root: &Path) -> anyhow::Result<Self> {
        let (listings, plan) = (Listings::of(root)?, crate::plan(root)?);
        let shown: BTreeSet<&String> = plan.iter().map(|asked| &asked.listing).collect();
        let mut sessions = Vec::new();
        for name in shown {
            let session = listings.get(name)?.session()?;
            if session.part_of.is_none() {
                sessions.push((name.clone(), session.clone()));
            }
        }
        let compiled = compile(root, None)?;
        Ok(Self { sessions, compiled })
    }

    /// Runs them, two at a time.
    pub fn seconds(&self) -> anyhow::Result<f64> {
        let queue = Mutex::new(self.sessions.iter());
        let next = || xtask::lock(&queue).next();
        let start = Instant::now();
        thread::scope(|scope| {
            let run = |(name, session): &(String, Session)| self.run(name, session);
            let work = move || std::iter::from_fn(next).try_for_each(run);
            let other = scope.spawn(work);
            work()?;
            other.join().ok().context("a thread ended early")?
        })?;
        Ok(start.elapsed().as_secs_f64())
    }

    /// One of them, and those that run beside it. How it ends is not looked at: some
    /// end by a signal, on purpose.
    fn run(&self, name: &str, session: &Session) -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let start = |name: &str, arguments: &[String], output| -> anyhow::Result<Child> {
            let mut command =
                Command::new(self.compiled.program(name).map_err(anyhow::Error::msg)?);
            command.args(arguments).current_dir(folder.path());
            command.stdin(Stdio::null()).stdout(output);
            command.stderr(Stdio::null());
            let started = command.spawn();
            started.with_context(|| format!("cannot start {name}"))
        };
        let mut child = start(name, &session.arguments, Stdio::piped())?;
        let printed = child.stdout.take().context("a listing has an output")?;
        let mut children = vec![child];
        for line in BufReader::new(printed).split(b'\n') {
            let line = line?;
            for beside in &session.companions {
                if line.starts_with(format!("{}:", beside.at).as_bytes()) {
                    children.push(start(&beside.listing, &beside.arguments, Stdio::null())?);
                }
            }
        }
        for mut child in children {
            child.wait()?;
        }
        Ok(())
    }
}
