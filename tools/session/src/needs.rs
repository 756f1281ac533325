//! What a session needs of a machine, and where a claim applies.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use text::nearest;

use crate::environment::Environment;

/// What a session needs of the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Needs {
    /// This kernel release or a newer one, such as `"6.7"`.
    #[serde(deserialize_with = "parsed")]
    pub kernel: Option<Release>,
    /// This architecture, as `uname -m` prints it.
    #[serde(deserialize_with = "parsed")]
    pub architecture: Option<Architecture>,
    /// What the listing finds out itself: what may stand behind `skipped: needs`.
    pub other: Vec<String>,
}

/// What a text says, as it does on a command line.
fn parsed<'de, D, T: FromStr<Err = String>>(text: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
{
    let text = String::deserialize(text)?;
    text.parse().map(Some).map_err(D::Error::custom)
}

impl Needs {
    /// The first thing that this machine lacks, in words.
    pub fn missing(&self, machine: &Environment) -> Option<String> {
        if let Some(wanted) = &self.kernel
            && Release::of(&machine.kernel) < *wanted
        {
            return Some(format!("needs Linux {wanted}, this is {}", machine.kernel));
        }
        if let Some(wanted) = &self.architecture
            && machine.architecture != wanted.0
        {
            let (wanted, is) = (&wanted.0, &machine.architecture);
            return Some(format!("needs {wanted}, this is {is}"));
        }
        None
    }

    /// What is wrong with them.
    pub fn check(&self) -> Result<(), String> {
        if self.other.iter().any(|what| what.trim().is_empty()) {
            return Err("`needs.other` holds an empty text, with which every reason would begin; name what is needed".to_owned());
        }
        Ok(())
    }

    /// Whether a listing may give this reason for doing nothing.
    pub fn allow(&self, reason: &str) -> bool {
        let needed = reason.strip_prefix("needs ");
        needed.is_some_and(|needed| self.other.iter().any(|what| needed.starts_with(what)))
    }
}

/// A kernel release: `6.7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release(u32, u32);

impl Release {
    /// The oldest kernel that the book is for.
    pub const OLDEST: Self = Self(5, 10);

    /// That of a kernel, from what `uname -r` prints: `6.12.4-1-amd64`.
    pub fn of(kernel: &str) -> Self {
        let numbers = kernel.split(|c: char| !c.is_ascii_digit());
        let mut numbers = numbers.map(|part| part.parse().unwrap_or(0)).chain([0, 0]);
        let mut next = || numbers.next().unwrap_or(0);
        Self(next(), next())
    }
}

impl FromStr for Release {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (release, oldest) = (Self::of(text), Self::OLDEST);
        if release.to_string() != text {
            return Err(format!(
                "`{text}` is no kernel release; write its first two numbers, such as 6.0"
            ));
        }
        if release <= oldest {
            return Err(format!(
                "every kernel that the book is for is Linux {oldest} or newer, so `{text}` excludes none"
            ));
        }
        Ok(release)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// An architecture, as `uname -m` prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Architecture(pub String);

/// What Linux prints: `UTS_MACHINE` of the Makefiles in its `arch/`, and the
/// names that arm, mips and x86 put in its place.
const ARCHITECTURES: &str = "\
    aarch64 aarch64_be alpha arc armv4l armv4tl armv5tejl armv5tel armv6l armv7l armv7ml \
    armv8l csky hexagon i486 i586 i686 loongarch32 loongarch64 m68k microblaze mips \
    mips64 nios2 openrisc parisc parisc64 ppc ppc64 ppc64le riscv32 riscv64 s390x sh4 \
    sh4a sparc sparc64 x86_64 xtensa";

impl FromStr for Architecture {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = ARCHITECTURES.split_whitespace();
        if all.clone().any(|known| known == text) {
            return Ok(Self(text.to_owned()));
        }
        let near = nearest(text, all.by_ref());
        let what = "is no architecture, as `uname -m` prints it";
        Err(format!("`{text}` {what}{near}"))
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str) -> Result<String, String> {
        text.parse()
            .map(|release: Release| format!("{release} {release:?}"))
    }

    #[test]
    fn a_release_is_two_numbers_and_excludes_some_kernel() {
        for right in ["5.11", "6.0", "6.12", "99.0"] {
            assert!(release(right).is_ok(), "{right}");
        }
        for wrong in [
            ">= 99.0",
            "6",
            "6.x",
            "v6.7",
            "",
            "6.",
            ".7",
            "6.1.3",
            "6.07",
            "06.7",
            "+6.7",
            "6.7 ",
            " 6.7",
            "6,7",
            "6.7-rc1",
            "6.99999999999",
            "６.7",
        ] {
            let error = release(wrong).expect_err(wrong);
            assert!(error.contains("is no kernel release"), "{error}");
        }
        for vacuous in ["5.10", "5.9", "4.20", "0.0"] {
            let error = release(vacuous).expect_err(vacuous);
            assert!(error.contains("excludes none"), "{error}");
        }
    }

    #[test]
    fn releases_compare_by_number() {
        assert!(Release::of("6.12.4-1-amd64") > Release::of("6.7"));
        assert!(Release::of("5.10.0-28-amd64") < Release::of("6.1"));
        assert_eq!(Release::of("5.10.0-28-amd64"), Release::OLDEST);
    }

    #[test]
    fn an_architecture_is_one_of_linux_s() {
        assert!("x86_64".parse::<Architecture>().is_ok());
        for (wrong, meant) in [
            ("x86-64", "`x86_64`"),
            ("X86_64", "`x86_64`"),
            ("", "`aarch64`"),
        ] {
            let error = wrong.parse::<Architecture>().expect_err(wrong);
            assert!(error.contains(meant), "{error}");
        }
    }

    #[test]
    fn a_listing_gives_a_reason_that_its_needs_name() {
        let needs = Needs {
            other: vec!["swap".to_owned(), "a higher".to_owned()],
            ..Needs::default()
        };
        assert!(needs.allow("needs swap space; none is here"));
        for other in ["needs luck", "swap", "needs", "needs a ", ""] {
            assert!(!needs.allow(other), "{other}");
        }
        assert!(!Needs::default().allow("needs swap"));
    }
}
