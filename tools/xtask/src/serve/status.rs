//! What the pages have to know about the book: the only thing that the builder
//! and the server share.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::lock;

/// Where the work stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// A build is running.
    Building,
    /// The last build went well, and has replaced the book.
    Built,
    /// The last build failed, with this text, and the book is what it was.
    Failed(Arc<str>),
}

/// The book as a page sees it at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Another number each time that what is served has changed: after each good
    /// build, and after each failed one as long as there is no book, since the
    /// failure is what is served then. The first is the time in milliseconds since
    /// 1970: a page that outlived another server must not take an edition of this
    /// one for its own.
    pub edition: u128,
    pub phase: Phase,
}

/// The book being served: where it lies and where the work on it stands.
#[derive(Debug)]
pub struct Site {
    /// The folder of the finished pages.
    pub book: PathBuf,
    status: Mutex<Status>,
    changed: Condvar,
    /// Whether the server ends.
    pub ends: AtomicBool,
}

impl Site {
    /// A site whose first build is about to start.
    pub fn new(book: PathBuf) -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            book,
            status: Mutex::new(Status {
                edition: since_1970.map_or(0, |since| since.as_millis()),
                phase: Phase::Building,
            }),
            changed: Condvar::new(),
            ends: AtomicBool::new(false),
        }
    }

    /// The status at this moment.
    pub fn status(&self) -> Status {
        lock(&self.status).clone()
    }

    /// The status as soon as it is another than this one, or after a time.
    pub fn news(&self, told: Option<&Status>, at_most: Duration) -> Status {
        let is_known = |status: &mut Status| Some(&*status) == told;
        let status = lock(&self.status);
        let waited = self.changed.wait_timeout_while(status, at_most, is_known);
        waited.unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// Says where the work stands now.
    pub fn tell(&self, phase: Phase) {
        let is_served = match phase {
            Phase::Building => false,
            Phase::Built => true,
            Phase::Failed(_) => !self.book.is_dir(),
        };
        let mut status = lock(&self.status);
        status.edition += u128::from(is_served);
        status.phase = phase;
        self.changed.notify_all();
    }
}
