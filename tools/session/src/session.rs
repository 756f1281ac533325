//! The session file: `session.toml` beside a listing, where the default
//! session does not do.
//!
//! The default session starts the program without arguments, in an empty
//! temporary folder, presses Return at each checkpoint, and expects it to end
//! with exit status 0.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::environment::Environment;
use crate::keeper::{Ending, signal_number};
use crate::listings::Listing;

/// The variable by which a slow machine, such as an emulated one, gets more
/// time.
const SECONDS: &str = "CAPTURE_SECONDS";

/// How one listing is run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Session {
    /// Arguments of the program.
    pub arguments: Vec<String>,
    /// Text files made in the session's folder before the start, by name.
    pub files: BTreeMap<String, String>,
    /// The exit status that the program is meant to end with, if not 0.
    pub exit_status: Option<u8>,
    /// The signal that is meant to end the program, such as `SIGSEGV`.
    pub signal: Option<String>,
    /// Seconds that the way to each checkpoint may take, if not 10.
    pub seconds: Option<u64>,
    /// Commands run at a checkpoint beside those of the chapters.
    pub commands: BTreeMap<String, Vec<String>>,
    /// Programs that run beside this one.
    pub companions: Vec<CompanionFile>,
    /// The listing whose session this one is part of: it has none of its own.
    pub part_of: Option<String>,
    /// No other session runs meanwhile: for a listing that measures time.
    pub alone: bool,
    /// Where it is skipped, a page shows the record that `cargo lab kernels` has
    /// left beside the listing.
    pub stored: bool,
    /// What differs from run to run by its nature: names of fields, of printed
    /// values, of lines such as `anna: 1`, and of mappings whose pages are shown.
    /// A reproducible build shows stand-ins.
    pub varies: Vec<String>,
    /// What the machine must have; where it has not, the session is skipped.
    pub needs: Needs,
}

/// A program that runs beside the listing, in the same folder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CompanionFile {
    /// How excerpts and claims name it.
    pub name: String,
    /// The listing that is its program.
    pub listing: String,
    #[serde(default)]
    pub arguments: Vec<String>,
    /// The checkpoint of the first listing at which it is started, before
    /// Return is pressed there.
    pub at: String,
}

/// What a session needs of the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Needs {
    /// This kernel release or a newer one, such as `"6.7"`.
    pub kernel: Option<String>,
    /// This architecture, as `uname -m` prints it.
    pub architecture: Option<String>,
    /// The rights of root.
    pub root: bool,
    /// These files or folders exist.
    pub paths: Vec<PathBuf>,
}

/// What is wrong with a session file.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error("cannot read {}: {source}", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {source}", path.display())]
    Parse {
        path: PathBuf,
        source: Box<toml::de::Error>,
    },
    #[error("{}: {what}", path.display())]
    Invalid { path: PathBuf, what: String },
}

impl Session {
    /// Reads the session file of a listing of the book at `root`; without one,
    /// the default session.
    pub fn of(listing: &Listing, root: &Path) -> Result<Self, SessionError> {
        let file = listing.folder.join("session.toml");
        let path = file.strip_prefix(root).unwrap_or(&file).to_owned();
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(source) => return Err(SessionError::Read { path, source }),
        };
        Self::parse(&path, &text)
    }

    pub fn parse(path: &Path, text: &str) -> Result<Self, SessionError> {
        let session: Self = toml::from_str(text).map_err(|source| SessionError::Parse {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let invalid = |what: String| SessionError::Invalid {
            path: path.to_owned(),
            what,
        };
        if session.exit_status.is_some() && session.signal.is_some() {
            return Err(invalid(
                "`exit-status` and `signal` exclude each other; keep one".to_owned(),
            ));
        }
        if let Some(name) = &session.signal
            && signal_number(name).is_none()
        {
            return Err(invalid(format!(
                "`signal = \"{name}\"` names no signal; write it as in signal(7), such as `SIGSEGV`"
            )));
        }
        if session
            .seconds
            .is_some_and(|seconds| !(1..=3600).contains(&seconds))
        {
            return Err(invalid(
                "`seconds` must be from 1 to 3600: nobody waits longer for a checkpoint".to_owned(),
            ));
        }
        for name in session.files.keys() {
            let plain = Path::new(name).file_name() == Some(OsStr::new(name));
            if !plain || name.contains('\0') {
                return Err(invalid(format!(
                    "`files` names `{name}`, which is no plain file name; the session's folder is the only place for its files"
                )));
            }
        }
        Ok(session)
    }

    /// How the program is meant to end.
    pub fn expected_ending(&self) -> Ending {
        match self.signal.as_deref().and_then(signal_number) {
            Some(number) => Ending::Signal(number),
            None => Ending::Exit(self.exit_status.unwrap_or(0).into()),
        }
    }

    /// How long the way to each checkpoint may take.
    pub fn time_limit(&self) -> Duration {
        let slow = env::var(SECONDS).ok().and_then(|text| text.parse().ok());
        Duration::from_secs(self.seconds.unwrap_or(10).max(slow.unwrap_or(0)))
    }
}

impl Needs {
    /// The first thing that this machine lacks, in words.
    pub fn missing(&self, machine: &Environment) -> Option<String> {
        if let Some(wanted) = &self.kernel
            && release(&machine.kernel) < release(wanted)
        {
            return Some(format!("needs Linux {wanted}, this is {}", machine.kernel));
        }
        if let Some(wanted) = &self.architecture
            && machine.architecture != *wanted
        {
            return Some(format!("needs {wanted}, this is {}", machine.architecture));
        }
        if self.root && !machine.root {
            return Some("needs the rights of root".to_owned());
        }
        let absent = self.paths.iter().find(|path| !path.exists())?;
        Some(format!("needs {}, which is not here", absent.display()))
    }
}

/// Major and minor number of a kernel release such as `6.12.4-1-amd64`.
fn release(text: &str) -> (u32, u32) {
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Session, String> {
        Session::parse(Path::new("session.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place() {
        let error = parse("argumens = []\n").expect_err("unknown key");
        assert!(error.contains("unknown field `argumens`"), "{error}");
        assert!(error.contains("line 1"), "{error}");
        assert!(error.contains("`arguments`"), "{error}");
    }

    #[test]
    fn an_ending_is_a_status_or_a_signal() {
        assert_eq!(parse("").map(|s| s.expected_ending()), Ok(Ending::Exit(0)));
        assert_eq!(
            parse("signal = \"SIGBUS\"").map(|s| s.expected_ending()),
            Ok(Ending::Signal(7))
        );
        assert!(parse("signal = \"SIGNOTHING\"").is_err());
        assert!(parse("signal = \"SIGBUS\"\nexit-status = 1").is_err());
    }

    #[test]
    fn numbers_that_mean_nothing_are_refused() {
        for text in [
            "seconds = 0",
            "seconds = 3601",
            "seconds = 9223372036854775807",
            "exit-status = 256",
            "exit-status = -1",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("seconds = 3600\nexit-status = 255").is_ok());
    }

    #[test]
    fn files_stay_in_the_sessions_folder() {
        assert!(parse("[files]\n\"greeting.txt\" = \"hello\"").is_ok());
        for name in [
            "../x", "/etc/x", "a/b", "..", ".", "", "a/", "./a", "a\\u0000",
        ] {
            assert!(
                parse(&format!("[files]\n\"{name}\" = \"\"")).is_err(),
                "{name}"
            );
        }
    }

    #[test]
    fn releases_compare_by_number() {
        assert!(release("6.12.4-1-amd64") > release("6.7"));
        assert!(release("5.10.0-28-amd64") < release("6.1"));
    }
}
