//! What the link check found, told at the chapter's own line.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gate::{Failure, Failures, Shown};
use linkcheck::{About, Finding};

/// Findings in the finished pages as failures of chapters, in this order.
///
/// A chapter's mistake stands in its own page and again where mdBook repeats
/// the text, on the page to print and on the front page: it is told once.
pub fn failures(root: &Path, order: &[PathBuf], pages: &[Shown], found: &[Finding]) -> Failures {
    let (mut told, mut all, mut repeated) = (BTreeSet::new(), Vec::new(), Vec::new());
    for finding in found {
        if let Some(page) = pages.iter().find(|page| page.page == finding.page) {
            told.insert(sign(finding));
            // On the page to print, all that is left of an address is its fragment.
            told.extend(address(finding).map(|address| fragment(address).to_owned()));
            all.push(failure(root, &page.chapter, finding));
        } else {
            let line = usize::try_from(finding.line).unwrap_or(0);
            let page = Path::new("book").join(&finding.page);
            repeated.push((sign(finding), of(&page, line, finding.what.to_string())));
        }
    }
    repeated.retain(|(sign, _)| !told.contains(sign));
    all.extend(repeated.into_iter().map(|(_, failure)| failure));
    Failures::in_order(all, order)
}

/// An excerpt knows where it was asked for; the place of anything else is looked
/// for in the chapter.
fn failure(root: &Path, chapter: &Path, finding: &Finding) -> Failure {
    if let About::Excerpt { file, line } = &finding.what.about {
        return of(file, *line, finding.what.message.clone());
    }
    let line = line(&root.join(chapter), finding);
    let mut message = finding.what.to_string();
    if line == 0 && address(finding).is_none() {
        message += &format!(" (line {} of its page)", finding.line);
    }
    of(chapter, line, message)
}

fn of(file: &Path, line: usize, message: String) -> Failure {
    Failure {
        chapter: file.to_owned(),
        line,
        message,
    }
}

/// What a finding has in common with the same one on another page: of an address,
/// its last part.
fn sign(finding: &Finding) -> String {
    let last = address(finding).and_then(|address| address.rsplit('/').next());
    last.map_or_else(|| finding.what.to_string(), str::to_owned)
}

fn address(finding: &Finding) -> Option<&str> {
    match &finding.what.about {
        About::Link(address) => Some(address),
        _ => None,
    }
}

fn fragment(address: &str) -> &str {
    address.find('#').map_or("", |at| &address[at..])
}

/// The line of the chapter, as far as it can be found: of a link, which was written
/// to `x.md` where it leads to `x.html`, or of a tag or comment that stands there
/// once.
fn line(chapter: &Path, finding: &Finding) -> usize {
    let source = fs::read_to_string(chapter).unwrap_or_default();
    let written = match &finding.what.about {
        About::Source(text) => vec![text.trim_end_matches("-->").to_owned()],
        _ => address(finding).map_or_else(Vec::new, |address| {
            let written = address.replacen(".html", ".md", 1);
            vec![written, address.to_owned(), fragment(address).to_owned()]
        }),
    };
    let is_link = address(finding).is_some();
    let at = written
        .iter()
        .filter(|text| !text.is_empty() && (is_link || source.matches(*text).count() == 1))
        .find_map(|text| source.find(text));
    at.map_or(0, |at| source[..at].matches('\n').count() + 1)
}
