//! From text to a claim.

use text::nearest;

use super::{Claim, Comparison, Kind, OPERATORS, Operator, Side, Term};

/// A claim that cannot be read, with a caret under the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the claim: {what}\n  {text}\n  {}^", " ".repeat(text.get(..*at).unwrap_or_default().chars().count()))]
pub struct ParseError {
    pub text: String,
    /// Byte offset of the place.
    pub at: usize,
    pub what: String,
}

/// The flags that a kernel from 5.10 to 6.18 may print behind VmFlags: those of
/// `Documentation/filesystems/proc.rst` and of `show_smap_vma_flags` in
/// `fs/proc/task_mmu.c`.
const FLAGS: &[&str] = &[
    "rd", "wr", "ex", "sh", "mr", "mw", "me", "ms", "gd", "pf", "gu", "dw", "lo", "io", "sr", "rr",
    "dc", "de", "lf", "ac", "nr", "ht", "sf", "ar", "wf", "dd", "bt", "sd", "mm", "hg", "nh", "mg",
    "um", "uw", "mt", "ui", "ss", "dp", "sl",
];

pub fn parse(text: &str) -> Result<Claim, ParseError> {
    let text = text.trim();
    let claim = |kind| Claim {
        text: text.to_owned(),
        kind,
    };
    if let Some(printed) = text.strip_prefix("prints ") {
        return Ok(claim(Kind::Prints(printed.trim().to_owned())));
    }
    let mut words = Words::of(text);
    let left = words.side()?;
    let (at, operator) = words.operator()?;
    let right = words.side()?;
    words.end("one claim compares two sides")?;
    if operator.is_membership() {
        words.membership(at, &left, &right)?;
    }
    Ok(claim(Kind::Compares(Comparison {
        left,
        operator,
        right,
    })))
}

/// A side that stands alone.
pub fn side(text: &str) -> Result<Side, ParseError> {
    let mut words = Words::of(text.trim());
    let side = words.side()?;
    words.end("write a field, such as `Rss@touched`, or a claim about it")?;
    Ok(side)
}

/// Whether a word is one that compares.
pub fn is_operator(word: &str) -> bool {
    OPERATORS.iter().any(|operator| operator.name == word)
}

/// The words of a claim, each with its place.
struct Words<'a> {
    text: &'a str,
    words: Vec<(usize, &'a str)>,
    next: usize,
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Self {
        let start = text.as_ptr() as usize;
        let words = text
            .split_whitespace()
            // A word is a slice of the text.
            .map(|word| (word.as_ptr() as usize - start, word))
            .collect();
        Self {
            text,
            words,
            next: 0,
        }
    }

    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.next).map(|(_, word)| *word)
    }

    fn next(&mut self) -> Option<(usize, &'a str)> {
        let word = self.words.get(self.next).copied();
        self.next += 1;
        word
    }

    fn end(&mut self, advice: &str) -> Result<(), ParseError> {
        match self.next() {
            None => Ok(()),
            Some((at, word)) => self.fail(at, format!("`{word}` is too much; {advice}")),
        }
    }

    fn side(&mut self) -> Result<Side, ParseError> {
        let start = self
            .words
            .get(self.next)
            .map_or(self.text.len(), |(at, _)| *at);
        let mut terms = vec![(false, self.term()?)];
        while let Some(sign @ ("+" | "-")) = self.peek() {
            self.next += 1;
            terms.push((sign == "-", self.term()?));
        }
        let (at, last) = self.words[self.next - 1];
        Ok(Side {
            text: self.text[start..at + last.len()].to_owned(),
            terms,
        })
    }

    fn operator(&mut self) -> Result<(usize, Operator), ParseError> {
        let (at, word) = self.next().unwrap_or((self.text.len(), ""));
        if let Some(operator) = OPERATORS.iter().find(|operator| operator.name == word) {
            return Ok((at, *operator));
        }
        let near = nearest(word, OPERATORS.iter().map(|operator| operator.name));
        match word {
            "" => self.fail(at, format!("an operator is missing{near}")),
            word => self.fail(at, format!("`{word}` is no operator{near}")),
        }
    }

    fn term(&mut self) -> Result<Term, ParseError> {
        let Some((at, word)) = self.next() else {
            return self.fail(self.text.len(), "a field or a value is missing");
        };
        if let Some(hex) = word.strip_prefix("0x") {
            return match u64::from_str_radix(hex, 16) {
                Ok(address) => Ok(Term::Address(address)),
                Err(why) => self.fail(at, format!("`{word}` is no address: {why}")),
            };
        }
        let digits = word.strip_prefix('-').unwrap_or(word);
        if digits.starts_with(|c: char| c.is_ascii_digit()) {
            return self.number(at, word);
        }
        let (name, place) = match word.split_once('@') {
            Some((name, place)) => (name, Some(place)),
            None => (word, None),
        };
        let bad = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '?');
        if name.is_empty() || name.contains(bad) {
            return self.fail(
                at + name.find(bad).unwrap_or(0),
                format!("`{word}` is neither a field nor a value; words and operators are separated by spaces, as in `Rss == 1 page`"),
            );
        }
        let mut names = place.into_iter().flat_map(|place| place.split(':'));
        if names.any(|name| name.is_empty() || name.contains(bad)) {
            let what = format!("`{word}` names no checkpoint; write `{name}@CHECKPOINT`");
            return self.fail(at + name.len() + 1, what);
        }
        Ok(Term::Word {
            name: name.to_owned(),
            // Any text is a place.
            at: place.and_then(|place| place.parse().ok()),
        })
    }

    fn number(&mut self, at: usize, word: &str) -> Result<Term, ParseError> {
        let Ok(number) = word.parse::<i64>().map(i128::from) else {
            let sign = usize::from(word.starts_with('-'));
            let digits = word[sign..].find(|c: char| !c.is_ascii_digit());
            let what = format!("`{word}` is no whole number; a unit stands apart, as in `4 kB`");
            return self.fail(at + sign + digits.unwrap_or(0), what);
        };
        match self.peek() {
            None | Some("+" | "-") => return Ok(Term::Number(number)),
            Some(next) if is_operator(next) => return Ok(Term::Number(number)),
            Some(_) => {}
        }
        let (at, unit) = self.next().unwrap_or_default();
        match unit.parse() {
            Ok(unit) => Ok(Term::Amount(number, unit)),
            Err(what) => self.fail(at, what),
        }
    }

    /// `VmFlags has nh`: a flag that there is, of what has flags.
    fn membership(&self, at: usize, left: &Side, right: &Side) -> Result<(), ParseError> {
        let end = self.text.len();
        if left.only_field().is_none_or(|(name, _)| name != "VmFlags") {
            return self.fail(at, "only VmFlags has members, as in `VmFlags has nh`");
        }
        let Some(name) = right.word() else {
            return self.fail(
                end,
                "`has` and `lacks` take one flag, such as `VmFlags has nh`",
            );
        };
        if FLAGS.contains(&name) {
            return Ok(());
        }
        let near = nearest(name, FLAGS.iter().copied());
        self.fail(
            end - name.len(),
            format!("no kernel has a flag `{name}`{near}"),
        )
    }

    fn fail<T>(&self, at: usize, what: impl Into<String>) -> Result<T, ParseError> {
        let (text, what) = (self.text.to_owned(), what.into());
        Err(ParseError { text, at, what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        parse(text).map_or_else(|error| error.to_string(), |claim| format!("{claim:?}"))
    }

    #[test]
    fn a_caret_shows_the_place() {
        assert_eq!(
            message("Rss = 1 page"),
            "cannot read the claim: `=` is no operator; did you mean `==`?\n  Rss = 1 page\n      ^"
        );
        assert_eq!(
            message("Rss == 1 pages or so"),
            "cannot read the claim: `or` is too much; one claim compares two sides\n  Rss == 1 pages or so\n                 ^"
        );
        assert_eq!(
            message("Rss == 4kB"),
            "cannot read the claim: `4kB` is no whole number; a unit stands apart, as in `4 kB`\n  Rss == 4kB\n          ^"
        );
        assert_eq!(
            message("Rss == 1 page too"),
            "cannot read the claim: `too` is too much; one claim compares two sides\n  Rss == 1 page too\n                ^"
        );
        assert_eq!(
            message("Rss =="),
            "cannot read the claim: a field or a value is missing\n  Rss ==\n        ^"
        );
        assert_eq!(
            message("Rss@ == 0 kB"),
            "cannot read the claim: `Rss@` names no checkpoint; write `Rss@CHECKPOINT`\n  Rss@ == 0 kB\n      ^"
        );
        assert_eq!(
            message("Rss==0"),
            "cannot read the claim: `Rss==0` is neither a field nor a value; words and operators are separated by spaces, as in `Rss == 1 page`\n  Rss==0\n     ^"
        );
    }

    #[test]
    fn a_flag_is_one_that_there_is() {
        assert_eq!(
            message("VmFlags lacks nhh"),
            "cannot read the claim: no kernel has a flag `nhh`; did you mean `nh`?\n  VmFlags lacks nhh\n                ^"
        );
        assert_eq!(
            message("Rss has nh"),
            "cannot read the claim: only VmFlags has members, as in `VmFlags has nh`\n  Rss has nh\n      ^"
        );
        for flag in FLAGS {
            assert!(parse(&format!("VmFlags@touched has {flag}")).is_ok());
        }
    }

    #[test]
    fn what_the_book_claims_can_be_read() {
        for text in [
            "Rss == 1 page",
            "Size == 16384 kB",
            "perms == rw-p",
            "start == memory",
            "end == memory + 16384 kB",
            "VmFlags has nh",
            "Rss@touched == Rss@mapped + 1 page",
            "minflt@touched >= minflt@mapped + 1",
        ] {
            assert!(parse(text).is_ok(), "{text}: {}", message(text));
        }
    }
}
