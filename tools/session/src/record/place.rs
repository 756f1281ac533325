//! Where in a record something is looked at.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// The name that stands for the time after the program has ended, when only
/// what it printed is left.
pub const END: &str = "end";

/// A checkpoint, and perhaps another process than the listing's own:
/// `touched`, `forked:child`, `end:anna`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub checkpoint: String,
    pub process: Option<String>,
}

impl FromStr for Place {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let (checkpoint, process) = match text.split_once(':') {
            Some((checkpoint, process)) => (checkpoint, Some(process.to_owned())),
            None => (text, None),
        };
        Ok(Self {
            checkpoint: checkpoint.to_owned(),
            process,
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.checkpoint)?;
        match &self.process {
            Some(process) => write!(f, ":{process}"),
            None => Ok(()),
        }
    }
}
