//! Small books for tests: written, built, looked at.
//!
//! A test reads as before and after: what is in the book, then what its build
//! says. Each book has a folder of its own under `target/tests/`, which stays
//! there to be looked at when a test fails.

mod book;
mod files;
mod page;
mod processes;
mod run;

pub use book::{Book, COUNTS_STARTS, MAPS_MEMORY, listing, mdbook};
pub use files::{assert_same_files, files};
pub use page::{captured, text_of};
pub use processes::{children, children_left, end_by, end_group_by, exists, is_alone};
pub use run::{Finished, Running, tool};

use std::path::PathBuf;

/// The repository's root.
pub fn repository() -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    tests.parent().map(PathBuf::from).unwrap_or(tests)
}
