//! Why there is no listing, no program or no record.

use std::fmt::Display;
use std::path::Path;

/// What is wrong, with its place and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RecordsError(pub String);

impl RecordsError {
    /// Something that cannot be done with a file.
    pub fn cannot(what: &str, path: &Path, why: impl Display) -> Self {
        Self(format!("cannot {what} {}: {why}", path.display()))
    }
}
