//! `capture draw`: pictures of a record, as inline SVG with a text alternative.
//!
//! A drawing is made of the record alone: every coordinate is computed from what
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
mod labels;
mod pages;
mod picture;
mod plot;
mod points;
mod svg;

use crate::view::FieldError;
use session::{Record, RecordError};

pub use distribution::SeriesError;
pub use pages::steps as grids;
pub use picture::Picture;
pub use svg::Image;

use super::Excerpt;

/// One or more pictures under one caption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// The word behind `capture draw`.
    pub verb: &'static str,
    /// What it shows, and how to read it.
    pub caption: String,
    pub images: Vec<Image>,
}

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Field(#[from] FieldError),
    #[error(transparent)]
    Series(#[from] SeriesError),
    #[error("cannot read the smaps of `{listing}` at `{place}`: {why}")]
    Smaps {
        listing: String,
        place: String,
        why: String,
    },
    #[error(
        "a plot needs two points, and `{listing}` has {found}: {}{}",
        if *found == 1 { "only one checkpoint has all of the fields" } else { "no checkpoint has all of the fields" },
        missing.iter().map(|line| format!("\n  {line}")).collect::<String>()
    )]
    TooFewPoints {
        listing: String,
        found: usize,
        /// What is missing where, a line each.
        missing: Vec<String>,
    },
    #[error("`{field}` is `{value}` at `{checkpoint}`: no number, so it cannot be plotted")]
    NotANumber {
        field: String,
        checkpoint: String,
        value: String,
    },
    #[error(
        "the fields of a plot's y axes may have two kinds of unit, one panel each; there are {}",
        kinds.join(", ")
    )]
    TooManyKinds { kinds: Vec<String> },
    #[error(
        "the record holds no page states of `{name}` at `{place}`: nothing is mapped there, or more than 1 GiB"
    )]
    NoPages { name: String, place: String },
}

/// The picture as an excerpt. `of` names the mapping that smaps fields and pages
/// mean, where the listing printed several addresses.
pub fn draw(record: &Record, picture: &Picture, of: Option<&str>) -> Result<Excerpt, DrawError> {
    let drawing = match picture {
        Picture::AddressSpace { at, options, .. } => {
            address_space::draw(record, at, options.title.as_deref())?
        }
        Picture::Plot { x, y, options, .. } => {
            let points = points::points(record, x, y, of)?;
            plot::draw(record, &points, options.title.as_deref())?
        }
        Picture::Distribution {
            series, options, ..
        } => distribution::draw(record, series, options.title.as_deref())?,
        Picture::Pages { at, options, .. } => {
            pages::draw(record, at, of, options.title.as_deref())?
        }
    };
    Ok(Excerpt::Drawing(drawing))
}

impl Drawing {
    pub(super) fn to_html(&self) -> String {
        let mut html = format!(
            "<figure class=\"drawing drawing-{}\"><figcaption>{}</figcaption>",
            self.verb,
            text::escape(&self.caption)
        );
        for image in &self.images {
            image.write(&mut html);
        }
        html.push_str("</figure>\n");
        html
    }

    /// The text alternatives.
    pub(super) fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.caption);
        for image in &self.images {
            text.push_str(&format!("{}\n", image.title));
            for line in &image.description {
                text.push_str(&format!("  {line}\n"));
            }
        }
        text
    }
}
