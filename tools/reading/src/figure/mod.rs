//! Figures: pictures of a record, as inline SVG with a text alternative.
//!
//! A figure is made of the record alone: every coordinate is computed from what
//! the kernel or the listing printed, and the text alternative says the same in
//! words. Its colours are the page's own (`currentColor`, and properties of
//! theme/captures.css), and nothing is told by colour alone.
//!
//! The SVG is written here, not by a crate of charts: the `plotters` crate
//! writes fixed RGB colours that cannot follow the page from light to dark, line
//! feeds that would end the HTML block in Markdown, and no text alternative. The
//! axes, which are what it would save, are in [`axis`].

mod address_space;
mod axis;
mod distribution;
mod grid;
mod plot;
mod svg;

use clap::Subcommand;

use crate::cli::Common;
use crate::excerpt::Excerpt;
use crate::view::FieldError;
use session::{Checkpoint, END, Place, Record, RecordError};
use text::{escape, nearest};

pub use grid::grids;
pub use svg::Image;

/// A picture and its caption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// The word behind `capture draw`.
    pub kind: &'static str,
    /// What it shows, and how to read it.
    pub caption: String,
    pub image: Image,
}

/// What to draw of a listing's record.
#[derive(Debug, Subcommand)]
pub enum Picture {
    /// The process's VMAs, grouped and named, with the printed addresses
    AddressSpace {
        listing: String,
        /// The place: CHECKPOINT, or CHECKPOINT:PROCESS
        #[arg(long, value_name = "PLACE")]
        at: Place,
        #[command(flatten)]
        common: Common,
    },
    /// A field against a field: a point at each checkpoint that has both
    Plot {
        listing: String,
        /// The field of the horizontal axis
        #[arg(long, value_name = "FIELD")]
        x: String,
        /// The field of the vertical axis
        #[arg(long, value_name = "FIELD")]
        y: String,
        /// The picture's title
        #[arg(long, value_name = "TEXT")]
        title: String,
        #[command(flatten)]
        common: Common,
    },
    /// Printed series as cumulative curves over a logarithmic axis
    Distribution {
        listing: String,
        /// A series that the listing printed: `NAME = 1151 1222 1300`; its name
        /// ends in _ns if it is of durations. Repeat it for a second and third
        #[arg(long, value_name = "NAME", required = true)]
        series: Vec<String>,
        /// The picture's title
        #[arg(long, value_name = "TEXT")]
        title: String,
        #[command(flatten)]
        common: Common,
    },
}

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FigureError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Field(#[from] FieldError),
    #[error("cannot read the smaps of `{listing}` at `{place}`: {why}")]
    Smaps {
        listing: String,
        place: String,
        why: String,
    },
    #[error(
        "a plot needs two points, and {found} of `{listing}`'s checkpoints have both fields:{missing}"
    )]
    TooFewPoints {
        listing: String,
        found: usize,
        /// What is missing where, a line each.
        missing: String,
    },
    #[error(
        "`{listing}` printed no series `{name}`{}; a series is a line of several numbers, such as `{name} = 1151 1222 1300`",
        nearest(name, known.iter().map(String::as_str))
    )]
    NoSeries {
        listing: String,
        name: String,
        known: Vec<String>,
    },
    #[error("a distribution has at most {most} series: more curves cannot be told apart")]
    TooManySeries { most: usize },
}

/// The picture as an excerpt. `of` names the mapping that smaps fields mean,
/// where the listing printed several addresses.
pub fn draw(record: &Record, picture: &Picture, of: Option<&str>) -> Result<Excerpt, FigureError> {
    let drawing = match picture {
        Picture::AddressSpace { at, .. } => address_space::draw(record, at)?,
        Picture::Plot { x, y, title, .. } => plot::draw(record, x, y, of, title)?,
        Picture::Distribution { series, title, .. } => distribution::draw(record, series, title)?,
    };
    Ok(Excerpt::Drawing(drawing))
}

impl Picture {
    pub fn listing(&self) -> &String {
        match self {
            Self::AddressSpace { listing, .. }
            | Self::Plot { listing, .. }
            | Self::Distribution { listing, .. } => listing,
        }
    }

    pub fn common(&self) -> &Common {
        match self {
            Self::AddressSpace { common, .. }
            | Self::Plot { common, .. }
            | Self::Distribution { common, .. } => common,
        }
    }

    /// The place that it names.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::AddressSpace { at, .. } => Some(at),
            Self::Plot { .. } | Self::Distribution { .. } => None,
        }
    }

    /// The place that a claim's bare field means: the one that the picture names,
    /// of a distribution the end, of a plot the record's last checkpoint.
    pub fn claims_at(&self, record: &Record) -> Option<Place> {
        match self {
            Self::AddressSpace { at, .. } => Some(at.clone()),
            Self::Plot { .. } => record.checkpoints.last().map(Checkpoint::place),
            Self::Distribution { .. } => Some(Place {
                checkpoint: END.to_owned(),
                process: None,
            }),
        }
    }
}

impl Drawing {
    pub fn to_html(&self) -> String {
        format!(
            "<figure class=\"drawing drawing-{}\"><figcaption>{}</figcaption>{}</figure>\n",
            self.kind,
            escape(&self.caption),
            self.image.svg
        )
    }

    /// The text alternative.
    pub fn to_text(&self) -> String {
        let lines = self.image.description.iter();
        let lines: String = lines.map(|line| format!("  {line}\n")).collect();
        format!("{}\n{lines}", self.caption)
    }
}

#[cfg(test)]
pub mod tests;
