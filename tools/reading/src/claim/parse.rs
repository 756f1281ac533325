//! From text to a claim.

use std::iter::Peekable;
use std::str::SplitWhitespace;

use text::nearest;

use super::{Claim, Comparison, Kind, OPERATORS, Side, Term};

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

impl Claim {
    /// Reads a claim; the error shows the place with a caret.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let text = text.trim();
        let kind = match text.strip_prefix("prints ") {
            Some(printed) => Kind::Prints(printed.trim().to_owned()),
            None => {
                let mut words = Words::of(text);
                let left = words.side()?;
                let comparison = words.compared(left)?;
                words.end("one claim compares two sides")?;
                Kind::Compares(comparison)
            }
        };
        let text = text.to_owned();
        Ok(Self { text, kind })
    }
}

impl Side {
    /// Reads a side that stands alone, such as `end - start`, or left in a claim,
    /// which comes with it.
    pub fn shown(text: &str) -> Result<(Self, Option<Claim>), ParseError> {
        let mut words = Words::of(text.trim());
        let side = words.side()?;
        if is_operator(words.peek()) {
            return Ok((side, Some(Claim::parse(text)?)));
        }
        words.end("write a field, such as `Rss@touched`, or a claim about it")?;
        Ok((side, None))
    }
}

/// Whether a word is one that compares.
fn is_operator(word: &str) -> bool {
    OPERATORS.iter().any(|operator| operator.name == word)
}

/// A letter or a sign that no name has.
fn is_foreign(c: char) -> bool {
    !(c.is_ascii_alphanumeric() || "_-?".contains(c))
}

/// The words of a claim from here on, each with its place.
struct Words<'a> {
    text: &'a str,
    rest: Peekable<SplitWhitespace<'a>>,
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Self {
        let rest = text.split_whitespace().peekable();
        Self { text, rest }
    }

    /// The next word; an empty one at the end.
    fn peek(&mut self) -> &'a str {
        self.rest.peek().copied().unwrap_or_default()
    }

    /// Where the next word is.
    fn place(&mut self) -> usize {
        match self.peek() {
            "" => self.text.len(),
            // A word is a slice of the text.
            word => word.as_ptr() as usize - self.text.as_ptr() as usize,
        }
    }

    fn next(&mut self) -> (usize, &'a str) {
        (self.place(), self.rest.next().unwrap_or_default())
    }

    fn end(&mut self, advice: &str) -> Result<(), ParseError> {
        match self.next() {
            (_, "") => Ok(()),
            (at, word) => self.fail(at, format!("`{word}` is too much; {advice}")),
        }
    }

    fn side(&mut self) -> Result<Side, ParseError> {
        let start = self.place();
        let mut terms = vec![(1, self.term()?)];
        while let sign @ ("+" | "-") = self.peek() {
            self.next();
            terms.push((if sign == "+" { 1 } else { -1 }, self.term()?));
        }
        let text = self.text[start..self.place()].trim_end().to_owned();
        Ok(Side { text, terms })
    }

    /// What is behind the left side.
    fn compared(&mut self, left: Side) -> Result<Comparison, ParseError> {
        let (at, word) = self.next();
        let Some(operator) = OPERATORS.into_iter().find(|each| each.name == word) else {
            let near = nearest(word, OPERATORS.iter().map(|operator| operator.name));
            let what = match word {
                "" => "an operator is missing".to_owned(),
                word => format!("`{word}` is no operator"),
            };
            return self.fail(at, what + &near);
        };
        let of_flags = left.only_field().is_some_and(|(name, _)| name == "VmFlags");
        if of_flags != operator.is_membership() {
            let what = "only VmFlags has members, and nothing else; write `VmFlags has nh` or `VmFlags lacks nh`";
            return self.fail(at, what);
        }
        let flag_at = self.place();
        let right = self.side()?;
        if of_flags {
            let Some(name) = right.word() else {
                let what = "`has` and `lacks` take one flag, such as `VmFlags has nh`";
                return self.fail(flag_at, what);
            };
            if !FLAGS.contains(&name) {
                let near = nearest(name, FLAGS.iter().copied());
                return self.fail(flag_at, format!("no kernel has a flag `{name}`{near}"));
            }
        }
        Ok(Comparison {
            left,
            operator,
            right,
        })
    }

    fn term(&mut self) -> Result<Term, ParseError> {
        let (at, word) = self.next();
        if word.is_empty() {
            return self.fail(at, "a field or a value is missing");
        }
        let digits = word.strip_prefix('-').unwrap_or(word);
        if digits.starts_with(|c: char| c.is_ascii_digit()) {
            return self.number(at, word);
        }
        let (name, place) = match word.split_once('@') {
            Some((name, place)) => (name, Some(place)),
            None => (word, None),
        };
        if name.is_empty() || name.contains(is_foreign) {
            return self.fail(
                at + name.find(is_foreign).unwrap_or(0),
                format!("`{word}` is neither a field nor a value; words and operators are separated by spaces, as in `Rss == 1 page`"),
            );
        }
        let mut names = place.into_iter().flat_map(|place| place.split(':'));
        if names.any(|name| name.is_empty() || name.contains(is_foreign)) {
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
        if matches!(self.peek(), "" | "+" | "-") || is_operator(self.peek()) {
            return Ok(Term::Number(number, None));
        }
        let (at, unit) = self.next();
        match unit.parse() {
            Ok(unit) => Ok(Term::Number(number, Some(unit))),
            Err(what) => self.fail(at, what),
        }
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
        Claim::parse(text).map_or_else(|error| error.to_string(), |claim| format!("{claim:?}"))
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
            "cannot read the claim: only VmFlags has members, and nothing else; write `VmFlags has nh` or `VmFlags lacks nh`\n  Rss has nh\n      ^"
        );
        assert!(message("VmFlags == nh").contains("write `VmFlags has nh`"));
        for flag in FLAGS {
            assert!(Claim::parse(&format!("VmFlags@touched has {flag}")).is_ok());
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
            assert!(Claim::parse(text).is_ok(), "{text}: {}", message(text));
        }
    }
}
