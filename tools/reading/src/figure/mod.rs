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

use crate::excerpt::Excerpt;
use text::escape;

pub use address_space::AddressSpace;
pub use distribution::Distribution;
pub use grid::grids;
pub use plot::Plot;

/// A picture, as an excerpt: the word behind `capture draw`, what it shows and how to
/// read it, the element, and the text alternative, a sentence each.
fn drawing(kind: &str, caption: &str, svg: &str, said: &[String]) -> Excerpt {
    Excerpt {
        html: format!(
            "<figure class=\"drawing drawing-{kind}\"><figcaption>{}</figcaption>{svg}</figure>\n",
            escape(caption)
        ),
        text: format!("{caption}\n  {}\n", said.join("\n  ")),
    }
}

#[cfg(test)]
pub mod tests;
