//! What the link check found, told at the chapter's own line.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gate::{Failure, Failures};
use linkcheck::{Finding, Problem};

/// Findings in the finished pages as failures of chapters.
///
/// A chapter's mistake stands in its own page and again where mdBook repeats
/// the text, on the page to print and on the front page: it is told once.
pub fn failures(root: &Path, src: &Path, chapters: &[PathBuf], found: Vec<Finding>) -> Failures {
    let order: Vec<PathBuf> = chapters.iter().map(|chapter| src.join(chapter)).collect();
    let (of_chapters, repeated): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|finding| chapter_of(finding, chapters).is_some());
    let told: BTreeSet<String> = of_chapters
        .iter()
        .filter_map(address)
        .flat_map(|address| [page_name(address), fragment(address)])
        .collect();
    let of_chapters = of_chapters.into_iter().filter_map(|finding| {
        let chapter = src.join(chapter_of(&finding, chapters)?);
        Some(Failure {
            line: line(&root.join(&chapter), &finding),
            message: finding.what.to_string(),
            chapter,
        })
    });
    let elsewhere = repeated
        .into_iter()
        .filter(|finding| address(finding).is_none_or(|link| !told.contains(&page_name(link))))
        .map(|finding| Failure {
            line: usize::try_from(finding.line).unwrap_or(0),
            message: finding.what.to_string(),
            chapter: Path::new("book").join(finding.page),
        });
    let all = of_chapters.chain(elsewhere).collect();
    Failures::in_order(all, &order)
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
    match &finding.what {
        Problem::Address { link, .. }
        | Problem::MissingFile { link, .. }
        | Problem::NoIndex { link, .. }
        | Problem::OutsideBook { link }
        | Problem::MissingFragment { link, .. } => Some(&link.address),
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

/// The line of the chapter that holds the link, as far as it can be found: a
/// link to `x.html` was written as one to `x.md`.
fn line(chapter: &Path, finding: &Finding) -> usize {
    let source = fs::read_to_string(chapter).unwrap_or_default();
    let Some(address) = address(finding) else {
        return 0;
    };
    let written = address.replacen(".html", ".md", 1);
    let at = [written, address.to_owned(), fragment(address)]
        .into_iter()
        .filter(|text| !text.is_empty())
        .find_map(|text| source.find(&text));
    at.map_or(0, |at| source[..at].matches('\n').count() + 1)
}
