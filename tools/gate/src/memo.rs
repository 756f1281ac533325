//! What one process keeps of the pages from build to build, while it serves.
//!
//! A page is taken again only if it would be made of the very same. A build of
//! its own has none of this.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use session::{Command, Listings, Records, wanted};

use crate::chapter::Chapter;
use crate::finish::Finished;
use crate::page::Page;
use crate::prose::Rules;

/// Kept records, and kept pages.
#[derive(Default)]
pub struct Memo {
    pub records: session::Memo,
    pages: Mutex<Option<(Ground, Arc<Pages>)>>,
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

/// A page in which nothing was wrong.
#[derive(Clone)]
pub struct Kept {
    pub page: Arc<Page>,
    /// Those of its build.
    pub records: Arc<Records>,
    pub finished: Arc<Finished>,
}

/// Pages, by their chapters' files.
#[derive(Default)]
pub struct Pages(BTreeMap<PathBuf, Kept>);

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
    pub fn pages(&self, ground: &Ground) -> Arc<Pages> {
        let kept = self.pages.lock();
        let pages = kept.ok().and_then(|kept| {
            let (known, pages) = kept.as_ref()?;
            (known == ground).then(|| Arc::clone(pages))
        });
        pages.unwrap_or_default()
    }

    /// Keeps the pages of a build, in the place of those before.
    pub fn keep(&self, ground: Ground, finished: &BTreeMap<PathBuf, Kept>) {
        // What a command prints may be different each time.
        let same = |(_, kept): &(&PathBuf, &Kept)| !kept.page.runs_commands();
        let pages = finished.iter().filter(same);
        let pages = pages.map(|(path, kept)| (path.clone(), kept.clone()));
        let pages = Arc::new(Pages(pages.collect()));
        if let Ok(mut kept) = self.pages.lock() {
            *kept = Some((ground, pages));
        }
    }
}

impl Pages {
    /// What is to be done with a chapter, by `make` unless its source is what it was.
    pub fn page(&self, chapter: Chapter, make: impl FnOnce(Chapter) -> Page) -> Arc<Page> {
        match self.0.get(&chapter.file) {
            Some(kept) if kept.page.chapter == chapter => Arc::clone(&kept.page),
            _ => make(chapter).into(),
        }
    }

    /// That page as it was finished, if it wants the same records.
    pub fn finished(&self, page: &Arc<Page>, records: &Records) -> Option<&Kept> {
        let kept = self.0.get(&page.chapter.file)?;
        let wants = page.wants();
        let same = |listing: &&str| kept.records.same(records, listing);
        (Arc::ptr_eq(&kept.page, page) && wanted(&wants).iter().all(same)).then_some(kept)
    }
}

#[cfg(test)]
mod tests;
