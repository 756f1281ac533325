//! What the pages have to know about the book: the only thing that the builder
//! and the server share.

use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the work stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// A build is running.
    Building,
    /// The last build went well.
    Built,
    /// The last build failed, with this text.
    Failed(Arc<str>),
}

/// The book as a page sees it at one moment.
#[derive(Debug, Clone)]
pub struct Status {
    /// How often what is served has changed since the server started: after
    /// each good build, and after each failed one as long as there is no book,
    /// since the failure is what is served then.
    pub edition: u64,
    /// Where the work stands.
    pub phase: Phase,
    /// How often any of this has changed.
    pub version: u64,
    /// Whether nobody builds any more.
    is_abandoned: bool,
}

/// The book being served: where it lies and where the work on it stands.
#[derive(Debug)]
pub struct Site {
    book: PathBuf,
    /// Milliseconds since 1970 when this server started. A page that outlived
    /// another server must not take this one's first edition for its own.
    started: u128,
    status: Mutex<Status>,
    news: UnixStream,
}

impl Site {
    /// A site whose first build is about to start, and what can be read after
    /// each change of its status.
    pub fn new(book: PathBuf) -> io::Result<(Self, UnixStream)> {
        let (news, told) = UnixStream::pair()?;
        news.set_nonblocking(true)?;
        told.set_nonblocking(true)?;
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        let site = Self {
            book,
            started: since_1970.map_or(0, |since| since.as_millis()),
            status: Mutex::new(Status {
                edition: 0,
                phase: Phase::Building,
                version: 0,
                is_abandoned: false,
            }),
            news,
        };
        Ok((site, told))
    }

    /// The folder of the finished pages.
    pub fn book(&self) -> &Path {
        &self.book
    }

    /// The status at this moment.
    pub fn status(&self) -> Status {
        self.lock().clone()
    }

    /// The version of the status at this moment.
    pub fn version(&self) -> u64 {
        self.lock().version
    }

    /// Whether the thread that builds has ended by itself.
    pub fn is_abandoned(&self) -> bool {
        self.lock().is_abandoned
    }

    /// The name of the edition in `status`: digits and a hyphen only, so that
    /// it stands in HTML and in an event's id as it is.
    pub fn edition(&self, status: &Status) -> String {
        format!("{}-{}", self.started, status.edition)
    }

    /// Says that a build has started.
    pub fn building(&self) {
        self.change(|status| status.phase = Phase::Building);
    }

    /// Says that the book has been replaced by a new one.
    pub fn built(&self) {
        self.change(|status| {
            status.edition += 1;
            status.phase = Phase::Built;
        });
    }

    /// Says that a build has failed and the book is what it was.
    pub fn failed(&self, text: &str) {
        let failure_is_served = !self.has_book();
        self.change(|status| {
            status.edition += u64::from(failure_is_served);
            status.phase = Phase::Failed(text.into());
        });
    }

    /// Says that there will be no more builds.
    pub fn abandon(&self) {
        self.change(|status| status.is_abandoned = true);
    }

    /// Whether there is a book to serve, from this server's builds or from an
    /// earlier one.
    pub fn has_book(&self) -> bool {
        self.book.is_dir()
    }

    fn change(&self, change: impl FnOnce(&mut Status)) {
        let mut status = self.lock();
        change(&mut status);
        status.version += 1;
        // If there is no room, enough news waits to be read.
        let _ = (&self.news).write(&[0]);
    }

    fn lock(&self) -> MutexGuard<'_, Status> {
        // Nothing that holds it panics half-way.
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
