//! Claims that say nothing: no record could make them false, or none true.

use session::Place;

use super::{Claim, Comparison, Kind, Operator, Side, Term};
use crate::unit;

/// The largest address space that Linux has, in bytes; see
/// `Documentation/arch/x86/x86_64/5level-paging.rst`.
const LARGEST: i128 = 1 << 57;

/// Why a claim says nothing. `at` is where a field without a place is looked at.
pub fn vacuous(claim: &Claim, at: Option<&Place>) -> Option<String> {
    let why = match &claim.kind {
        Kind::Prints(text) if text.chars().any(char::is_alphanumeric) => return None,
        Kind::Prints(_) => "nearly every line holds that text: write words of the line".to_owned(),
        Kind::Compares(comparison) => comparison.vacuous(at)?,
    };
    Some(format!("the claim `{}` says nothing: {why}", claim.text))
}

impl Comparison {
    fn vacuous(&self, at: Option<&Place>) -> Option<String> {
        if self.operator.is_membership() {
            return None;
        }
        self.of_words().or_else(|| self.of_amounts(at))
    }

    /// A field of text against a word.
    fn of_words(&self) -> Option<String> {
        let [(_, Term::Word { name, .. })] = self.left.terms.as_slice() else {
            return None;
        };
        let word = match self.right.terms.as_slice() {
            [(_, Term::Word { name, at: None })] => name,
            _ => return None,
        };
        if name == "perms" && word != "perms" {
            let known: [&str; 4] = ["r-", "w-", "x-", "ps"];
            let signs = word.chars().zip(known);
            if word.len() != 4 || !signs.into_iter().all(|(c, known)| known.contains(c)) {
                return Some(format!(
                    "no mapping has the permissions `{word}`; write four letters as in maps, such as `rw-p`"
                ));
            }
        }
        None
    }

    /// Both sides on the left: what is left of the fields, and of the amounts?
    fn of_amounts(&self, at: Option<&Place>) -> Option<String> {
        let mut fields: Vec<((&str, Option<&Place>), i32)> = Vec::new();
        let mut amounts = Vec::new();
        let right = self.right.terms.iter().map(|(away, term)| (!away, term));
        let left = self.left.terms.iter().map(|(away, term)| (*away, term));
        for (away, term) in left.chain(right) {
            let sign = if away { -1 } else { 1 };
            match term {
                Term::Word { name, at: place } => {
                    let key = (name.as_str(), place.as_ref().or(at));
                    match fields.iter_mut().find(|(known, _)| *known == key) {
                        Some((_, count)) => *count += sign,
                        None => fields.push((key, sign)),
                    }
                }
                Term::Number(number) => amounts.push(i128::from(sign) * number),
                Term::Amount(number, unit) => {
                    let size = i128::from(unit.size(4096));
                    if unit.kind() == unit::Kind::Memory && number.abs() > LARGEST / size {
                        return Some(format!("no address space is as large as {number} {unit}"));
                    }
                    amounts.push(i128::from(sign) * number);
                }
                Term::Address(address) => amounts.push(i128::from(sign) * i128::from(*address)),
            }
        }
        let counts: Vec<i32> = fields.iter().map(|(_, count)| *count).collect();
        let counts: Vec<i32> = counts.into_iter().filter(|count| *count != 0).collect();
        if counts.is_empty() {
            return Some("no field of the record is left in it".to_owned());
        }
        // Fields are never below zero: what is known of the sign of the sum?
        let above = counts.iter().all(|count| *count > 0) && amounts.iter().all(|a| *a >= 0);
        let below = counts.iter().all(|count| *count < 0) && amounts.iter().all(|a| *a <= 0);
        let apart = amounts.iter().any(|amount| *amount != 0);
        let (always, never) = match self.operator {
            Operator::GreaterOrEqual => (above, below && apart),
            Operator::Greater => (above && apart, below),
            Operator::LessOrEqual => (below, above && apart),
            Operator::Less => (below && apart, above),
            Operator::Equal => (false, (above || below) && apart),
            Operator::Unequal => ((above || below) && apart, false),
            Operator::Has | Operator::Lacks => (false, false),
        };
        match (always, never) {
            (true, _) => Some("nothing is below zero, so it always holds".to_owned()),
            (_, true) => Some("nothing is below zero, so it never holds".to_owned()),
            _ => None,
        }
    }
}

impl Side {
    /// A single word, without a place.
    pub(super) fn word(&self) -> Option<&str> {
        match self.terms.as_slice() {
            [(_, Term::Word { name, at: None })] => Some(name),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let Ok(touched) = "touched".parse::<Place>();
        let claim = Claim::parse(text).expect("well formed");
        vacuous(&claim, Some(&touched)).unwrap_or_default()
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
