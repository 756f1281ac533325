//! What the link check found, told at the chapter's own line.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gate::{Failure, Failures};
use linkcheck::{About, Finding};

/// Findings in the finished pages as failures of chapters.
///
/// A chapter's mistake stands in its own page and again where mdBook repeats
/// the text, on the page to print and on the front page: it is told once.
pub fn failures(root: &Path, src: &Path, chapters: &[PathBuf], found: Vec<Finding>) -> Failures {
    let order: Vec<PathBuf> = chapters.iter().map(|chapter| src.join(chapter)).collect();
    let (of_chapters, repeated): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|finding| chapter_of(finding, chapters).is_some());
    // On the page to print, all that is left of an address is its fragment.
    let signs = |finding| {
        [
            sign(finding),
            address(finding).map_or_else(String::new, fragment),
        ]
    };
    let told: BTreeSet<String> = of_chapters.iter().flat_map(signs).collect();
    let of_chapters = of_chapters.into_iter().filter_map(|finding| {
        let chapter = src.join(chapter_of(&finding, chapters)?);
        Some(failure(root, chapter, &finding))
    });
    let elsewhere = repeated
        .into_iter()
        .filter(|finding| !told.contains(&sign(finding)))
        .map(|finding| Failure {
            line: usize::try_from(finding.line).unwrap_or(0),
            message: finding.what.to_string(),
            chapter: Path::new("book").join(finding.page),
        });
    let all = of_chapters.chain(elsewhere).collect();
    Failures::in_order(all, &order)
}

/// An excerpt knows where it was asked for; the place of anything else is looked
/// for in the chapter.
fn failure(root: &Path, chapter: PathBuf, finding: &Finding) -> Failure {
    if let About::Excerpt { file, line } = &finding.what.about {
        return Failure {
            chapter: file.clone(),
            line: *line,
            message: finding.what.message.clone(),
        };
    }
    let line = line(&root.join(&chapter), finding);
    let message = match (line, address(finding)) {
        (0, None) => format!("{} (line {} of its page)", finding.what, finding.line),
        _ => finding.what.to_string(),
    };
    Failure {
        chapter,
        line,
        message,
    }
}

/// What a finding has in common with the same one on another page.
fn sign(finding: &Finding) -> String {
    address(finding).map_or_else(|| finding.what.to_string(), page_name)
}

/// The chapter that a page was made of: `x.html` of `x.md`, `index.html` also of
/// `README.md`.
fn chapter_of(finding: &Finding, chapters: &[PathBuf]) -> Option<PathBuf> {
    let made_of = finding.page.with_extension("md");
    let readme = finding.page.with_file_name("README.md");
    let is_index = finding.page.file_stem().is_some_and(|stem| stem == "index");
    chapters
        .iter()
        .find(|chapter| **chapter == made_of || (is_index && **chapter == readme))
        .cloned()
}

fn address(finding: &Finding) -> Option<&str> {
    match &finding.what.about {
        About::Link(address) => Some(address),
        _ => None,
    }
}

/// The last part of an address, which the page to print has in common with the
/// chapter.
fn page_name(address: &str) -> String {
    address.rsplit('/').next().unwrap_or(address).to_owned()
}

/// All that is left of an address on the page to print, which holds every
/// chapter.
fn fragment(address: &str) -> String {
    address
        .find('#')
        .map_or(String::new(), |at| address[at..].to_owned())
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
            vec![written, address.to_owned(), fragment(address)]
        }),
    };
    let is_link = address(finding).is_some();
    let at = written
        .iter()
        .filter(|text| !text.is_empty() && (is_link || source.matches(*text).count() == 1))
        .find_map(|text| source.find(text));
    at.map_or(0, |at| source[..at].matches('\n').count() + 1)
}
