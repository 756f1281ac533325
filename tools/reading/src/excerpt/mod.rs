//! Excerpts: the part of a record that a page shows.
//!
//! Each verb is a [`Part`] and makes an [`Excerpt`], which is then written as HTML
//! for a page or as plain text for a terminal.

mod claims;
mod html;
mod proc_line;
mod run;
mod show;
mod steps;
mod text;
mod value;

pub use claims::Claims;
pub use run::{Run, RunError};
pub use show::{Show, ShowError};
pub use steps::{Steps, StepsError};
pub use value::{Inline, ValueError};

use crate::answer::AnswerError;
use crate::claim::Claim;
use crate::cli::Format;
use crate::figure::{Drawing, Image};
use session::{Environment, Place, Record};

/// A part of a record that a verb shows. The verb itself says only what is its
/// own; `cli` and `answer` do the rest.
pub trait Part {
    /// The places that it names, at which the session must look.
    fn places(&self) -> Vec<Place> {
        Vec::new()
    }

    /// What the session runs there in a shell.
    fn command(&self) -> Option<String> {
        None
    }

    /// What it claims itself, beside what `--expect` does.
    fn claims(&self) -> &[Claim] {
        &[]
    }

    /// Where the fields of claims are looked at that name no place: the last that
    /// it names, or a place of the record, once there is one.
    fn claims_at(&self, _: Option<&Record>) -> Option<Place> {
        self.places().pop()
    }

    /// The excerpt. `of` names the mapping that smaps fields mean, where the
    /// listing printed several addresses.
    fn excerpt(&self, record: &Record, of: Option<&str>) -> Result<Excerpt, AnswerError>;

    /// What stands there where it does not apply to the machine of the record.
    fn skipped(&self, record: &Record, reason: String) -> Result<Excerpt, AnswerError> {
        Ok(Excerpt::Skipped {
            listing: record.listing.clone(),
            reason,
        })
    }
}

/// What a page shows of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Excerpt {
    /// A terminal's text.
    Terminal(Terminal),
    /// Several checkpoints side by side.
    Steps(Table),
    /// A picture.
    Drawing(Drawing),
    /// Words in the middle of a sentence.
    Inline(String),
    /// Where the excerpts of a page come from: those of this build, and those of
    /// stored records.
    Environment {
        fresh: Vec<Environment>,
        stored: Vec<Environment>,
    },
    /// Nothing at all: claims are for the build.
    Nothing,
    /// There is nothing to show here, and why.
    Skipped { listing: String, reason: String },
}

/// Rows of one of the reader's two terminals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminal {
    /// 1: the listing. 2: what the kernel says.
    pub number: u8,
    /// What it shows, in a few words.
    pub caption: String,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A command, typed at the prompt.
    Command(String),
    /// A line that was printed; `pressed` where Return was pressed behind it,
    /// and the note in its margin.
    Line {
        text: String,
        pressed: bool,
        note: Option<String>,
    },
    /// Lines that are left out.
    Elided,
    /// How the program ended, where that is not with exit status 0.
    Ended(String),
}

/// Checkpoints side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The figure's id; that of a column is this and `-step-1`.
    pub id: String,
    pub listing: String,
    pub caption: String,
    /// The checkpoints.
    pub columns: Vec<String>,
    pub rows: Vec<Compared>,
    /// The mapping's pages, one grid for each column; empty where the record has
    /// not all of them.
    pub pages: Vec<Image>,
}

/// One field at each checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub field: String,
    pub cells: Vec<Cell>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    /// It differs from the cell before it.
    pub changed: bool,
}

impl Excerpt {
    /// As one asks for it.
    pub fn write(&self, format: Format) -> String {
        match format {
            Format::Html => self.to_html(),
            Format::Text => self.to_text(),
        }
    }

    /// One HTML element, without a blank line, so that it can stand in Markdown.
    pub fn to_html(&self) -> String {
        html::write(self)
    }

    /// Plain text, for a terminal.
    pub fn to_text(&self) -> String {
        text::write(self)
    }
}
