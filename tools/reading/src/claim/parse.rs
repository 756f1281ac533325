//! From text to a claim.

use super::{Claim, Operator, Side, Term};
use crate::unit::Unit;
use text::nearest;

/// A claim that cannot be read, with a caret under the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the claim: {what}\n  {text}\n  {}^", " ".repeat(text.get(..*at).unwrap_or_default().chars().count()))]
pub struct ParseError {
    pub text: String,
    /// Byte offset of the place.
    pub at: usize,
    pub what: String,
}

pub fn parse(text: &str) -> Result<Claim, ParseError> {
    let mut words = Words::of(text);
    words.name()?;
    let left = words.side()?;
    let operator = words.operator()?;
    let right = words.side()?;
    if let Some((at, word)) = words.next() {
        return Err(words.error(
            at,
            format!("`{word}` is too much; one claim compares two sides"),
        ));
    }
    if let (Operator::Has | Operator::Lacks, Some(_)) = (operator, right.rest.first()) {
        return Err(words.error(
            text.len(),
            "`has` and `lacks` take one flag, such as `VmFlags has nh`".to_owned(),
        ));
    }
    Ok(Claim {
        text: text.to_owned(),
        left,
        operator,
        right,
    })
}

/// Whether a claim may be named so: lowercase letters, digits and hyphens, a
/// letter first.
pub fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
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

    /// Passes over the claim's name, if it has one: `one-page: `.
    fn name(&mut self) -> Result<(), ParseError> {
        let Some(name) = self.peek().and_then(|word| word.strip_suffix(':')) else {
            return Ok(());
        };
        let (at, _) = self.words[self.next];
        self.next += 1;
        if is_name(name) {
            return Ok(());
        }
        Err(self.error(
            at,
            format!("`{name}` cannot name a claim; a name has lowercase letters, digits and hyphens, such as `one-page`"),
        ))
    }

    fn side(&mut self) -> Result<Side, ParseError> {
        let start = self
            .words
            .get(self.next)
            .map_or(self.text.len(), |(at, _)| *at);
        let first = self.term()?;
        let mut rest = Vec::new();
        while let Some(sign @ ("+" | "-")) = self.peek() {
            self.next += 1;
            rest.push((sign == "-", self.term()?));
        }
        let (at, last) = self.words[self.next - 1];
        Ok(Side {
            text: self.text[start..at + last.len()].to_owned(),
            first,
            rest,
        })
    }

    fn operator(&mut self) -> Result<Operator, ParseError> {
        let names = || Operator::ALL.iter().map(|(name, _)| *name);
        let Some((at, word)) = self.next() else {
            return Err(self.error(
                self.text.len(),
                format!("an operator is missing{}", nearest("", names())),
            ));
        };
        match Operator::ALL.iter().find(|(name, _)| *name == word) {
            Some((_, operator)) => Ok(*operator),
            None => Err(self.error(
                at,
                format!("`{word}` is no operator{}", nearest("", names())),
            )),
        }
    }

    fn term(&mut self) -> Result<Term, ParseError> {
        let Some((at, word)) = self.next() else {
            return Err(self.error(self.text.len(), "a field or a value is missing".to_owned()));
        };
        if let Some(hex) = word.strip_prefix("0x") {
            return u64::from_str_radix(hex, 16)
                .map(Term::Address)
                .map_err(|error| self.error(at, format!("`{word}` is no address: {error}")));
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return self.number(at, word);
        }
        let (name, checkpoint) = match word.split_once('@') {
            Some((name, checkpoint)) => (name, Some(checkpoint)),
            None => (word, None),
        };
        let bad = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '?');
        if name.is_empty() || name.contains(bad) {
            return Err(self.error(
                at + name.find(bad).unwrap_or(0),
                format!("`{word}` is neither a field nor a value; words and operators are separated by spaces, as in `Rss == 1 page`"),
            ));
        }
        if checkpoint.is_some_and(|place| {
            place
                .split(':')
                .any(|name| name.is_empty() || name.contains(bad))
        }) {
            return Err(self.error(
                at + name.len() + 1,
                format!("`{word}` names no checkpoint; write `{name}@CHECKPOINT`"),
            ));
        }
        Ok(Term::Word {
            name: name.to_owned(),
            at: checkpoint.map(|place| match place.parse() {
                Ok(place) => place,
                Err(never) => match never {},
            }),
        })
    }

    fn number(&mut self, at: usize, word: &str) -> Result<Term, ParseError> {
        let number: u64 = word.parse().map_err(|_| {
            let digits = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
            self.error(
                at + digits,
                format!("`{word}` is no whole number; a unit stands apart, as in `4 kB`"),
            )
        })?;
        let Some(next) = self.peek() else {
            return Ok(Term::Number(number));
        };
        let follows = next == "+" || next == "-" || Operator::ALL.iter().any(|(o, _)| *o == next);
        if follows {
            return Ok(Term::Number(number));
        }
        let at = self.words[self.next].0;
        self.next += 1;
        let unit: Unit = next.parse().map_err(|what| self.error(at, what))?;
        Ok(Term::Amount(number, unit))
    }

    fn error(&self, at: usize, what: String) -> ParseError {
        ParseError {
            text: self.text.to_owned(),
            at,
            what,
        }
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
            "cannot read the claim: `=` is no operator; there are `==`, `!=`, `<`, `<=`, `>`, `>=`, `has`, `lacks`\n  Rss = 1 page\n      ^"
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
            message("Rss == 1 MiB"),
            "cannot read the claim: `MiB` is no unit; there are kB, pages and bytes\n  Rss == 1 MiB\n           ^"
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
    fn a_claim_may_have_a_name() {
        let named = parse("one-page: Rss == 1 page").expect("well formed");
        let unnamed = parse("Rss == 1 page").expect("well formed");
        assert_eq!(named.text, "one-page: Rss == 1 page");
        assert_eq!(
            named,
            Claim {
                text: named.text.clone(),
                ..unnamed
            }
        );
        assert_eq!(
            message("One_page: Rss == 1 page"),
            "cannot read the claim: `One_page` cannot name a claim; a name has lowercase letters, digits and hyphens, such as `one-page`\n  One_page: Rss == 1 page\n  ^"
        );
        assert_eq!(
            message("one-page: Rss = 1 page"),
            "cannot read the claim: `=` is no operator; there are `==`, `!=`, `<`, `<=`, `>`, `>=`, `has`, `lacks`\n  one-page: Rss = 1 page\n                ^"
        );
        assert_eq!(
            message("one-page:"),
            "cannot read the claim: a field or a value is missing\n  one-page:\n           ^"
        );
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
