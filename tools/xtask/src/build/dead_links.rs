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
            repeated.push((sign(finding), of(&page, line, finding.message.clone())));
        }
    }
    repeated.retain(|(sign, _)| !told.contains(sign));
    all.extend(repeated.into_iter().map(|(_, failure)| failure));
    Failures::in_order(all, order)
}

/// An excerpt knows where it was asked for; the place of anything else is looked
/// for in the chapter.
fn failure(root: &Path, chapter: &Path, finding: &Finding) -> Failure {
    if let About::Excerpt { file, line } = &finding.about {
        return of(file, *line, finding.message.clone());
    }
    let line = line(&root.join(chapter), &finding.about);
    let mut message = finding.message.clone();
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
    last.unwrap_or(&finding.message).to_owned()
}

fn address(finding: &Finding) -> Option<&str> {
    match &finding.about {
        About::Link(address) => Some(address),
        _ => None,
    }
}

fn fragment(address: &str) -> &str {
    address.find('#').map_or("", |at| &address[at..])
}

/// The line of the chapter, as far as it can be found.
fn line(chapter: &Path, about: &About) -> usize {
    let source = fs::read_to_string(chapter).unwrap_or_default();
    let at = match about {
        About::Link(address) => {
            // It was written to `x.md` where it leads to `x.html`.
            let written = address.replacen(".html", ".md", 1);
            let written = [written.as_str(), address, fragment(address)].into_iter();
            let mut written = written.filter(|text| !text.is_empty());
            written.find_map(|text| source.find(text))
        }
        About::Source(text) => {
            let mut places = source.match_indices(text.trim_end_matches("-->"));
            let first = places.next().map(|(at, _)| at);
            first.filter(|_| places.next().is_none())
        }
        About::Excerpt { .. } | About::Page => None,
    };
    at.map_or(0, |at| source[..at].matches('\n').count() + 1)
}
