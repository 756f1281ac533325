//! Checks the finished HTML of a built book.
//!
//! mdBook exits 0 on dead links, so the pages themselves are read, as a browser
//! would get them:
//! - every link inside the book leads to a file of the book, and its fragment to
//!   an id on that page;
//! - every link out of the book is well-formed; the network is never asked;
//! - no page has the same id twice;
//! - no directive and no comment was left in the text;
//! - the HTML of its author nests, so that a browser has nothing to mend;
//! - every excerpt that the build has put there is there as it was, once, where a
//!   reader sees it: whoever builds the book says which ([`Expected`]).
//!
//! It knows HTML and what mdBook makes of it. What an excerpt shows, and which
//! chapter asks for it, is told; the chapters themselves are never read.
//!
//! ```no_run
//! for finding in linkcheck::check("book".as_ref())? {
//!     println!("{finding}");
//! }
//! # anyhow::Ok(())
//! ```

mod address;
mod excerpt;
mod finding;
mod main_text;
mod memo;
mod page;
mod site;

use std::path::Path;

pub use excerpt::{Excerpt, Expected};
pub use finding::{About, Finding};
pub use memo::Memo;

/// Reads a page, for tools/fuzz: whatever bytes it has.
#[cfg(fuzzing)]
pub fn read(html: &[u8]) {
    let page = page::Page::parse(html);
    let lines = html.split(|byte| matches!(byte, b'\n' | b'\r')).count() as u64;
    for problem in &page.problems {
        assert!((1..=lines).contains(&problem.line) && !problem.message.is_empty());
    }
    for link in &page.links {
        assert!((1..=lines).contains(&link.line));
        if let Err(fault) = address::Address::parse(&link.address) {
            assert!(!fault.is_empty());
        }
    }
}

/// What was looked at, and what was found.
#[derive(Debug)]
pub struct Report {
    /// How many HTML pages were read.
    pub pages: usize,
    /// How many links they hold, of every kind.
    pub links: usize,
    /// Everything that is wrong, by page and line.
    pub findings: Vec<Finding>,
}

/// Checks the built book in `dir` and lists what is wrong, by page and line. What
/// its pages must show is not known here.
///
/// # Errors
/// When a file or folder cannot be read, or `dir` holds no page.
pub fn check(dir: &Path) -> anyhow::Result<Vec<Finding>> {
    Ok(report(dir, &[], &Memo::default())?.findings)
}

/// As [`check`], and looks for every excerpt on its page; a page that is not named
/// may show anything. Says how much was looked at. Only pages are parsed that have
/// changed since the check before that had the same memo, or must show something else.
///
/// # Errors
/// As [`check`].
pub fn report(dir: &Path, expected: &[Expected], memo: &Memo) -> anyhow::Result<Report> {
    let site = site::Site::read(dir, expected, memo)?;
    let mut findings = site.findings();
    findings.extend(site.without_page(expected));
    Ok(Report {
        pages: site.pages.len(),
        links: site.pages.values().map(|page| page.links.len()).sum(),
        findings,
    })
}
