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
use session::{KEEP, compile};

use super::all::{Proof, SMALL, Setting};
use super::make::Made;
use crate::check::AS_NOBODY;

/// Seconds that one setting may take; the listings may have to be compiled.
const LIMIT: &str = "900";

/// Who runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User {
    Root,
    Ordinary,
    /// Root, who becomes an ordinary user.
    Nobody,
}

impl User {
    pub fn me() -> Self {
        if rustix::process::geteuid().is_root() {
            Self::Root
        } else {
            Self::Ordinary
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Ordinary | Self::Nobody => "ordinary",
        }
    }
}

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
}

impl Workplace {
    /// Compiles the listings and notes all that the book asks of them.
    pub fn prepare(root: &Path) -> anyhow::Result<Self> {
        let folder = root.join("target/matrix/settings");
        fs::create_dir_all(root.join(SMALL))?;
        let place = Self {
            root: root.to_owned(),
            programs: compile(root, None)?.programs,
            folder,
        };
        let write = |path: PathBuf, text: Vec<u8>| {
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
        };
        write(place.list(), serde_json::to_vec(&place.programs)?)?;
        write(
            place.plan(),
            serde_json::to_vec(&crate::matrix::plan(root)?)?,
        )?;
        // The running binary becomes that command by its name.
        let _ = fs::remove_file(place.folder.join(CHECK));
        symlink(env::current_exe()?, place.folder.join(CHECK))?;
        Ok(place)
    }

    fn list(&self) -> PathBuf {
        self.folder.join("programs.json")
    }

    fn plan(&self) -> PathBuf {
        self.folder.join("plan.json")
    }
}

/// By root, sessions are run as an ordinary user as well.
pub fn users(proof: &Proof) -> Vec<User> {
    match (proof, User::me()) {
        (Proof::Claims, User::Root) => vec![User::Root, User::Nobody],
        (_, me) => vec![me],
    }
}

pub fn run(setting: &Setting, user: User, made: &Made, place: &Workplace) -> Outcome {
    // Where nothing can be run in it, the setting cannot be made.
    match in_setting(user, made, place, &["true".into()]) {
        Ok(output) if output.status.success() => {}
        Ok(output) => return Outcome::NotTried(last_line(&text(&output))),
        Err(error) => return Outcome::NotTried(format!("{error:#}")),
    }
    let outcome = match setting.proof {
        Proof::Claims => claims(user, made, place),
        Proof::Succeeds(words) => task(words, None, user, made, place),
        Proof::Tells(words, what) => task(words, Some(what), user, made, place),
    };
    outcome.unwrap_or_else(|error| Outcome::Fails(format!("{error:#}")))
}

fn claims(user: User, made: &Made, place: &Workplace) -> anyhow::Result<Outcome> {
    let words = [place.folder.join(CHECK).into(), place.plan().into()];
    let printed = text(&in_setting(user, made, place, &words)?);
    // Its only line of this kind, among what shells and limits may say.
    let verdicts = printed.lines().rev().find(|line| line.starts_with('{'));
    Ok(match verdicts.map(serde_json::from_str) {
        Some(Ok(verdicts)) => Outcome::Listings(verdicts),
        Some(Err(_)) | None => Outcome::Fails(printed),
    })
}

/// Runs `cargo xtask`; where it must fail, it says why, in these words.
fn task(
    words: &[&str],
    must_tell: Option<&str>,
    user: User,
    made: &Made,
    place: &Workplace,
) -> anyhow::Result<Outcome> {
    let mut command = vec![env::current_exe()?.into()];
    command.extend(words.iter().map(OsString::from));
    let output = in_setting(user, made, place, &command)?;
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
fn in_setting(
    user: User,
    made: &Made,
    place: &Workplace,
    words: &[OsString],
) -> anyhow::Result<Output> {
    let as_user: &[&str] = if user == User::Nobody { AS_NOBODY } else { &[] };
    let mut command = Command::new("/proc/self/exe");
    command.arg0(KEEP).arg(LIMIT);
    command.args(&made.by_root).args(as_user).args(&made.under);
    command.args(words);
    command.current_dir(&place.root);
    command.env("CAPTURE_PROGRAMS", place.list());
    command.env("MDBOOK_BUILD__BUILD_DIR", place.folder.join("book"));
    command.envs(made.variables.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null());
    made.apply(&mut command);
    command.output().context("cannot start a command")
}

fn text(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

fn last_line(text: &str) -> String {
    text.trim_end()
        .lines()
        .next_back()
        .unwrap_or_default()
        .to_owned()
}
