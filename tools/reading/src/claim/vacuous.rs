//! Claims that say nothing: no record could make them false, or none true.

use std::cmp::Ordering::{self, Equal, Greater, Less};
use std::collections::BTreeMap;

use session::Place;

use super::{Claim, Comparison, Kind, Term};
use crate::unit;

/// The largest address space that Linux has, in bytes; see
/// `Documentation/arch/x86/x86_64/5level-paging.rst`.
const LARGEST: i128 = 1 << 57;

impl Claim {
    /// Why it could never be false, or never be true. `at` is where a field without a
    /// place is looked at.
    pub fn vacuous(&self, at: Option<&Place>) -> Option<String> {
        let why = match &self.kind {
            Kind::Prints(text) if text.chars().any(char::is_alphanumeric) => return None,
            Kind::Prints(_) => {
                "nearly every line holds that text: write words of the line".to_owned()
            }
            // A flag is a field of its own, so `VmFlags lacks nh` says something.
            Kind::Compares(both) => both.of_words().or_else(|| both.of_amounts(at))?,
        };
        Some(format!("the claim `{}` says nothing: {why}", self.text))
    }
}

impl Comparison {
    /// A field of text against a word.
    fn of_words(&self) -> Option<String> {
        let (name, word) = (self.left.only_field()?.0, self.right.word()?);
        let signs = word.chars().zip(["r-", "w-", "x-", "ps"]);
        let is_one = word.len() == 4 && signs.into_iter().all(|(c, known)| known.contains(c));
        (name == "perms" && word != "perms" && !is_one).then(|| {
            format!(
                "no mapping has the permissions `{word}`; write four letters as in maps, such as `rw-p`"
            )
        })
    }

    /// Both sides on the left: what is left of the fields, and of the amounts?
    fn of_amounts(&self, at: Option<&Place>) -> Option<String> {
        let mut fields: BTreeMap<(&str, Option<&Place>), i128> = BTreeMap::new();
        let mut amounts = Vec::new();
        let left = self.left.terms.iter().map(|(sign, term)| (*sign, term));
        let right = self.right.terms.iter().map(|(sign, term)| (-sign, term));
        for (sign, term) in left.chain(right) {
            match term {
                Term::Word { name, at: place } => {
                    let field = (name.as_str(), place.as_ref().or(at));
                    *fields.entry(field).or_default() += sign;
                }
                Term::Number(number, unit) => {
                    let memory = unit.filter(|unit| unit.kind == unit::Kind::Memory);
                    if let Some(unit) = memory
                        && number.abs() > LARGEST / i128::from(unit.size(4096))
                    {
                        return Some(format!("no address space is as large as {number} {unit}"));
                    }
                    amounts.push(sign * number);
                }
            }
        }
        if fields.values().all(|count| *count == 0) {
            return Some("no field of the record is left in it".to_owned());
        }
        // Fields are never below zero: is the sum of all above it, or below?
        let apart = amounts.iter().any(|amount| *amount != 0);
        let terms = fields.values().chain(&amounts);
        let signs: Vec<i128> = terms.map(|term| term.signum()).collect();
        let possible: &[Ordering] = match (signs.contains(&1), signs.contains(&-1), apart) {
            (true, false, true) => &[Greater],
            (true, false, false) => &[Greater, Equal],
            (false, true, true) => &[Less],
            (false, true, false) => &[Less, Equal],
            _ => return None,
        };
        let allows = |order: &&Ordering| self.operator.allows.contains(order);
        let never = match possible.iter().filter(allows).count() {
            0 => "never",
            all if all == possible.len() => "always",
            _ => return None,
        };
        Some(format!("nothing is below zero, so it {never} holds"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let Ok(touched) = "touched".parse::<Place>();
        let claim = Claim::parse(text).expect("well formed");
        claim.vacuous(Some(&touched)).unwrap_or_default()
    }

    #[test]
    fn what_could_be_otherwise_is_a_claim() {
        for text in [
            "Rss == 0 kB",
            "Rss > 0 kB",
            "0 kB < Rss",
            "Rss <= 0 kB",
            "Rss@mapped == Rss",
            "Rss - Rss@mapped == -1 page",
            "Rss - Pss >= 0 kB",
            "end - start == Size",
            "VmFlags lacks nh",
            "perms == rw-p",
            "perms != r--p",
            "prints length-0",
        ] {
            assert_eq!(told(text), "", "{text}");
        }
    }

    #[test]
    fn what_could_not_is_none() {
        for (text, why) in [
            ("Rss >= 0 kB", "always holds"),
            ("0 kB <= Rss", "always holds"),
            ("Rss + Pss >= 0 kB", "always holds"),
            ("Rss > -1 page", "always holds"),
            ("minflt != -1", "always holds"),
            ("Rss < 0 kB", "never holds"),
            ("Rss == -4 kB", "never holds"),
            ("Rss == Rss", "no field of the record is left"),
            ("Rss@touched == Rss", "no field of the record is left"),
            ("Rss + 1 page > Rss", "no field of the record is left"),
            (
                "Rss - Rss@touched == 0 kB",
                "no field of the record is left",
            ),
            ("1 page == 1 page", "no field of the record is left"),
            ("4 < 5", "no field of the record is left"),
            ("Rss < 1000000 TiB", "no address space is as large"),
            ("perms == rwp", "no mapping has the permissions `rwp`"),
            ("perms != rw-x", "no mapping has the permissions `rw-x`"),
            ("perms == wr-p", "no mapping has the permissions `wr-p`"),
            ("prints :", "nearly every line holds"),
        ] {
            assert!(told(text).contains(why), "{text}: {}", told(text));
        }
    }
}
