//! What the pages have to know about the book: the only thing that the builder
//! and the server share.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

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
}

/// The book being served: where it lies and where the work on it stands.
#[derive(Debug)]
pub struct Site {
    book: PathBuf,
    /// Milliseconds since 1970 when this server started. A page that outlived
    /// another server must not take this one's first edition for its own.
    started: u128,
    status: watch::Sender<Status>,
}

impl Site {
    /// A site whose first build is about to start.
    pub fn new(book: PathBuf) -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            book,
            started: since_1970.map_or(0, |since| since.as_millis()),
            status: watch::Sender::new(Status {
                edition: 0,
                phase: Phase::Building,
            }),
        }
    }

    /// The folder of the finished pages.
    pub fn book(&self) -> &Path {
        &self.book
    }

    /// The status at this moment.
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// A view of the status that can be waited on.
    pub fn subscribe(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// The name of the edition in `status`: digits and a hyphen only, so that
    /// it stands in HTML and in an event's id as it is.
    pub fn edition(&self, status: &Status) -> String {
        format!("{}-{}", self.started, status.edition)
    }

    /// Says that a build has started.
    pub fn building(&self) {
        self.status
            .send_modify(|status| status.phase = Phase::Building);
    }

    /// Says that the book has been replaced by a new one.
    pub fn built(&self) {
        self.status.send_modify(|status| {
            status.edition += 1;
            status.phase = Phase::Built;
        });
    }

    /// Says that a build has failed and the book is what it was.
    pub fn failed(&self, text: &str) {
        let failure_is_served = !self.has_book();
        self.status.send_modify(|status| {
            status.edition += u64::from(failure_is_served);
            status.phase = Phase::Failed(text.into());
        });
    }

    /// Whether there is a book to serve, from this server's builds or from an
    /// earlier one.
    pub fn has_book(&self) -> bool {
        self.book.is_dir()
    }
}
