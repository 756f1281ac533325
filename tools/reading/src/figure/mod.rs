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

use crate::view::FieldError;
use session::RecordError;
use text::{escape, nearest};

pub use address_space::AddressSpace;
pub use distribution::Distribution;
pub use grid::grids;
pub use plot::Plot;
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
