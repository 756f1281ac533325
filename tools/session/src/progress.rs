//! What a build does just now, and what it has spent its time on.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What a build does just now, for those who wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// No session is run: the records were read from this folder.
    Read(PathBuf),
    Compiled(Duration),
    Recorded(String, Duration),
    /// A listing that no chapter shows.
    Unshown(String),
    /// A listing that this machine cannot run, and why.
    Skipped(String, String),
    /// A span of the build is over: what it did, for how long.
    Spent(&'static str, Duration),
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(folder) => write!(
                f,
                "  read the records in {}, which CAPTURE_RECORDS names: no capture is fresh",
                folder.display()
            ),
            Self::Compiled(time) => write!(f, "  compiled the listings in {} ms", time.as_millis()),
            Self::Recorded(listing, time) => {
                write!(f, "  recorded {listing} in {} ms", time.as_millis())
            }
            Self::Unshown(listing) => {
                write!(f, "  note: no chapter shows `{listing}`, so it is not run")
            }
            Self::Skipped(listing, reason) => write!(f, "  skipped {listing}: {reason}"),
            Self::Spent(what, time) => write!(f, "  {what}: {} ms", time.as_millis()),
        }
    }
}

/// Does something, and tells how long it took.
pub fn span<T>(what: &'static str, tell: impl FnOnce(Progress), work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    tell(Progress::Spent(what, start.elapsed()));
    done
}
