//! Runs the sessions and claims, or the build, in a setting.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::Context;
use reading::{CHECK, Verdicts};
use session::{KEEP, cargo_build, compile};

use super::all::{Proof, SMALL, Task};
use super::make::Made;
use crate::check::AS_NOBODY;

/// Seconds that one setting may take; the listings may have to be compiled.
const LIMIT: &str = "900";

/// What came of it.
pub enum Outcome {
    /// What holds of each listing.
    Listings(Verdicts),
    /// As it should be.
    Holds,
    /// Not as it should be, with what was printed.
    Fails(String),
    /// It cannot be made on this machine, and why.
    NotTried(String),
}

/// What is made once for all settings.
pub struct Workplace {
    root: PathBuf,
    pub folder: PathBuf,
    pub programs: BTreeMap<String, PathBuf>,
    xtask: PathBuf,
}

impl Workplace {
    /// Compiles the listings and notes all that the book asks of them.
    pub fn prepare(root: &Path) -> anyhow::Result<Self> {
        let folder = root.join("target/matrix/settings");
        fs::create_dir_all(root.join(SMALL))?;
        let tools = cargo_build(&root.join("tools"), Some(&["xtask"]), None)?;
        let place = Self {
            root: root.to_owned(),
            programs: compile(root, None)?.programs,
            xtask: tools
                .program("xtask")
                .map_err(anyhow::Error::msg)?
                .to_owned(),
            folder,
        };
        fs::write(place.list(), serde_json::to_vec(&place.programs)?)?;
        fs::write(
            place.folder.join("plan.json"),
            serde_json::to_vec(&crate::plan(root)?)?,
        )?;
        // The running binary becomes that command by its name.
        let _ = fs::remove_file(place.folder.join(CHECK));
        symlink(env::current_exe()?, place.folder.join(CHECK))?;
        Ok(place)
    }

    fn list(&self) -> PathBuf {
        self.folder.join("programs.json")
    }
}

/// A setting that is made, for one user.
pub struct Trial<'a> {
    /// Root becomes an ordinary user.
    pub as_nobody: bool,
    pub made: &'a Made,
    pub place: &'a Workplace,
}

impl Trial<'_> {
    pub fn run(&self, proof: &Proof) -> Outcome {
        // Where nothing can be run in it, the setting cannot be made.
        match self.output_of(&["true".into()]) {
            Ok(output) if output.status.success() => {}
            Ok(output) => {
                let printed = text(&output);
                let reason = printed.trim_end().lines().next_back();
                return Outcome::NotTried(reason.unwrap_or_default().to_owned());
            }
            Err(error) => return Outcome::NotTried(format!("{error:#}")),
        }
        let outcome = match proof {
            Proof::Claims => self.claims(),
            Proof::Succeeds(task) => self.task(task, None),
            Proof::Tells(task, what) => self.task(task, Some(what)),
        };
        outcome.unwrap_or_else(|error| Outcome::Fails(format!("{error:#}")))
    }

    fn claims(&self) -> anyhow::Result<Outcome> {
        let check = self.place.folder.join(CHECK);
        let printed =
            text(&self.output_of(&[check.into(), self.place.folder.join("plan.json").into()])?);
        // Its only line of this kind, among what shells and limits may say.
        let verdicts = printed.lines().rev().find(|line| line.starts_with('{'));
        Ok(match verdicts.map(serde_json::from_str) {
            Some(Ok(verdicts)) => Outcome::Listings(verdicts),
            Some(Err(_)) | None => Outcome::Fails(printed),
        })
    }

    /// Runs it; where it must fail, it says why, in these words.
    fn task(&self, task: &Task, must_tell: Option<&str>) -> anyhow::Result<Outcome> {
        let output = self.output_of(&match task {
            Task::Build => [self.place.xtask.clone().into(), "build".into()],
            Task::Check => [env::current_exe()?.into(), "check".into()],
        })?;
        let printed = text(&output);
        let as_it_should = match must_tell {
            None => output.status.success(),
            Some(what) => output.status.code() == Some(1) && printed.contains(what),
        };
        Ok(if as_it_should && !printed.contains("panicked at") {
            Outcome::Holds
        } else {
            Outcome::Fails(format!("{printed}{}", output.status))
        })
    }

    /// Runs a command in the setting, with nothing left running.
    fn output_of(&self, words: &[OsString]) -> anyhow::Result<Output> {
        let Self { made, place, .. } = self;
        let mut command = Command::new("/proc/self/exe");
        command.arg0(KEEP).arg(LIMIT).args(made.by_root);
        if self.as_nobody {
            command.args(AS_NOBODY);
        }
        command.args(made.under).args(words);
        command.current_dir(&place.root);
        let programs = made.programs.clone();
        command.env("CAPTURE_PROGRAMS", programs.unwrap_or_else(|| place.list()));
        command.env("MDBOOK_BUILD__BUILD_DIR", place.folder.join("book"));
        command.stdin(Stdio::null());
        made.apply(&mut command);
        command.output().context("cannot start a command")
    }
}

fn text(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}
