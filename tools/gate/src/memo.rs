//! What one process keeps of the pages from build to build, while it serves.
//!
//! A page is taken again only if it would be made of the very same. A build of
//! its own has none of this.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use session::{Command, Listings};

use crate::finish::Finished;
use crate::prose::Rules;

/// Kept records, and kept pages.
#[derive(Default)]
pub struct Memo {
    pub records: session::Memo,
    pages: Mutex<Option<(Ground, Pages)>>,
    last: Mutex<(Vec<PathBuf>, Vec<Ran>)>,
}

/// A command of a page, and when it ran.
#[derive(Debug, Clone)]
pub struct Ran {
    pub command: Command,
    pub from: SystemTime,
    pub to: SystemTime,
}

/// What all pages of a book are made of, beside their own sources and records.
#[derive(PartialEq)]
pub struct Ground {
    pub listings: Listings,
    pub rules: Rules,
    /// The address of the book's repository.
    pub repository: Option<String>,
}

/// Pages in which nothing was wrong, by their chapters' files.
pub type Pages = BTreeMap<PathBuf, Arc<Finished>>;

impl Memo {
    /// The files that the last build has read for its pages, and the commands
    /// that it has run.
    pub fn last(&self) -> (Vec<PathBuf>, Vec<Ran>) {
        self.last
            .lock()
            .map(|last| last.clone())
            .unwrap_or_default()
    }

    /// Notes what a build reads.
    pub fn begin(&self, files: impl Iterator<Item = PathBuf>) {
        if let Ok(mut last) = self.last.lock() {
            *last = (files.collect(), Vec::new());
        }
    }

    /// Notes that a command has run.
    pub fn ran(&self, ran: Ran) {
        if let Ok(mut last) = self.last.lock() {
            last.1.push(ran);
        }
    }

    /// The pages that stand on the same ground.
    pub fn pages(&self, ground: &Ground) -> Pages {
        match self.pages.lock().as_deref() {
            Ok(Some((known, pages))) if known == ground => pages.clone(),
            _ => Pages::default(),
        }
    }

    /// Keeps the pages of a build, in the place of those before.
    pub fn keep(&self, ground: Ground, mut pages: Pages) {
        // What a command prints may be different each time.
        pages.retain(|_, finished| !finished.page.runs_commands());
        if let Ok(mut kept) = self.pages.lock() {
            *kept = Some((ground, pages));
        }
    }
}

#[cfg(test)]
mod tests;
