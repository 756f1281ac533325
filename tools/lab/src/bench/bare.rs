//! The listings without a recorder: each is started, and never waits, since it
//! reads the end of its input where it would wait for Return. What runs beside another
//! one is left out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use anyhow::Context;
use session::{Listings, Session, compile};

/// A listing's program, and how it is started.
pub struct Bare {
    program: PathBuf,
    session: Session,
}

/// All listings that the book shows, compiled.
pub fn listings(root: &Path) -> anyhow::Result<Vec<Bare>> {
    let (listings, compiled) = (Listings::of(root)?, compile(root, None)?);
    let plan = crate::plan(root)?;
    let shown: BTreeSet<&str> = plan.iter().map(|asked| asked.listing.as_str()).collect();
    let mut found = Vec::new();
    for name in shown {
        let session = Session::of(listings.get(name)?, listings.root())?;
        if session.part_of.is_none() {
            let program = compiled.program(name).map_err(anyhow::Error::msg)?;
            found.push(Bare {
                program: program.to_owned(),
                session,
            });
        }
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
        for (name, text) in &self.session.files {
            fs::write(folder.path().join(name), text)?;
        }
        let mut command = Command::new(&self.program);
        command.args(&self.session.arguments);
        command.current_dir(folder.path()).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
            .status()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        Ok(())
    }
}
