//! Runs the sessions and claims, or the build, in a setting.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use reading::{CHECK, Verdicts};
use session::{KEEP, cargo_build, compile};

use super::all::{Proof, SMALL, Task};
use super::make::Made;
use crate::check::AS_NOBODY;

/// Seconds that one setting may take; the listings may have to be compiled.
const LIMIT: &str = "900";

/// The list of the listings' programs, and all that the book asks of them.
const PROGRAMS: &str = "programs.json";
const PLAN: &str = "plan.json";

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
    lab: PathBuf,
}

impl Workplace {
    /// Compiles the listings and notes all that the book asks of them.
    pub fn prepare(root: &Path) -> anyhow::Result<Self> {
        let folder = root.join("target/matrix/settings");
        fs::create_dir_all(root.join(SMALL))?;
        let tools = cargo_build(&root.join("tools"), Some(&["xtask"]), None)?;
        let xtask = tools.program("xtask").map_err(anyhow::Error::msg)?;
        let programs = compile(root, None)?.programs;
        fs::write(folder.join(PROGRAMS), serde_json::to_vec(&programs)?)?;
        fs::write(folder.join(PLAN), serde_json::to_vec(&crate::plan(root)?)?)?;
        // The running binary becomes that command by its name.
        let _ = fs::remove_file(folder.join(CHECK));
        let lab = env::current_exe()?;
        symlink(&lab, folder.join(CHECK))?;
        Ok(Self {
            root: root.to_owned(),
            folder,
            programs,
            xtask: xtask.to_owned(),
            lab,
        })
    }

    /// What comes of a proof in a setting that is made. `as_nobody`: root becomes an
    /// ordinary user.
    pub fn prove(&self, proof: &Proof, made: &Made, as_nobody: bool) -> Outcome {
        let output_of = |words: &[OsString]| self.output_of(words, made, as_nobody);
        // Where nothing can be run in it, the setting cannot be made.
        match output_of(&["true".into()]) {
            Ok(output) if output.status.success() => {}
            Ok(output) => {
                let printed = text(&output);
                let reason = printed.trim_end().lines().next_back();
                return Outcome::NotTried(reason.unwrap_or_default().to_owned());
            }
            Err(error) => return Outcome::NotTried(error.to_string()),
        }
        let words = match proof {
            Proof::Claims => [self.folder.join(CHECK), self.folder.join(PLAN)],
            Proof::Succeeds(task) | Proof::Tells(task, _) => match task {
                Task::Build => [self.xtask.clone(), "build".into()],
                Task::Check => [self.lab.clone(), "check".into()],
            },
        };
        let output = match output_of(&words.map(OsString::from)) {
            Ok(output) => output,
            Err(error) => return Outcome::Fails(error.to_string()),
        };
        let printed = text(&output);
        let as_it_should = match proof {
            Proof::Claims => {
                // Its only line of this kind, among what shells and limits may say.
                let verdicts = printed.lines().rev().find(|line| line.starts_with('{'));
                let verdicts = verdicts.and_then(|line| serde_json::from_str(line).ok());
                return verdicts.map_or(Outcome::Fails(printed), Outcome::Listings);
            }
            Proof::Succeeds(_) => output.status.success(),
            Proof::Tells(_, what) => output.status.code() == Some(1) && printed.contains(what),
        };
        match as_it_should && !printed.contains("panicked at") {
            true => Outcome::Holds,
            false => Outcome::Fails(format!("{printed}{}", output.status)),
        }
    }

    /// Runs a command in the setting, with nothing left running.
    fn output_of(&self, words: &[OsString], made: &Made, as_nobody: bool) -> io::Result<Output> {
        let mut command = Command::new("/proc/self/exe");
        command.arg0(KEEP).arg(LIMIT).args(made.by_root);
        if as_nobody {
            command.args(AS_NOBODY);
        }
        command.args(made.under).args(words);
        let programs = made.programs.clone();
        let programs = programs.unwrap_or_else(|| self.folder.join(PROGRAMS));
        command.env("CAPTURE_PROGRAMS", programs);
        command.env("MDBOOK_BUILD__BUILD_DIR", self.folder.join("book"));
        command.current_dir(&self.root).stdin(Stdio::null());
        made.apply(&mut command);
        command.output()
    }
}

fn text(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}
