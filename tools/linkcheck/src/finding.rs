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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Leftover {
    /// `<!-- cmdrn`: nothing that was understood.
    #[error(
        "is a comment, which nothing has read and no reader sees; correct its first word, or \
         remove it"
    )]
    Comment,
    /// `<!-- cmdrun`: never run.
    #[error(
        "was never run; put it on one line, outside of a code block, and see that the preprocessor \
         cmdrun is on"
    )]
    Directive,
    /// `**cmdrun error**`: run, and failed.
    #[error("says that a command failed; run it by hand")]
    CommandError,
    /// `{{#`: an include or another helper that mdBook could not resolve.
    #[error("was not resolved; correct its name, file or anchor")]
    Helper,
}

/// What is wrong with an element in the text of a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// `<div>` alone, or closed behind what it stands in.
    #[error("has no end tag where it should; close it inside of the element that it began in")]
    NotClosed,
    /// `</div>` alone, or for the second time.
    #[error("has an end tag that closes nothing; remove it, or open what it should close")]
    ClosesNothing,
    /// `<div />`: a browser does not read the `/`.
    #[error("does not end with \"/>\": all that follows stands in it; give it an end tag")]
    SelfClosing,
    /// A block in a `<p>`: a browser closes that first.
    #[error("ends the paragraph that it stands in; put a blank line before it")]
    EndsParagraph,
    /// `<style>`, `<body>`, `<script>`.
    #[error("acts on the whole page, not on its place in the text; remove it")]
    OfThePage,
    /// A `<details>` that nobody knows what to expect of.
    #[error("has no <summary>; say in one what a reader finds when it is opened")]
    NoSummary,
    /// A heading inside of the element.
    #[error("stands in {0}, where no reader finds it; close that before the heading")]
    UnseenHeading(String),
}

/// An excerpt that a reader does not see, or not as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the excerpt \"{text}\" {fate}")]
pub struct Lost {
    /// How it begins.
    pub text: String,
    /// What became of it.
    pub fate: Fate,
}

/// What became of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fate {
    /// In a comment, an attribute, an element that is not shown.
    #[error("stands in {0}, where no reader sees it; end that before the excerpt, or remove it")]
    Unseen(String),
    /// The element is there, but Markdown has read something into its text.
    #[error("was changed on its way: \"{was}\" reads \"{is}\"; put it on lines of its own")]
    Changed {
        /// From where on the two differ.
        was: String,
        /// What the page has there.
        is: String,
    },
    /// Before what precedes it in the chapter.
    #[error("stands before another that precedes it in the chapter; move its directive")]
    OutOfOrder,
    /// mdBook drops what nothing refers to.
    #[error(
        "is nowhere on the page; take its directive out of a footnote or a definition that nothing \
         refers to, and out of tags and attributes"
    )]
    Nowhere,
    /// The book has no such page.
    #[error("has no page; name its chapter in SUMMARY.md")]
    NoPage,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// An excerpt that is not seen.
    #[error("{}:{line}: {lost}", file.display())]
    Excerpt {
        /// The chapter's file that asks for it.
        file: PathBuf,
        /// The line in that file.
        line: usize,
        /// What is not seen, and why.
        lost: Lost,
    },
    /// An element as excerpts have it, which shows none, or one for the second time.
    #[error(
        "{element} shows no excerpt, or one that stands on the page already; let a directive write \
         it, once, or take another class"
    )]
    NoExcerpt {
        /// Its start tag.
        element: String,
    },
    /// The author's own HTML does not mean what it seems to.
    #[error("<{element}> {flaw}")]
    Markup {
        /// The name of the element.
        element: String,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// Not one `<h1>`.
    #[error("the page has {0} titles; write one, and \"## \" for all below it")]
    Titles(usize),
    /// An id without a letter: no link can lead there.
    #[error("the id is empty; use letters or digits in that heading")]
    EmptyId,
    /// The address itself is not usable.
    #[error("{link} {fault}")]
    Address {
        /// The link that holds it.
        link: Link,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The book has no such file.
    #[error(
        "{link} leads to \"{target}\", which the book does not have{}",
        or(nearest, "; add that file, or correct the link")
    )]
    MissingFile {
        /// The link that leads there.
        link: Link,
        /// The path that was looked for, from the folder of the book.
        target: String,
        /// A clause that names the files of similar names, if there are any.
        nearest: String,
    },
    /// The link leads to a folder that a server has no page for.
    #[error(
        "{link} leads to the folder \"{folder}\", which has no index.html; link to a page in it"
    )]
    NoIndex {
        /// The link that leads there.
        link: Link,
        /// The folder, from the folder of the book.
        folder: String,
    },
    /// Too many `..`.
    #[error(
        "{link} leads out of the book; copy what it means into the book, or link to it by https"
    )]
    OutsideBook {
        /// The link that leads there.
        link: Link,
    },
    /// The page exists, the place on it does not.
    #[error(
        "{link} leads to \"#{fragment}\", which \"{target}\" does not have{}",
        or(nearest, "; give a heading that id, or correct the link")
    )]
    MissingFragment {
        /// The link that leads there.
        link: Link,
        /// The page that was looked at, from the folder of the book.
        target: String,
        /// The fragment, decoded.
        fragment: String,
        /// A clause that names similar ids, if there are any.
        nearest: String,
    },
    /// Two elements of a page have one id: a link can reach only the first.
    #[error("the id \"{id}\" already stands on line {first}; rename one of the two")]
    DuplicateId {
        /// The id.
        id: String,
        /// The line of the element that had it first.
        first: u64,
    },
    /// Source that was not replaced.
    #[error("\"{text}\" {kind}")]
    Leftover {
        /// Which kind of source.
        kind: Leftover,
        /// How it begins.
        text: String,
    },
    /// The page is not UTF-8.
    #[error("the page is not UTF-8; save its source as UTF-8")]
    NotUtf8,
}

/// The advice where no name is near.
fn or<'a>(nearest: &'a str, otherwise: &'a str) -> &'a str {
    if nearest.is_empty() {
        otherwise
    } else {
        nearest
    }
}
