//! Claims: statements about a record that the build checks.
//!
//! ```text
//! claim    = side operator side | "prints" TEXT
//! side     = term { ("+" | "-") term }
//! term     = FIELD ["@" CHECKPOINT [":" PROCESS]] | ["-"] NUMBER [unit] | WORD
//! operator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "has" | "lacks"
//! ```
//!
//! Words are separated by spaces: `Rss == 1 page`, `VmFlags has nh`,
//! `minflt@touched == minflt@mapped + 1`, `end - start == Size`. `prints` claims
//! a line of terminal 1 that holds a text.

mod check;
mod parse;
mod vacuous;

use std::cmp::Ordering::{self, Equal, Greater, Less};

use session::Place;

use crate::unit::{self, Amount, Unit};

pub use check::Here;

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
    /// One at least, each with 1, or with -1 where it is taken away.
    terms: Vec<(i128, Term)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    /// A field, or a word to compare text with: the left side decides.
    Word { name: String, at: Option<Place> },
    /// A plain number, or so many of a unit, of which a page depends on the machine.
    Number(i128, Option<Unit>),
}

/// What compares: the orders of left and right that it allows, or whether a flag
/// is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Operator {
    name: &'static str,
    allows: &'static [Ordering],
}

const OPERATORS: [Operator; 8] = [
    operator("==", &[Equal]),
    operator("!=", &[Less, Greater]),
    operator("<", &[Less]),
    operator("<=", &[Less, Equal]),
    operator(">", &[Greater]),
    operator(">=", &[Equal, Greater]),
    operator("has", &[]),
    operator("lacks", &[]),
];

const fn operator(name: &'static str, allows: &'static [Ordering]) -> Operator {
    Operator { name, allows }
}

impl Operator {
    fn is_membership(self) -> bool {
        self.allows.is_empty()
    }
}

impl Claim {
    /// The places that the claim names itself.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.fields().filter_map(|(_, at)| at)
    }

    fn comparison(&self) -> Option<&Comparison> {
        match &self.kind {
            Kind::Compares(comparison) => Some(comparison),
            Kind::Prints(_) => None,
        }
    }

    fn sides(&self) -> impl Iterator<Item = &Side> {
        let both = self.comparison().map(|both| [&both.left, &both.right]);
        both.into_iter().flatten()
    }

    /// Every word that may be a field, with its place.
    fn fields(&self) -> impl Iterator<Item = (&str, Option<&Place>)> {
        self.sides().flat_map(Side::fields)
    }

    /// The unit in which the right side is stated.
    pub fn unit(&self) -> Option<Unit> {
        match self.comparison()?.right.terms[..] {
            [(_, Term::Number(_, unit))] => unit,
            _ => None,
        }
    }

    /// The amounts that it states.
    pub fn stated(&self, page_size: u64) -> impl Iterator<Item = Amount> {
        let terms = self.sides().flat_map(|side| &side.terms);
        terms.filter_map(move |(_, term)| term.stated(page_size))
    }
}

impl Term {
    /// The amount that it states, without a record.
    fn stated(&self, page_size: u64) -> Option<Amount> {
        match self {
            Self::Number(count, Some(unit)) => Some(unit.amount(*count, page_size)),
            Self::Number(count, None) => Some(Amount::of(unit::Kind::Count, *count)),
            Self::Word { .. } => None,
        }
    }
}

impl Side {
    fn fields(&self) -> impl Iterator<Item = (&str, Option<&Place>)> {
        self.terms.iter().filter_map(|(_, term)| match term {
            Term::Word { name, at } => Some((name.as_str(), at.as_ref())),
            _ => None,
        })
    }

    /// The places that it names.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.fields().filter_map(|(_, at)| at)
    }

    /// The field that it is, if it is no sum.
    pub fn only_field(&self) -> Option<(&str, Option<&Place>)> {
        self.fields().next().filter(|_| self.terms.len() == 1)
    }

    /// A single word, without a place.
    fn word(&self) -> Option<&str> {
        match self.only_field()? {
            (name, None) => Some(name),
            _ => None,
        }
    }
}
