//! The folder of a book's sources: files that lie there and are none, chapters that
//! SUMMARY.md does not name, and what is wrong with SUMMARY.md itself. mdBook
//! publishes the first, passes over the second, and tells no line of the third.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use mdbook_markdown::pulldown_cmark::{Event, Parser, Tag};
use mdbook_preprocessor::PreprocessorContext;
use walkdir::WalkDir;

use crate::failure::{Failure, Failures};
use text::line_of;

/// Hidden, and meant for readers all the same: a site's well-known addresses
/// (RFC 8615).
const MEANT: &[u8] = b".well-known";

/// Whether a file or a folder of this name is no source.
pub fn is_leaving(name: &OsStr) -> bool {
    let name = name.as_bytes();
    is_editors(name) || (name.starts_with(b".") && name != MEANT)
}

/// Whether it is hidden, and no editor's or desktop's: what holds a secret looks
/// so. mdBook alone would publish it.
fn is_secret(name: &OsStr) -> bool {
    is_leaving(name) && !is_editors(name.as_bytes())
}

/// What editors and desktops leave, hidden or not.
fn is_editors(name: &[u8]) -> bool {
    let ends = |ends: &[&[u8]]| ends.iter().any(|end| name.ends_with(end));
    let starts = |starts: &[&[u8]]| starts.iter().any(|start| name.starts_with(start));
    // Emacs' autosave; LibreOffice's lock is `.~lock.x#`.
    (starts(&[b"#", b".~lock."]) && ends(&[b"#"]))
        // Emacs' lock, GIO's new file (gedit), macOS, KDE, NFS.
        || starts(&[b".#", b".goutputstream-", b"._", b".DS_Store", b".directory", b".nfs"])
        // Backups; Vim's and Kate's swap files; JetBrains'.
        || ends(&[b"~", b".bak", b".tmp", b".kate-swp", b"___jb_tmp___", b"___jb_old___"])
        // Vim's `.x.swp`, and `.swo`, `.swn` and so on beside it.
        || (name.starts_with(b".") && name.len() > 4 && name[name.len() - 4..].starts_with(b".sw"))
        // Vim tries whether a folder can be written to; Windows.
        || matches!(name, b"4913" | b"Thumbs.db" | b"desktop.ini")
}

/// Refuses hidden files in the sources, for a book that mdBook alone makes: it copies
/// whatever lies there.
///
/// # Errors
///
/// [`Failures`], if there are any.
pub fn refuse_secrets(context: &PreprocessorContext) -> Result<(), Failures> {
    let entries = entries(&context.root, &context.config.book.src);
    let secret = entries.filter(|file| file.file_name().is_some_and(is_secret));
    let found = secret.map(|chapter| Failure {
        chapter,
        line: 0,
        message: "mdBook would publish this hidden file; move it out of the sources, or build with `cargo xtask build`, which leaves it out".to_owned(),
    });
    Failures::none_of(found.collect())
}

/// A failure for each Markdown file below `src` that is no chapter.
pub(crate) fn strays(root: &Path, src: &Path, chapters: &[PathBuf]) -> Vec<Failure> {
    let summary = src.join("SUMMARY.md");
    let strays = markdown(root, src).filter(|file| !chapters.contains(file));
    let found = strays.map(|chapter| Failure {
        message: format!(
            "{} does not name this file, so no page is made of it; add it there or remove the file",
            summary.display()
        ),
        chapter,
        line: 0,
    });
    found.collect()
}

/// Markdown files, without the two that mdBook itself knows.
fn markdown(root: &Path, src: &Path) -> impl Iterator<Item = PathBuf> {
    let depth = src.components().count();
    entries(root, src).filter(move |file| {
        let name = file.file_name().unwrap_or_default();
        let mut below = file.iter().skip(depth);
        file.extension().is_some_and(|extension| extension == "md")
            && name != "SUMMARY.md"
            && name != "404.md"
            && !below.any(is_leaving)
            && root
                .join(file)
                .symlink_metadata()
                .is_ok_and(|file| file.is_file())
    })
}

/// All that lies below a folder. Linked folders, such as the listings, are not looked
/// into.
fn entries(root: &Path, folder: &Path) -> impl Iterator<Item = PathBuf> {
    let walk = WalkDir::new(root.join(folder)).min_depth(1).into_iter();
    walk.flatten()
        .filter_map(move |entry| Some(entry.path().strip_prefix(root).ok()?.to_owned()))
}

/// Every chapter must have its file. mdBook stops at the first that has none, so
/// that this is asked before it loads the book.
pub fn check_summary(root: &Path, src: &Path) -> Result<(), Failures> {
    let named = named(root, src);
    let is_named = |file: &PathBuf| named.iter().any(|(_, path)| src.join(path) == *file);
    let files = markdown(root, src).filter(|file| !is_named(file));
    let candidates = files.filter_map(|file| Some(file.strip_prefix(src).ok()?.to_owned()));
    let candidates: Vec<PathBuf> = candidates.collect();
    let missing = named
        .iter()
        .filter(|(_, path)| !root.join(src).join(path).is_file());
    let found = missing.map(|(line, path)| {
        let candidates = candidates.iter().filter_map(|file| file.to_str());
        let advice = text::meant(path, candidates)
            .unwrap_or_else(|| "; write it, or correct the path".to_owned());
        in_summary(src, *line, format!("there is no chapter `{path}`{advice}"))
    });
    Failures::none_of(found.collect())
}

/// The page of the first chapter is the book's `index.html` too, if no chapter
/// makes one: at the top of the book, where its links lead elsewhere.
pub(crate) fn first(root: &Path, src: &Path, chapters: &[PathBuf]) -> Option<Failure> {
    let first = chapters.first()?.strip_prefix(src).ok()?;
    let makes_index = |name| chapters.contains(&src.join(name));
    if first.parent() == Some(Path::new("")) || makes_index("index.md") || makes_index("README.md")
    {
        return None;
    }
    let line = named(root, src).first().map_or(0, |(line, _)| *line);
    let message = format!(
        "the book begins with `{}`, which mdBook copies to the top of the book as index.html, \
         where its links lead elsewhere; begin with a chapter in {}/ itself",
        first.display(),
        src.display()
    );
    Some(in_summary(src, line, message))
}

/// The files that a summary names, each with its line. A chapter without one is a
/// draft.
fn named(root: &Path, src: &Path) -> Vec<(usize, String)> {
    let summary = fs::read_to_string(root.join(src).join("SUMMARY.md")).unwrap_or_default();
    let links = Parser::new(&summary).into_offset_iter();
    let links = links.filter_map(|(event, at)| match event {
        Event::Start(Tag::Link { dest_url, .. }) if !dest_url.is_empty() => {
            // As mdBook reads it.
            let path = dest_url.replace("%20", " ");
            Some((line_of(&summary, at.start), path))
        }
        _ => None,
    });
    links.collect()
}

fn in_summary(src: &Path, line: usize, message: String) -> Failure {
    Failure {
        chapter: src.join("SUMMARY.md"),
        line,
        message,
    }
}

#[cfg(test)]
mod tests;
