//! Excerpts: the part of a record that a page shows.
//!
//! Each verb makes an [`Excerpt`], which is then written as HTML for a page or
//! as plain text for a terminal.

mod draw;
mod html;
mod proc_line;
mod run;
mod show;
mod steps;
mod text;
mod value;

pub use draw::{DrawError, Drawing, Image, Picture, draw};
pub use run::{RunError, run};
pub use show::{Show, ShowError, show};
pub use steps::{Steps, StepsError, steps};
pub use value::{Inline, ValueError, value};

use crate::cli::Format;
use session::Environment;

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
