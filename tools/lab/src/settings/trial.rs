//! Runs the sessions and claims, or the build, in a setting.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::bail;
use reading::{CHECK, Verdict, Verdicts};
use session::{KEEP, cargo_build, compile};

use super::all::{Make, Proof, SMALL, Setting, Task};
use super::make::apply;
use crate::verdicts::tail;

/// Seconds that one setting may take; the listings may have to be compiled.
const LIMIT: &str = "900";

/// Has a command run as the user and the group that belong to nobody.
const AS_NOBODY: [&str; 4] = [
    "setpriv",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
];

/// The list of the listings' programs, and all that the book asks of them.
const PROGRAMS: &str = "programs.json";
const PLAN: &str = "plan.json";

/// What is made once for all settings.
pub struct Workplace {
    pub root: PathBuf,
    folder: PathBuf,
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
            xtask: xtask.to_owned(),
            lab,
        })
    }

    /// What comes of the proof in a setting. `as_nobody`: root becomes an
    /// ordinary user. The error is the reason why it is not tried here.
    pub fn prove(&self, setting: &Setting, as_nobody: bool) -> anyhow::Result<Verdicts> {
        let output_of = |words: &[OsString]| self.output_of(words, &setting.make, as_nobody);
        // Where nothing can be run in it, the setting cannot be made.
        let output = output_of(&["true".into()])?;
        if !output.status.success() {
            let printed = text(&output);
            let reason = printed.trim_end().lines().next_back();
            bail!("{}", reason.unwrap_or_default());
        }
        let words = match &setting.proof {
            Proof::Claims => [self.folder.join(CHECK), self.folder.join(PLAN)],
            Proof::Succeeds(task) | Proof::Tells(task, _) => match task {
                Task::Build => [self.xtask.clone(), "build".into()],
                Task::Check => [self.lab.clone(), "check".into()],
            },
        };
        let output = output_of(&words.map(OsString::from))?;
        let printed = text(&output);
        let as_it_should = match setting.proof {
            Proof::Claims => match verdicts_in(&printed) {
                Some(verdicts) => return Ok(verdicts),
                None => false,
            },
            Proof::Succeeds(_) => output.status.success(),
            Proof::Tells(_, what) => output.status.code() == Some(1) && printed.contains(what),
        };
        let verdict = match as_it_should && !printed.contains("panicked at") {
            true => Verdict::Holds,
            false => Verdict::Fails(vec![tail(&printed), output.status.to_string()]),
        };
        Ok(Verdicts::from([(setting.name.to_owned(), verdict)]))
    }

    /// Runs a command in the setting, with nothing left running.
    fn output_of(
        &self,
        words: &[OsString],
        make: &Make,
        as_nobody: bool,
    ) -> anyhow::Result<Output> {
        let mut command = Command::new("/proc/self/exe");
        command.arg0(KEEP).arg(LIMIT);
        if let Make::ByRoot(words) = make {
            command.args(*words);
        }
        if as_nobody {
            command.args(AS_NOBODY);
        }
        if let Make::Under(words) = make {
            command.args(*words);
        }
        command.args(words);
        command.env("CAPTURE_PROGRAMS", self.folder.join(PROGRAMS));
        command.env("MDBOOK_BUILD__BUILD_DIR", self.folder.join("book"));
        command.current_dir(&self.root).stdin(Stdio::null());
        apply(make, &mut command)?;
        Ok(command.output()?)
    }
}

fn text(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// What `capture-check` says: its only line of this kind, among what shells and limits
/// may say. No verdict at all is none that holds.
fn verdicts_in(printed: &str) -> Option<Verdicts> {
    let line = printed.lines().rev().find(|line| line.starts_with('{'))?;
    let verdicts: Verdicts = serde_json::from_str(line).ok()?;
    (!verdicts.is_empty()).then_some(verdicts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_verdict_at_all_is_none_that_holds() {
        let one = Verdicts::from([("a".to_owned(), Verdict::Holds)]);
        let printed = "setpriv: {\n{\"a\":\"Holds\"}\nunlimited\n";
        assert_eq!(verdicts_in(printed), Some(one));
        for printed in ["", "{}", "{\"a\":\n"] {
            assert_eq!(verdicts_in(printed), None);
        }
    }
}
