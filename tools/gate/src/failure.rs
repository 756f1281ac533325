//! The gate's findings: what is wrong, where, and what to do.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong with the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The chapter's file, below the book's root: `src/first-contact/x.md`.
    pub chapter: PathBuf,
    /// Line in that file; 0 for the file as a whole.
    pub line: usize,
    /// What was found and what to do, in one or more lines.
    pub message: String,
}

/// All that is wrong with the book, in the order of the chapters.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
pub struct Failures(Vec<Failure>);

impl Failures {
    /// Puts the findings in order: chapter by chapter as `order` has them, line
    /// by line.
    pub fn in_order(mut found: Vec<Failure>, order: &[PathBuf]) -> Self {
        let position = |path: &Path| order.iter().position(|chapter| chapter == path);
        found.sort_by_cached_key(|failure| {
            let chapter = position(&failure.chapter).unwrap_or(usize::MAX);
            (chapter, failure.chapter.clone(), failure.line)
        });
        Self(found)
    }

    /// Whether nothing is wrong, of what is not a chapter's.
    pub(crate) fn none_of(found: Vec<Failure>) -> Result<(), Self> {
        match found.is_empty() {
            true => Ok(()),
            false => Err(Self::in_order(found, &[])),
        }
    }
}

impl fmt::Display for Failures {
    /// One paragraph a failure. The same words at several places, such as those
    /// of one broken listing, stand once, at the first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for failure in &self.0 {
            places
                .entry(&failure.message)
                .or_default()
                .push(failure.place());
        }
        let mut count = 0;
        for failure in &self.0 {
            let Some(at) = places.remove(failure.message.as_str()) else {
                continue;
            };
            count += 1;
            writeln!(f, "{}: {}", at[0], failure.message.trim_end())?;
            match at.len() - 1 {
                0 => {}
                more if more <= 3 => writeln!(f, "  (also at {})", at[1..].join(", "))?,
                more => writeln!(f, "  (also at {} and {} more)", at[1], more - 1)?,
            }
            writeln!(f)?;
        }
        let plural = if count == 1 { "failure" } else { "failures" };
        write!(f, "{count} {plural}; the book was not built")
    }
}

impl Failure {
    /// Chapter and line.
    pub fn place(&self) -> String {
        match self.line {
            0 => self.chapter.display().to_string(),
            line => format!("{}:{line}", self.chapter.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(chapter: &str, line: usize, message: &str) -> Failure {
        Failure {
            chapter: chapter.into(),
            line,
            message: message.to_owned(),
        }
    }

    #[test]
    fn chapters_come_in_the_order_of_the_book() {
        let order = ["src/z.md".into(), "src/a.md".into()];
        let failures = Failures::in_order(
            vec![
                failure("src/a.md", 3, "third"),
                failure("src/z.md", 9, "second"),
                failure("src/z.md", 2, "first"),
                failure("src/stray.md", 0, "last"),
            ],
            &order,
        );
        assert_eq!(
            failures.to_string(),
            "src/z.md:2: first\n\nsrc/z.md:9: second\n\nsrc/a.md:3: third\n\n\
             src/stray.md: last\n\n4 failures; the book was not built"
        );
    }

    #[test]
    fn the_same_words_stand_once() {
        let failures = Failures::in_order(
            vec![failure("a.md", 1, "broken"), failure("b.md", 2, "broken")],
            &["a.md".into(), "b.md".into()],
        );
        assert_eq!(
            failures.to_string(),
            "a.md:1: broken\n  (also at b.md:2)\n\n1 failure; the book was not built"
        );
    }
}
