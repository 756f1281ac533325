//! Claims: statements about a record that the build checks.
//!
//! ```text
//! claim    = [NAME ":"] side operator side
//! side     = term { ("+" | "-") term }
//! term     = FIELD ["@" CHECKPOINT [":" PROCESS]] | NUMBER [unit] | "0x" HEX | WORD
//! operator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "has" | "lacks"
//! unit     = "kB" | "page" | "pages" | "byte" | "bytes"
//! ```
//!
//! Words are separated by spaces: `Rss == 1 page`, `VmFlags has nh`,
//! `minflt@touched == minflt@mapped + 1`, `end == memory + 16384 kB`. A name, of
//! lowercase letters, digits and hyphens, lets a text refer to the claim:
//! `one-page: Rss == 1 page`.

mod check;
mod parse;

use crate::unit::Unit;
use session::Place;

pub use check::{ClaimError, check, check_printed};
pub use parse::{ParseError, is_name};

/// A claim, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// As it was written, with its name.
    pub text: String,
    left: Side,
    operator: Operator,
    right: Side,
}

/// A sum of terms.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Side {
    /// As it was written.
    text: String,
    first: Term,
    /// Each with whether it is taken away.
    rest: Vec<(bool, Term)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    /// A field, or a word to compare text with: the left side decides.
    Word {
        name: String,
        at: Option<Place>,
    },
    Amount(u64, Unit),
    Number(u64),
    Address(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Has,
    Lacks,
}

impl Operator {
    const ALL: [(&'static str, Self); 8] = [
        ("==", Self::Equal),
        ("!=", Self::Unequal),
        ("<", Self::Less),
        ("<=", Self::LessOrEqual),
        (">", Self::Greater),
        (">=", Self::GreaterOrEqual),
        ("has", Self::Has),
        ("lacks", Self::Lacks),
    ];
}

impl Claim {
    /// Reads a claim; the error shows the place with a caret.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse::parse(text)
    }

    /// The checkpoints that the claim names itself.
    pub fn checkpoints(&self) -> impl Iterator<Item = &str> {
        [&self.left, &self.right]
            .into_iter()
            .flat_map(|side| std::iter::once(&side.first).chain(side.rest.iter().map(|(_, t)| t)))
            .filter_map(|term| match term {
                Term::Word { at, .. } => Some(at.as_ref()?.checkpoint.as_str()),
                _ => None,
            })
    }
}
