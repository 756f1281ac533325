//! What the link check found, told at the chapter's own line.

use std::fs;
use std::path::{Path, PathBuf};

use gate::{Failure, Failures, Shown};
use linkcheck::{About, Finding};
use text::line_of;

/// Findings in the finished pages as failures of chapters, in this order.
///
/// A chapter's mistake stands in its own page and again where mdBook repeats the
/// text, on the page to print and on the front page. So what is found in the other
/// pages is told once the chapters' own are right.
pub fn failures(root: &Path, order: &[PathBuf], pages: &[Shown], found: &[Finding]) -> Failures {
    let own = found.iter().filter_map(|finding| {
        let page = pages.iter().find(|page| page.page == finding.page)?;
        Some(failure(root, &page.chapter, finding))
    });
    let mut told: Vec<Failure> = own.collect();
    if told.is_empty() {
        let other = |finding: &Finding| {
            let line = usize::try_from(finding.line).unwrap_or(0);
            let page = Path::new("book").join(&finding.page);
            of(&page, line, finding.message.clone())
        };
        told = found.iter().map(other).collect();
    }
    Failures::in_order(told, order)
}

/// An excerpt knows where it was asked for; the place of anything else is looked
/// for in the chapter.
fn failure(root: &Path, chapter: &Path, finding: &Finding) -> Failure {
    if let About::Excerpt { file, line } = &finding.about {
        return of(file, *line, finding.message.clone());
    }
    let line = line(&root.join(chapter), &finding.about);
    let mut message = finding.message.clone();
    if line == 0 && !matches!(finding.about, About::Link(_)) {
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

/// The line of the chapter, as far as it can be found.
fn line(chapter: &Path, about: &About) -> usize {
    let source = fs::read_to_string(chapter).unwrap_or_default();
    let at = match about {
        About::Link(address) => {
            // It was written to `x.md` where it leads to `x.html`.
            let written = address.replacen(".html", ".md", 1);
            let fragment = address.find('#').map_or("", |at| &address[at..]);
            let written = [written.as_str(), address, fragment].into_iter();
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
    at.map_or(0, |at| line_of(&source, at))
}
