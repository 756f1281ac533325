//! What can be wrong with a page, in words that say what to do.

use std::fmt;
use std::path::PathBuf;

use crate::address::Fault;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The page, relative to the folder of the book.
    pub page: PathBuf,
    /// The line in the HTML, counted from 1; for a tag, the line that it ends on.
    pub line: u64,
    /// What is wrong there.
    pub what: Problem,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.page.display(), self.line, self.what)
    }
}

/// An attribute that holds an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The name of the element: `a`, `img`.
    pub element: String,
    /// The name of the attribute: `href`, `src`.
    pub attribute: String,
    /// The address as the page has it, character references resolved.
    pub address: String,
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            element,
            attribute,
            address,
        } = self;
        write!(f, "<{element} {attribute}=\"{address}\">")
    }
}

/// A piece of source that the build should have replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leftover {
    /// `<!-- cmdrun`: never run.
    Directive,
    /// `**cmdrun error**`: run, and failed.
    CommandError,
    /// `{{#`: an include or another helper that mdBook could not resolve.
    Helper,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The address itself is not usable.
    Address {
        /// The link that holds it.
        link: Link,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The book has no such file.
    MissingFile {
        /// The link that leads there.
        link: Link,
        /// The path that was looked for, from the folder of the book.
        target: String,
        /// The file with the most similar name, where one is similar.
        nearest: Option<String>,
    },
    /// The link leads to a folder that a server has no page for.
    NoIndex {
        /// The link that leads there.
        link: Link,
        /// The folder, from the folder of the book.
        folder: String,
    },
    /// Too many `..`.
    OutsideBook {
        /// The link that leads there.
        link: Link,
    },
    /// The page exists, the place on it does not.
    MissingFragment {
        /// The link that leads there.
        link: Link,
        /// The page that was looked at, from the folder of the book.
        target: String,
        /// The fragment, decoded.
        fragment: String,
        /// The id with the most similar name, where one is similar.
        nearest: Option<String>,
    },
    /// Two elements of a page have one id: a link can reach only the first.
    DuplicateId {
        /// The id.
        id: String,
        /// The line of the element that had it first.
        first: u64,
    },
    /// Source that was not replaced.
    Leftover {
        /// Which kind of source.
        kind: Leftover,
        /// How it begins.
        text: String,
    },
    /// The page is not UTF-8.
    NotUtf8,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address { link, fault } => write!(f, "{link} {fault}"),
            Self::MissingFile {
                link,
                target,
                nearest,
            } => {
                write!(
                    f,
                    "{link} leads to \"{target}\", which the book does not have; "
                )?;
                match nearest {
                    Some(nearest) => write!(f, "did you mean \"{nearest}\"?"),
                    None => write!(f, "add that file, or correct the link"),
                }
            }
            Self::NoIndex { link, folder } => write!(
                f,
                "{link} leads to the folder \"{folder}\", which has no index.html; \
                 link to a page in it"
            ),
            Self::OutsideBook { link } => write!(
                f,
                "{link} leads out of the book; copy what it means into the book, \
                 or link to it by https"
            ),
            Self::MissingFragment {
                link,
                target,
                fragment,
                nearest,
            } => {
                write!(
                    f,
                    "{link} leads to \"#{fragment}\", which \"{target}\" does not have; "
                )?;
                match nearest {
                    Some(nearest) => write!(f, "did you mean \"#{nearest}\"?"),
                    None => write!(f, "give a heading that id, or correct the link"),
                }
            }
            Self::DuplicateId { id, first } => write!(
                f,
                "the id \"{id}\" already stands on line {first}; rename one of the two"
            ),
            Self::Leftover { kind, text } => {
                let advice = match kind {
                    Leftover::Directive => {
                        "was never run; put it on one line, outside of a code block, \
                         and see that the preprocessor cmdrun is on"
                    }
                    Leftover::CommandError => "says that a command failed; run it by hand",
                    Leftover::Helper => "was not resolved; correct its name, file or anchor",
                };
                write!(f, "\"{text}\" {advice}")
            }
            Self::NotUtf8 => write!(f, "the page is not UTF-8; save its source as UTF-8"),
        }
    }
}
