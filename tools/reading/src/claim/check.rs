//! Whether a claim holds for a record.

use anyhow::{Context, Result, anyhow, bail, ensure};
use session::{Moment, Place, Record};

use super::{Claim, Comparison, Kind as ClaimKind, Side, Term};
use crate::unit::{Amount, Kind, Unit};
use crate::view::{Value, View};

/// Where a claim is checked: `at` is the place that a field without one means, `of`
/// the mapping whose smaps fields are meant.
#[derive(Debug, Clone, Copy)]
pub struct Here<'a> {
    pub record: &'a Record,
    pub at: Option<&'a Place>,
    pub of: Option<&'a str>,
}

impl Here<'_> {
    /// Checks a claim.
    pub fn check(self, claim: &Claim) -> Result<()> {
        match &claim.kind {
            ClaimKind::Prints(text) => self.check_printed(text),
            ClaimKind::Compares(comparison) => self
                .compare(comparison)
                .map_err(|why| anyhow!("the claim `{}` {why}", claim.text)),
        }
    }

    /// The value of a side that stands alone.
    pub fn value(self, side: &Side) -> Result<Value> {
        let value = self.side(side);
        value.map_err(|why| anyhow!("`{}` {why}", side.text))
    }

    /// What the sides of a claim come to, as far as they can be had.
    pub fn amounts(self, claim: &Claim) -> Vec<Amount> {
        let sides = claim.comparison().and_then(|both| self.sides(both).ok());
        let sides = sides.into_iter().flatten();
        sides.filter_map(|value| value.amount).collect()
    }

    /// What is wrong with a claim that does not apply to a record's machine, as far as
    /// that can be told: its places.
    pub fn misread(self, claim: &Claim) -> Option<String> {
        let mut places = claim.fields().filter_map(|(_, at)| at.or(self.at));
        let wrong = places.find_map(|at| View::at(self.record, at, self.of).err())?;
        Some(format!(
            "the claim `{}` cannot be checked: {wrong}",
            claim.text
        ))
    }

    /// Checks that the listing printed a line with these words.
    fn check_printed(self, text: &str) -> Result<()> {
        let lines = self.record.transcript.iter();
        let lines = lines.filter_map(|moment| match moment {
            Moment::Printed(line) => Some(line.as_str()),
            Moment::Pressed(_) => None,
        });
        let lines: Vec<&str> = lines.collect();
        ensure!(
            lines.iter().any(|line| line.contains(text)),
            "the listing printed no line with `{text}`\n  it printed: {}{}",
            lines.join("\n              "),
            self.whence()
        );
        Ok(())
    }

    /// Of which session and machine it is told.
    fn whence(self) -> String {
        let record = self.record;
        format!(
            "\n  in: `{}`, process {}\n  on: {}",
            record.listing, record.pid, record.environment
        )
    }

    fn compare(self, comparison: &Comparison) -> Result<()> {
        let [left, right] = self.sides(comparison)?;
        if holds(comparison, &left, &right)? {
            return Ok(());
        }
        let found = [(&comparison.left, &left), (&comparison.right, &right)];
        let found = found.map(|(side, value)| self.found(side, value));
        let found: Vec<String> = found.into_iter().flatten().collect();
        bail!(
            "does not hold\n  found: {}{}",
            found.join(", "),
            self.whence()
        )
    }

    fn sides(self, comparison: &Comparison) -> Result<[Value; 2]> {
        let left = self.side(&comparison.left)?;
        // A flag, or a word to compare text with.
        let right = match (left.amount, comparison.right.word()) {
            (None, Some(word)) => Value::text(word),
            _ => self.side(&comparison.right)?,
        };
        Ok([left, right])
    }

    fn side(self, side: &Side) -> Result<Value> {
        let mut sum = self.term(&side.terms[0].1)?;
        for (sign, term) in &side.terms[1..] {
            let other = self.term(term)?;
            let amounts = sum.amount.zip(other.amount);
            let added = amounts.and_then(|(a, b)| added(a, *sign, b));
            sum = added.ok_or_else(|| kinds(&sum, &other))?.into();
        }
        Ok(sum)
    }

    fn term(self, term: &Term) -> Result<Value> {
        let Term::Word { name, at } = term else {
            let stated = term.stated(self.record.environment.page_size);
            return stated.map(Value::from).context("has no value");
        };
        let at = at.as_ref().or(self.at);
        let at = at.with_context(|| format!("names no checkpoint; write `{name}@CHECKPOINT`"))?;
        let value = View::at(self.record, at, self.of).and_then(|view| view.value(name));
        value.map_err(|why| anyhow!("cannot be checked: {why}"))
    }

    /// What a side came to, for the message; nothing for a bare value.
    fn found(self, side: &Side, value: &Value) -> Option<String> {
        let (_, Term::Word { name, at }) = &side.terms[0] else {
            return None;
        };
        if value.amount.is_none() && value.words == *name {
            return None;
        }
        let here = match (at, self.at) {
            (None, Some(here)) if side.terms.len() == 1 => format!("@{here}"),
            _ => String::new(),
        };
        let page_size = self.record.environment.page_size;
        let whole = |amount: &Amount| amount.number % i128::from(page_size) == 0;
        let memory = value.amount.filter(|amount| amount.kind == Kind::Memory);
        let pages = memory.filter(whole).map_or_else(String::new, |amount| {
            format!(" ({})", Unit::PAGES.of(amount.number, page_size))
        });
        // In the kernel's unit, whatever the listing's is.
        let words = value.amount.map(|amount| amount.to_string());
        let words = words.as_ref().unwrap_or(&value.words);
        Some(format!("{}{here} = {words}{pages}", side.text))
    }
}

/// A sum or a difference, where there is one: two addresses are so many bytes apart.
fn added(a: Amount, sign: i128, b: Amount) -> Option<Amount> {
    let kind = match (a.kind, sign, b.kind) {
        (Kind::Address, -1, Kind::Address) => Kind::Memory,
        (Kind::Address, _, Kind::Memory) => Kind::Address,
        (a, _, b) if a == b && a != Kind::Address => a,
        _ => return None,
    };
    Some(Amount::of(kind, a.number + sign * b.number))
}

fn holds(comparison: &Comparison, left: &Value, right: &Value) -> Result<bool> {
    let operator = comparison.operator;
    let (a, b) = match (left.amount, operator.name, right.amount) {
        (None, "has" | "lacks", None) => {
            let is_there = left.words.split(' ').any(|known| known == right.words);
            return Ok(is_there == (operator.name == "has"));
        }
        (None, "==" | "!=", None) => {
            let field = comparison.left.only_field();
            ensure!(
                operator.name == "==" || field.is_some_and(|(name, _)| name == "perms"),
                "says nothing: nearly every word is another one; claim the word that it is"
            );
            return Ok((left.words == right.words) == (operator.name == "=="));
        }
        (Some(a), _, Some(b)) if a.kind == b.kind => (a, b),
        _ => return Err(kinds(left, right)),
    };
    ensure!(
        operator.name != "!=" || a.kind != Kind::Memory || (a.number - b.number) % 1024 == 0,
        "says nothing: the kernel counts memory in kB, so it always holds"
    );
    Ok(operator.allows.contains(&a.number.cmp(&b.number)))
}

fn kinds(left: &Value, right: &Value) -> anyhow::Error {
    let advice = match (left.kind(), right.kind()) {
        (Some(Kind::Memory), Some(Kind::Count)) => "give the number a unit: kB, pages or bytes",
        (Some(Kind::Time), Some(Kind::Count)) => "give the number a unit: ns, µs, ms or s",
        (Some(Kind::Count), Some(Kind::Memory | Kind::Time)) => "a plain number takes no unit",
        _ => "compare two of the same kind",
    };
    anyhow!(
        "compares {} with {}; {advice}",
        left.called(),
        right.called()
    )
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
        let here = Here {
            record: &record,
            at: Some(&place),
            of: None,
        };
        let told = here
            .check(&claim)
            .map_or_else(|why| why.to_string(), |()| String::new());
        let found = told.lines().find_map(|line| line.strip_prefix("  found: "));
        found.unwrap_or(&told).to_owned()
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
            ("first_ns@end == 3", "compares a word with a plain number"),
            ("Rsss == 0 kB", "no field is named `Rsss`"),
        ] {
            let told = outcome(text);
            assert!(told.contains(words), "{text}: {told}");
        }
    }
}
