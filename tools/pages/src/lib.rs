//! What our theme needs, and mdBook's templates cannot give it: coloured code
//! ([`Language`]), what a reader can search of a chapter ([`sections`]), the
//! descriptions and lists of headings ([`prepare`]), in a copy of the theme that
//! mdBook reads instead of ours ([`stage_in`]).
//!
//! It knows Markdown, HTML and the theme. It knows nothing of listings, sessions
//! and records.

mod highlight;
mod sections;
mod staged;
mod theme;

pub use highlight::Language;
pub use sections::{Section, sections};
pub use theme::{prepare, stage_in};
