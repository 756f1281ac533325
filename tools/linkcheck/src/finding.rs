//! What can be wrong with a page, in words that say what to do.

use std::fmt;
use std::path::PathBuf;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The page, relative to the folder of the book; empty while a page is looked at
    /// by itself.
    pub page: PathBuf,
    /// The line in the HTML, counted from 1; for a tag, the line that it ends on.
    pub line: u64,
    pub about: About,
    /// What was found, and what to do.
    pub message: String,
}

/// What a chapter has to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// This line of this file asks for the excerpt.
    Excerpt { file: PathBuf, line: usize },
    /// It has a link to this address.
    Link(String),
    /// Its author wrote this: `<div`, `</div`, `<!-- todo -->`.
    Source(String),
    /// It makes the page.
    Page,
}

impl Finding {
    pub(crate) fn new(line: u64, about: About, message: impl Into<String>) -> Self {
        Self {
            page: PathBuf::new(),
            line,
            about,
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.page.display(), self.line)?;
        if let About::Excerpt { file, line } = &self.about {
            write!(f, "{}:{line}: ", file.display())?;
        }
        f.write_str(&self.message)
    }
}

/// An attribute that holds an address.
#[derive(Debug)]
pub(crate) struct Link {
    pub line: u64,
    /// How it is written: `<a href="x.html">`.
    pub tag: String,
    /// The address as the page has it, character references resolved.
    pub address: String,
}
