//! Claims: statements about a record that the build checks.
//!
//! ```text
//! claim    = side operator side | "prints" TEXT
//! side     = term { ("+" | "-") term }
//! term     = FIELD ["@" CHECKPOINT [":" PROCESS]] | ["-"] NUMBER [unit] | "0x" HEX | WORD
//! operator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "has" | "lacks"
//! ```
//!
//! Words are separated by spaces: `Rss == 1 page`, `VmFlags has nh`,
//! `minflt@touched == minflt@mapped + 1`, `end - start == Size`. `prints` claims
//! a line of terminal 1 that holds a text.

mod check;
mod parse;
mod vacuous;

use session::Place;

use crate::unit::Unit;

pub use check::{ClaimError, amounts, check, misread, value};
pub use parse::{ParseError, is_operator};

/// A claim, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// As it was written.
    pub text: String,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Compares(Comparison),
    /// The listing printed a line with this text.
    Prints(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Comparison {
    left: Side,
    operator: Operator,
    right: Side,
}

/// A sum of terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// As it was written.
    pub text: String,
    /// Each with whether it is taken away.
    terms: Vec<(bool, Term)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    /// A field, or a word to compare text with: the left side decides.
    Word {
        name: String,
        at: Option<Place>,
    },
    Amount(i128, Unit),
    Number(i128),
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

    fn is_membership(self) -> bool {
        matches!(self, Self::Has | Self::Lacks)
    }
}

impl Claim {
    /// Reads a claim; the error shows the place with a caret.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse::parse(text)
    }

    /// The checkpoints that the claim names itself.
    pub fn checkpoints(&self) -> impl Iterator<Item = &str> {
        self.fields()
            .filter_map(|(_, at)| Some(at?.checkpoint.as_str()))
    }

    /// Every word that may be a field, with its place.
    fn fields(&self) -> impl Iterator<Item = (&str, Option<&Place>)> {
        let sides = match &self.kind {
            Kind::Compares(comparison) => vec![&comparison.left, &comparison.right],
            Kind::Prints(_) => Vec::new(),
        };
        sides.into_iter().flat_map(Side::fields)
    }

    /// The left side, which a sentence shows.
    pub fn left(&self) -> Option<&Side> {
        match &self.kind {
            Kind::Compares(comparison) => Some(&comparison.left),
            Kind::Prints(_) => None,
        }
    }

    /// The unit in which the right side is stated.
    pub fn unit(&self) -> Option<Unit> {
        let Kind::Compares(comparison) = &self.kind else {
            return None;
        };
        match comparison.right.terms.as_slice() {
            [(_, Term::Amount(_, unit))] => Some(*unit),
            _ => None,
        }
    }

    /// Why the claim could never be false, or never be true, wherever a field
    /// without a place is looked at.
    pub fn vacuous(&self, at: Option<&Place>) -> Option<String> {
        vacuous::vacuous(self, at)
    }
}

impl Side {
    /// Reads a side that stands alone, such as `end - start`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse::side(text)
    }

    fn fields(&self) -> impl Iterator<Item = (&str, Option<&Place>)> {
        self.terms.iter().filter_map(|(_, term)| match term {
            Term::Word { name, at } => Some((name.as_str(), at.as_ref())),
            _ => None,
        })
    }

    /// The checkpoints that it names.
    pub fn checkpoints(&self) -> impl Iterator<Item = &str> {
        self.fields()
            .filter_map(|(_, at)| Some(at?.checkpoint.as_str()))
    }

    /// The field that it is, if it is no sum.
    pub fn only_field(&self) -> Option<(&str, Option<&Place>)> {
        self.fields().next().filter(|_| self.terms.len() == 1)
    }
}
