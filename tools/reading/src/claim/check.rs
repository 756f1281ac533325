//! Whether a claim holds for a record.

use session::{Moment, Place, Record};

use super::{Claim, Comparison, Kind as ClaimKind, Operator, Side, Term};
use crate::unit::{Amount, Kind, Unit};
use crate::view::{FieldError, Value, View};

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
    #[error("`{claim}` cannot be checked: {source}")]
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
    #[error("the claim `{claim}` says nothing: {why}")]
    Vacuous { claim: String, why: &'static str },
    #[error(
        "the listing printed no line with `{text}`\n  it printed: {printed}\n  in: {whence}\n  on: {environment}"
    )]
    NotPrinted {
        text: String,
        printed: String,
        whence: String,
        environment: String,
    },
    #[error("`{claim}` names no checkpoint; write `{field}@CHECKPOINT`")]
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
    let comparison = match &claim.kind {
        ClaimKind::Prints(text) => return check_printed(text, record),
        ClaimKind::Compares(comparison) => comparison,
    };
    let reader = Reader {
        claim: &claim.text,
        record,
        at,
        of,
    };
    let (left, right) = reader.sides(comparison)?;
    if reader.holds(comparison, &left, &right)? {
        return Ok(());
    }
    let mut found = vec![reader.found(&comparison.left, &left)];
    found.push(reader.found(&comparison.right, &right));
    found.retain(|text| !text.is_empty());
    Err(ClaimError::False {
        claim: claim.text.clone(),
        found: found.join(", "),
        whence: whence(record),
        environment: record.environment.to_string(),
    })
}

/// The value of a side that stands alone.
pub fn value(
    side: &Side,
    record: &Record,
    at: Option<&Place>,
    of: Option<&str>,
) -> Result<Value, ClaimError> {
    let reader = Reader {
        claim: &side.text,
        record,
        at,
        of,
    };
    reader.side(side, None)
}

/// The amounts that a claim states, and those that its sides come to in a record
/// for which it can be checked.
pub fn amounts(
    claim: &Claim,
    record: Option<(&Record, Option<&Place>, Option<&str>)>,
    page_size: u64,
) -> Vec<Amount> {
    let ClaimKind::Compares(comparison) = &claim.kind else {
        return Vec::new();
    };
    let terms = [&comparison.left, &comparison.right];
    let terms = terms.into_iter().flat_map(|side| &side.terms);
    let mut found: Vec<Amount> = terms
        .filter_map(|(_, term)| match term {
            Term::Amount(number, unit) => Some(unit_amount(*number, *unit, page_size)),
            Term::Number(number) => Some(Amount {
                kind: Kind::Count,
                number: *number,
            }),
            _ => None,
        })
        .collect();
    if let Some((record, at, of)) = record {
        let reader = Reader {
            claim: &claim.text,
            record,
            at,
            of,
        };
        if let Ok((left, right)) = reader.sides(comparison) {
            found.extend([left, right].iter().filter_map(Value::amount));
        }
    }
    found
}

fn unit_amount(number: i128, unit: Unit, page_size: u64) -> Amount {
    Amount {
        kind: unit.kind(),
        number: number * i128::from(unit.size(page_size)),
    }
}

/// What is wrong with a claim that does not apply to a record's machine, as far as
/// that can be told: its places.
pub fn misread(
    claim: &Claim,
    record: &Record,
    at: Option<&Place>,
    of: Option<&str>,
) -> Option<ClaimError> {
    let mut places = claim.fields().filter_map(|(_, place)| place.or(at));
    let wrong = places.find_map(|place| View::at(record, place, of).err())?;
    Some(ClaimError::Field {
        claim: claim.text.clone(),
        source: Box::new(wrong),
    })
}

/// Checks that the listing printed a line with these words.
fn check_printed(text: &str, record: &Record) -> Result<(), ClaimError> {
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

/// Reads the sides of a claim in a record.
struct Reader<'a> {
    claim: &'a str,
    record: &'a Record,
    at: Option<&'a Place>,
    of: Option<&'a str>,
}

impl Reader<'_> {
    fn sides(&self, comparison: &Comparison) -> Result<(Value, Value), ClaimError> {
        let left = self.side(&comparison.left, None)?;
        let word = comparison.right.word();
        // A flag, or a word to compare text with.
        let right = match (&left, word) {
            (Value::Text(_) | Value::Flags(_), Some(word)) => Value::Text(word.to_owned()),
            _ => self.side(&comparison.right, Some(&left))?,
        };
        Ok((left, right))
    }

    /// The value of a side; `against` is the left side's, for the right one.
    fn side(&self, side: &Side, against: Option<&Value>) -> Result<Value, ClaimError> {
        let mut terms = side.terms.iter();
        let mut sum = match terms.next() {
            Some((_, first)) => self.term(first)?,
            None => Value::count(0),
        };
        for (taken_away, term) in terms {
            let other = self.term(term)?;
            let (Some(a), Some(b)) = (sum.amount(), other.amount()) else {
                return Err(self.kinds(&sum, &other, against.is_some()));
            };
            let kind = match (a.kind, taken_away, b.kind) {
                (Kind::Address, true, Kind::Address) => Kind::Memory,
                (Kind::Address, _, Kind::Memory) => Kind::Address,
                (a, _, b) if a == b && a != Kind::Address => a,
                _ => return Err(self.kinds(&sum, &other, false)),
            };
            let number = if *taken_away {
                a.number - b.number
            } else {
                a.number + b.number
            };
            sum = Value::Amount(Amount { kind, number });
        }
        Ok(sum)
    }

    fn term(&self, term: &Term) -> Result<Value, ClaimError> {
        let page_size = self.record.environment.page_size;
        Ok(match term {
            Term::Number(number) => Value::Amount(Amount {
                kind: Kind::Count,
                number: *number,
            }),
            Term::Address(address) => Value::address(*address),
            Term::Amount(count, unit) => Value::Amount(unit_amount(*count, *unit, page_size)),
            Term::Word { name, at } => self.field(name, at.as_ref().or(self.at))?,
        })
    }

    fn field(&self, name: &str, at: Option<&Place>) -> Result<Value, ClaimError> {
        let claim = || self.claim.to_owned();
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

    fn holds(
        &self,
        comparison: &Comparison,
        left: &Value,
        right: &Value,
    ) -> Result<bool, ClaimError> {
        use Operator as O;
        let operator = comparison.operator;
        match (left, operator, right) {
            (Value::Flags(flags), O::Has, Value::Text(flag)) => return Ok(flags.contains(flag)),
            (Value::Flags(flags), O::Lacks, Value::Text(flag)) => return Ok(!flags.contains(flag)),
            (Value::Text(a), O::Equal, Value::Text(b)) => return Ok(a == b),
            (Value::Text(a), O::Unequal, Value::Text(b))
                if comparison.left.word() != Some("perms") =>
            {
                let _ = (a, b);
                return Err(
                    self.vacuous("nearly every word is another one; claim the word that it is")
                );
            }
            (Value::Text(a), O::Unequal, Value::Text(b)) => return Ok(a != b),
            _ => {}
        }
        let (Some(a), Some(b)) = (left.amount(), right.amount()) else {
            return Err(self.kinds(left, right, operator.is_membership()));
        };
        if a.kind != b.kind || operator.is_membership() {
            return Err(self.kinds(left, right, operator.is_membership()));
        }
        if operator == O::Unequal && a.kind == Kind::Memory && (a.number - b.number) % 1024 != 0 {
            return Err(self.vacuous("the kernel counts memory in kB, so it always holds"));
        }
        Ok(match operator {
            O::Equal => a.number == b.number,
            O::Unequal => a.number != b.number,
            O::Less => a.number < b.number,
            O::LessOrEqual => a.number <= b.number,
            O::Greater => a.number > b.number,
            O::GreaterOrEqual => a.number >= b.number,
            O::Has | O::Lacks => false,
        })
    }

    fn vacuous(&self, why: &'static str) -> ClaimError {
        ClaimError::Vacuous {
            claim: self.claim.to_owned(),
            why,
        }
    }

    fn kinds(&self, left: &Value, right: &Value, membership: bool) -> ClaimError {
        let advice = match (left.kind(), right.kind()) {
            (Some(Kind::Memory), Some(Kind::Count)) => "give the number a unit: kB, pages or bytes",
            (Some(Kind::Time), Some(Kind::Count)) => "give the number a unit: ns, µs, ms or s",
            (Some(Kind::Count), Some(Kind::Memory | Kind::Time)) => "a plain number takes no unit",
            _ if membership => "only VmFlags has members, as in `VmFlags has nh`",
            _ if matches!(left, Value::Flags(_)) => "write `VmFlags has nh` or `VmFlags lacks nh`",
            _ => "compare two of the same kind",
        };
        ClaimError::Kinds {
            claim: self.claim.to_owned(),
            left: left.called(),
            right: right.called(),
            advice,
        }
    }

    /// What a side came to, for the message; nothing for a bare value.
    fn found(&self, side: &Side, value: &Value) -> String {
        let Some((_, Term::Word { name, at })) = side.terms.first() else {
            return String::new();
        };
        if matches!(value, Value::Text(text) if text == name) {
            return String::new();
        }
        let here = match (at, self.at) {
            (None, Some(here)) if side.terms.len() == 1 => format!("@{here}"),
            _ => String::new(),
        };
        format!("{}{here} = {}", side.text, self.in_words(value))
    }

    fn in_words(&self, value: &Value) -> String {
        let page_size = self.record.environment.page_size;
        let words = value.in_words(None, page_size);
        match value.amount() {
            Some(Amount {
                kind: Kind::Memory,
                number,
            }) if number % i128::from(page_size) == 0 => {
                format!("{words} ({})", Unit::Pages.of(number, page_size))
            }
            _ => words,
        }
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
            "median@end == 1220 ns",
            "median@end >= 1 µs",
            "Rss@mapped - Rss == -1 page",
            "end - start == Size",
            "end - memory == 16 MiB",
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
            ("VmFlags has hg", "VmFlags@touched = rd wr nh"),
            (
                "Rss@mapped - Rss == 0 kB",
                "Rss@mapped - Rss = -4 kB (-1 page)",
            ),
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
    fn what_means_nothing_is_refused() {
        for (text, words) in [
            ("Rss == 1", "give the number a unit"),
            ("minflt == 1 page", "a plain number takes no unit"),
            ("VmFlags == nh", "write `VmFlags has nh`"),
            ("median@end == 1220", "give the number a unit: ns"),
            ("outcome@end != EACCES", "nearly every word is another one"),
            ("Rss != 3 bytes", "the kernel counts memory in kB"),
            ("end + start == 4 kB", "compares an address with an address"),
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
