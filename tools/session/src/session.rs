//! How a listing is run: `[package.metadata.session]` of its manifest, where the
//! default session does not do.
//!
//! The default session starts the program without arguments, in an empty
//! temporary folder, presses Return at each checkpoint, and expects it to end
//! with exit status 0.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use text::{line_of, nearest};
use toml::Spanned;

use crate::error::RecordsError;
use crate::keeper::{Ending, signal_number};
use crate::needs::Needs;
use crate::record::{END, lines};

/// The variable by which a slow machine, such as an emulated one, gets more
/// time.
const SECONDS: &str = "CAPTURE_SECONDS";

/// How one listing is run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Session {
    /// Arguments of the program.
    pub arguments: Vec<String>,
    /// The exit status that the program is meant to end with, if not 0.
    pub exit_status: Option<u8>,
    /// The signal that is meant to end the program, such as `SIGSEGV`.
    pub signal: Option<String>,
    /// Seconds that the way to each checkpoint may take, if not 10.
    pub seconds: Option<u64>,
    /// Commands run at a checkpoint beside those of the chapters.
    pub commands: BTreeMap<String, Vec<Spanned<String>>>,
    /// Programs that run beside this one.
    pub companions: Vec<Companion>,
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
pub struct Companion {
    /// How excerpts and claims name it.
    pub name: String,
    /// The listing that is its program.
    pub listing: String,
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Seconds that the way to each of its checkpoints may take, if not 10.
    pub seconds: Option<u64>,
    /// The checkpoint of the first listing at which it is started, before
    /// Return is pressed there.
    pub at: String,
}

/// A listing's manifest, as far as it tells of the listing.
#[derive(Deserialize)]
struct Manifest {
    package: Package,
    #[serde(default, rename = "metadata")]
    _metadata: Elsewhere,
    #[serde(default, rename = "session")]
    _session: Elsewhere,
}

#[derive(Deserialize)]
pub struct Package {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub metadata: Metadata,
    #[serde(default, rename = "session")]
    _session: Elsewhere,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metadata {
    pub session: Session,
}

/// A key that cargo would pass over, and with it the session.
#[derive(Default)]
struct Elsewhere;

impl<'de> Deserialize<'de> for Elsewhere {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom(
            "a listing's session stands in `[package.metadata.session]`",
        ))
    }
}

impl Package {
    /// Reads the text of a manifest.
    pub fn parse(path: &Path, text: &str) -> Result<Self, RecordsError> {
        let path = path.display();
        let manifest: Manifest = toml::from_str(text).map_err(|error| {
            let line = line_of(text, error.span().map_or(0, |span| span.start));
            RecordsError(format!("{path}:{line}: {}", known_keys(error.message())))
        })?;
        let checked = manifest.package.metadata.session.check();
        checked.map_err(|what| RecordsError(format!("{path}: {what}")))?;
        Ok(manifest.package)
    }
}

impl Session {
    /// The session in the text of a manifest.
    pub fn parse(path: &Path, text: &str) -> Result<Self, RecordsError> {
        Ok(Package::parse(path, text)?.metadata.session)
    }

    /// What is wrong with it, where each key alone is right.
    fn check(&self) -> Result<(), String> {
        if self.exit_status.is_some() && self.signal.is_some() {
            return Err("`exit-status` and `signal` exclude each other; keep one".to_owned());
        }
        if let Some(name) = &self.signal {
            signal_number(name).map_err(|near| {
                format!("`signal = \"{name}\"` names no signal, as in signal(7){near}")
            })?;
        }
        let limits = self.companions.iter().map(|companion| companion.seconds);
        let mut limits = limits.chain([self.seconds]).flatten();
        if limits.any(|seconds| !(1..=3600).contains(&seconds)) {
            return Err(
                "`seconds` must be from 1 to 3600: nobody waits longer for a checkpoint".to_owned(),
            );
        }
        let mut names = BTreeSet::new();
        for Companion { name, at, .. } in &self.companions {
            if !lines::is_place(name) || name == END {
                return Err(format!(
                    "`{name}` cannot be the name of a companion: it is small letters, digits and `-`, begins with a letter, and is not `{END}`"
                ));
            }
            if !names.insert(name) {
                return Err(format!(
                    "two companions are named `{name}`; claims name each by its own"
                ));
            }
            if !lines::is_place(at) {
                return Err(format!(
                    "the companion `{name}` is started `at = \"{at}\"`, which is no checkpoint"
                ));
            }
        }
        let alone = Self {
            part_of: self.part_of.clone(),
            ..Self::default()
        };
        if self.part_of.is_some() && *self != alone {
            return Err("a listing that is `part-of` another's session has none of its own; remove the other keys".to_owned());
        }
        self.needs.check()
    }

    /// How the program is meant to end.
    pub fn expected_ending(&self) -> Ending {
        match self.signal.as_deref().map(signal_number) {
            Some(Ok(number)) => Ending::Signal(number),
            _ => Ending::Exit(self.exit_status.unwrap_or(0).into()),
        }
    }

    /// How long the way to each checkpoint may take.
    pub fn time_limit(&self) -> Duration {
        let slow = env::var(SECONDS).ok().and_then(|text| text.parse().ok());
        Duration::from_secs(self.seconds.unwrap_or(10).max(slow.unwrap_or(0)))
    }
}

/// What serde says of an unknown key, with the nearest of those that it lists.
fn known_keys(message: &str) -> String {
    let mut names = message.split('`').skip(1).step_by(2);
    match (message.starts_with("unknown field"), names.next()) {
        (true, Some(key)) => format!("no key is named `{key}` there{}", nearest(key, names)),
        _ => message.trim_end().replace('\n', ", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A session in a manifest, from its line 5 on.
    fn parse(text: &str) -> Result<Session, String> {
        let head = "[package]\nname = \"one\"\n\n[package.metadata.session]\n";
        manifest(&format!("{head}{text}"))
    }

    fn manifest(text: &str) -> Result<Session, String> {
        Session::parse(Path::new("Cargo.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn what_a_session_does_not_know_is_told_with_its_place() {
        const BESIDE: &str = "\n[[package.metadata.session.companions]]\n";
        for (text, told) in [
            (
                "argumens = []",
                "Cargo.toml:5: no key is named `argumens` there; did you mean `arguments`",
            ),
            (
                "\nexit_status = 1",
                "Cargo.toml:6: no key is named `exit_status` there; did you mean `exit-status`",
            ),
            (
                "needs = { kernal = \"6.7\" }",
                "Cargo.toml:5: no key is named `kernal` there; did you mean `kernel`",
            ),
            (
                "needs = { kernel = \">= 99.0\" }",
                "Cargo.toml:5: `>= 99.0` is no kernel release",
            ),
            (
                "needs = { kernel = 6.7 }",
                "Cargo.toml:5: invalid type: floating point `6.7`",
            ),
            (
                "needs = { architecture = \"x86-64\" }",
                "Cargo.toml:5: `x86-64` is no architecture, as `uname -m` prints it; did you mean `x86_64`",
            ),
            ("needs = { other = [\" \"] }", "an empty text"),
            (
                "signal = \"SIGSEGF\"",
                "names no signal, as in signal(7); did you mean `SIGSEGV`",
            ),
            ("signal = \"11\"", "names no signal"),
            ("signal = \"SIGBUS\"\nexit-status = 1", "exclude each other"),
            ("seconds = 0", "from 1 to 3600"),
            ("seconds = 3601", "from 1 to 3600"),
            ("seconds = 9223372036854775807", "from 1 to 3600"),
            (
                "exit-status = 256",
                "Cargo.toml:5: invalid value: integer `256`",
            ),
            (
                "exit-status = -1",
                "Cargo.toml:5: invalid value: integer `-1`",
            ),
            ("part-of = \"two\"\nseconds = 9", "has none of its own"),
            (
                &format!("{BESIDE}name = \"a\"\nlisting = \"b\""),
                "Cargo.toml:6: missing field `at`",
            ),
            (
                &format!("{BESIDE}name = \"a\"\nlisting = \"b\"\nat = \"c\"\nsecond = 1"),
                "Cargo.toml:10: no key is named `second` there; did you mean `seconds`",
            ),
            (
                &format!("{BESIDE}name = \"a\"\nlisting = \"b\"\nat = \"c\"\nseconds = 0"),
                "from 1 to 3600",
            ),
            (
                &format!("{BESIDE}name = \"end\"\nlisting = \"b\"\nat = \"c\""),
                "`end` cannot be the name of a companion",
            ),
            (
                &format!("{BESIDE}name = \"A b\"\nlisting = \"b\"\nat = \"c\""),
                "`A b` cannot be the name of a companion",
            ),
            (
                &format!("{BESIDE}name = \"a\"\nlisting = \"b\"\nat = \"at c\""),
                "`at = \"at c\"`, which is no checkpoint",
            ),
            (
                &format!(
                    "{BESIDE}name = \"a\"\nlisting = \"b\"\nat = \"c\"\n{BESIDE}name = \"a\"\nlisting = \"d\"\nat = \"c\""
                ),
                "two companions are named `a`",
            ),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(told), "{error}");
        }
        assert!(parse("seconds = 3600\nexit-status = 255\nneeds = { kernel = \"6.7\", other = [\"swap\"] }").is_ok());
    }

    #[test]
    fn a_session_stands_where_it_is_read() {
        let package = "[package]\nname = \"one\"\n";
        assert_eq!(manifest(package), Ok(Session::default()));
        for (elsewhere, told) in [
            (
                "[package.session]\n",
                "Cargo.toml:3: a listing's session stands in",
            ),
            ("[session]\n", "Cargo.toml:3: a listing's session stands in"),
            (
                "[metadata.session]\n",
                "Cargo.toml:3: a listing's session stands in",
            ),
            (
                "[package.metadata.sesion]\n",
                "Cargo.toml:3: no key is named `sesion` there; did you mean `session`",
            ),
        ] {
            let error =
                manifest(&format!("{package}{elsewhere}alone = true\n")).expect_err(elsewhere);
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn an_ending_is_a_status_or_a_signal() {
        assert_eq!(parse("").map(|s| s.expected_ending()), Ok(Ending::Exit(0)));
        assert_eq!(
            parse("signal = \"SIGBUS\"").map(|s| s.expected_ending()),
            Ok(Ending::Signal(7))
        );
    }
}
