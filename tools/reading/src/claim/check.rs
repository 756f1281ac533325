//! Whether a claim holds for a record.

use super::{Claim, Operator, Side, Term};
use crate::unit::Unit;
use crate::view::{FieldError, Value, View};
use session::{Moment, Place, Record};

/// A claim that does not hold, or that means nothing for this record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    #[error(
        "the claim `{claim}` does not hold\n  found: {found}\n  in: {whence}\n  on: {environment}"
    )]
    False {
        claim: String,
        found: String,
        whence: String,
        environment: String,
    },
    #[error("the claim `{claim}` cannot be checked: {source}")]
    Field {
        claim: String,
        source: Box<FieldError>,
    },
    #[error("the claim `{claim}` compares {left} with {right}; {advice}")]
    Kinds {
        claim: String,
        left: &'static str,
        right: &'static str,
        advice: &'static str,
    },
    #[error(
        "the claim `{claim}` does not hold\n  found: `{side}` is below zero, or too large to count"
    )]
    Range { claim: String, side: String },
    #[error(
        "the listing printed no line with `{text}`\n  it printed: {printed}\n  in: {whence}\n  on: {environment}"
    )]
    NotPrinted {
        text: String,
        printed: String,
        whence: String,
        environment: String,
    },
    #[error("the claim `{claim}` names no checkpoint; write `{field}@CHECKPOINT`")]
    Nowhere { claim: String, field: String },
}

/// Checks a claim. `at` is the checkpoint that a field without one means, `of`
/// the mapping whose smaps fields are meant.
pub fn check(
    claim: &Claim,
    record: &Record,
    at: Option<&Place>,
    of: Option<&str>,
) -> Result<(), ClaimError> {
    let scales = Scales {
        claim,
        record,
        at,
        of,
    };
    let left = scales.side(&claim.left, None)?;
    let right = scales.side(&claim.right, Some(&left))?;
    if scales.holds(&left, &right)? {
        return Ok(());
    }
    let mut found = vec![scales.found(&claim.left, &left)];
    let compared = scales.found(&claim.right, &right);
    if !compared.is_empty() {
        found.push(compared);
    }
    found.retain(|text| !text.is_empty());
    Err(ClaimError::False {
        claim: claim.text.clone(),
        found: found.join(", "),
        whence: whence(record),
        environment: record.environment.to_string(),
    })
}

/// Checks that the listing printed a line with these words.
pub fn check_printed(text: &str, record: &Record) -> Result<(), ClaimError> {
    let lines = || {
        record.transcript.iter().filter_map(|moment| match moment {
            Moment::Printed(line) => Some(line.as_str()),
            Moment::Pressed(_) => None,
        })
    };
    if lines().any(|line| line.contains(text)) {
        return Ok(());
    }
    Err(ClaimError::NotPrinted {
        text: text.to_owned(),
        printed: lines().collect::<Vec<_>>().join("\n              "),
        whence: whence(record),
        environment: record.environment.to_string(),
    })
}

fn whence(record: &Record) -> String {
    format!("`{}`, process {}", record.listing, record.pid)
}

struct Scales<'a> {
    claim: &'a Claim,
    record: &'a Record,
    at: Option<&'a Place>,
    of: Option<&'a str>,
}

impl Scales<'_> {
    /// The value of a side; `against` is the left side's, for the right one.
    fn side(&self, side: &Side, against: Option<&Value>) -> Result<Value, ClaimError> {
        let mut sum = self.term(&side.first, against)?;
        for (taken_away, term) in &side.rest {
            let other = self.term(term, against)?;
            let (kind, a, b): (fn(u64) -> Value, _, _) = match (&sum, &other) {
                (Value::Bytes(a), Value::Bytes(b)) => (Value::Bytes, *a, *b),
                (Value::Count(a), Value::Count(b)) => (Value::Count, *a, *b),
                (Value::Address(a), Value::Bytes(b)) => (Value::Address, *a, *b),
                (a, b) => return Err(self.kinds(a, b)),
            };
            let total = if *taken_away {
                a.checked_sub(b)
            } else {
                a.checked_add(b)
            };
            sum = kind(total.ok_or_else(|| ClaimError::Range {
                claim: self.claim.text.clone(),
                side: side.text.clone(),
            })?);
        }
        Ok(sum)
    }

    fn term(&self, term: &Term, against: Option<&Value>) -> Result<Value, ClaimError> {
        let page_size = self.record.environment.page_size;
        match term {
            Term::Number(number) => Ok(Value::Count(*number)),
            Term::Address(address) => Ok(Value::Address(*address)),
            Term::Amount(count, unit) => {
                Ok(Value::Bytes(count.saturating_mul(unit.bytes(page_size))))
            }
            Term::Word { name, at: None } => match against {
                Some(Value::Text(_) | Value::Flags(_)) => Ok(Value::Text(name.clone())),
                Some(_) if self.is_membership() => Ok(Value::Text(name.clone())),
                _ => self.field(name, self.at),
            },
            Term::Word { name, at } => self.field(name, at.as_ref()),
        }
    }

    fn is_membership(&self) -> bool {
        matches!(self.claim.operator, Operator::Has | Operator::Lacks)
    }

    fn field(&self, name: &str, at: Option<&Place>) -> Result<Value, ClaimError> {
        let claim = || self.claim.text.clone();
        let at = at.ok_or_else(|| ClaimError::Nowhere {
            claim: claim(),
            field: name.to_owned(),
        })?;
        View::at(self.record, at, self.of)
            .and_then(|view| view.value(name))
            .map_err(|source| ClaimError::Field {
                claim: claim(),
                source: Box::new(source),
            })
    }

    fn holds(&self, left: &Value, right: &Value) -> Result<bool, ClaimError> {
        use Operator as O;
        match (left, self.claim.operator, right) {
            (Value::Flags(flags), O::Has, Value::Text(flag)) => Ok(flags.contains(flag)),
            (Value::Flags(flags), O::Lacks, Value::Text(flag)) => Ok(!flags.contains(flag)),
            (Value::Text(a), O::Equal, Value::Text(b)) => Ok(a == b),
            (Value::Text(a), O::Unequal, Value::Text(b)) => Ok(a != b),
            (Value::Bytes(a), operator, Value::Bytes(b))
            | (Value::Count(a), operator, Value::Count(b))
            | (Value::Address(a), operator, Value::Address(b)) => match operator {
                O::Equal => Ok(a == b),
                O::Unequal => Ok(a != b),
                O::Less => Ok(a < b),
                O::LessOrEqual => Ok(a <= b),
                O::Greater => Ok(a > b),
                O::GreaterOrEqual => Ok(a >= b),
                O::Has | O::Lacks => Err(self.kinds(left, right)),
            },
            _ => Err(self.kinds(left, right)),
        }
    }

    fn kinds(&self, left: &Value, right: &Value) -> ClaimError {
        let advice = match (left, right) {
            (Value::Bytes(_), Value::Count(_)) => "give the number a unit: kB, pages or bytes",
            (Value::Count(_), Value::Bytes(_)) => "a plain number takes no unit",
            (Value::Flags(_), _) | (_, Value::Text(_)) if self.is_membership() => {
                "only VmFlags has members, as in `VmFlags has nh`"
            }
            (Value::Flags(_), _) => "write `VmFlags has nh` or `VmFlags lacks nh`",
            _ => "compare two of the same kind",
        };
        ClaimError::Kinds {
            claim: self.claim.text.clone(),
            left: kind(left),
            right: kind(right),
            advice,
        }
    }

    /// What a side came to, for the message; nothing for a bare value.
    fn found(&self, side: &Side, value: &Value) -> String {
        let Term::Word { name, at } = &side.first else {
            return String::new();
        };
        if matches!(value, Value::Text(text) if text == name) {
            return String::new();
        }
        let here = match (at, self.at) {
            (None, Some(here)) if side.rest.is_empty() => format!("@{here}"),
            _ => String::new(),
        };
        format!("{}{here} = {}", side.text, self.in_words(value))
    }

    fn in_words(&self, value: &Value) -> String {
        let page_size = self.record.environment.page_size;
        let words = value.in_words(Unit::Kilobytes, page_size);
        match value {
            Value::Bytes(bytes) if bytes.is_multiple_of(page_size) => {
                format!("{words} ({})", Unit::Pages.of(*bytes, page_size))
            }
            _ => words,
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Bytes(_) => "an amount of memory",
        Value::Count(_) => "a plain number",
        Value::Address(_) => "an address",
        Value::Text(_) => "a word",
        Value::Flags(_) => "flags",
        Value::Series(_) => "a series",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    const MAPPED: &str = "Size: 16384 kB\nRss: 0 kB\nVmFlags: rd wr nh\n";
    const TOUCHED: &str = "Size: 16384 kB\nRss: 4 kB\nVmFlags: rd wr nh\n";

    /// What a claim about `touched` comes to: nothing when it holds.
    fn outcome(text: &str) -> String {
        let claim = Claim::parse(text).expect("well formed");
        let record = sample(MAPPED, TOUCHED);
        let Ok(place) = "touched".parse::<Place>();
        match check(&claim, &record, Some(&place), None) {
            Ok(()) => String::new(),
            Err(ClaimError::False { found, .. }) => found,
            Err(other) => other.to_string(),
        }
    }

    #[test]
    fn what_is_so_holds() {
        for text in [
            "Rss == 1 page",
            "Rss == 4 kB",
            "Rss == 4096 bytes",
            "Rss > Rss@mapped",
            "Rss@touched == Rss@mapped + 1 page",
            "Size - Rss == 16380 kB",
            "Size != 0 kB",
            "Rss <= 4 kB",
            "Rss >= 4 kB",
            "Rss@mapped < 1 byte",
            "VmFlags has nh",
            "VmFlags lacks hg",
            "perms == rw-p",
            "perms != r--p",
            "start == memory",
            "start == 0x7f0000000000",
            "end == memory + 16384 kB",
            "minflt == minflt@mapped + 1",
            "VmRSS == 1900 kB",
            "Threads == 1",
            "pid == 7",
            "pagesize == 4 kB",
            "touched == 3 pages",
            "touched@end == 4 pages",
            "outcome@end == EACCES",
            "median@end >= 1000",
        ] {
            assert_eq!(outcome(text), "", "{text}");
        }
    }

    #[test]
    fn what_is_not_so_tells_what_was_found() {
        for (text, found) in [
            ("Rss == 0 kB", "Rss@touched = 4 kB (1 page)"),
            ("Rss@mapped != 0 kB", "Rss@mapped = 0 kB (0 pages)"),
            (
                "Rss < Rss@mapped",
                "Rss@touched = 4 kB (1 page), Rss@mapped = 0 kB (0 pages)",
            ),
            ("VmFlags lacks nh", "VmFlags@touched = rd wr nh"),
            ("VmFlags has n", "VmFlags@touched = rd wr nh"),
            ("perms == rw-s", "perms@touched = rw-p"),
            (
                "start == memory + 1 page",
                "start@touched = 0x7f0000000000, memory + 1 page = 0x7f0000001000",
            ),
            (
                "minflt == minflt@mapped",
                "minflt@touched = 97, minflt@mapped = 96",
            ),
        ] {
            assert_eq!(outcome(text), found, "{text}");
        }
    }

    #[test]
    fn a_named_claim_is_told_by_its_name() {
        let claim = Claim::parse("one-page: Rss == 2 pages").expect("well formed");
        let record = sample(MAPPED, TOUCHED);
        let Ok(place) = "touched".parse::<Place>();
        let error = check(&claim, &record, Some(&place), None).unwrap_err();
        let told = error.to_string();
        assert!(
            told.starts_with(
                "the claim `one-page: Rss == 2 pages` does not hold\n  found: Rss@touched = 4 kB (1 page)\n"
            ),
            "{told}"
        );
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for (text, words) in [
            ("Rss == 1", "give the number a unit"),
            ("minflt == 1 page", "a plain number takes no unit"),
            ("VmFlags == nh", "write `VmFlags has nh`"),
            ("Rss has nh", "compares an amount of memory with"),
            (
                "Rss@mapped - 1 page == 0 kB",
                "is below zero, or too large to count",
            ),
            (
                "Rss == 1 page + 1",
                "compares an amount of memory with a plain number",
            ),
            (
                "Rss@mappd == 0 kB",
                "no checkpoint `mappd`; did you mean `mapped`?",
            ),
            (
                "Rss@end == 0 kB",
                "printed no value `Rss`, and after its end nothing else is known",
            ),
            (
                "Rss@touched:child == 0 kB",
                "has no process `child` at `touched`; there are none",
            ),
            ("first_ns@end == 3", "compares a series with a plain number"),
            ("Rsss == 0 kB", "no field is named `Rsss`"),
        ] {
            let told = outcome(text);
            assert!(told.contains(words), "{text}: {told}");
        }
    }
}
