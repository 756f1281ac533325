//! What is wrong with SUMMARY.md itself, of which mdBook tells no line or nothing.

use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Parser, Tag};

use crate::failure::{Failure, Failures};
use crate::strays;

/// Every chapter must have its file. mdBook stops at the first that has none, so
/// that this is asked before it loads the book.
pub fn check(root: &Path, src: &Path) -> Result<(), Failures> {
    let text = fs::read_to_string(root.join(src).join("SUMMARY.md")).unwrap_or_default();
    let named = named(&text);
    let is_named = |file: &PathBuf| named.iter().any(|(_, path)| src.join(path) == *file);
    let mut files = strays::markdown(root, src);
    files.retain(|file| !is_named(file));
    let candidates = files.iter().filter_map(|file| file.strip_prefix(src).ok());
    let candidates: Vec<_> = candidates.filter_map(Path::to_str).collect();
    let missing = named
        .iter()
        .filter(|(_, path)| !root.join(src).join(path).is_file());
    let found = missing.map(|(line, path)| {
        let advice = match text::meant(path, candidates.iter().copied()) {
            meant if meant.is_empty() => "; write it, or correct the path".to_owned(),
            meant => meant,
        };
        failure(src, *line, format!("there is no chapter `{path}`{advice}"))
    });
    let found: Vec<_> = found.collect();
    match found.is_empty() {
        true => Ok(()),
        false => Err(Failures::in_order(found, &[])),
    }
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
    let text = fs::read_to_string(root.join(src).join("SUMMARY.md")).unwrap_or_default();
    let line = named(&text).first().map_or(0, |(line, _)| *line);
    let first = first.display();
    let message = format!(
        "the book begins with `{first}`, which mdBook copies to the top of the book as index.html, \
         where its links lead elsewhere; begin with a chapter in {}/ itself",
        src.display()
    );
    Some(failure(src, line, message))
}

/// The files that a summary names, each with its line. A chapter without one is a
/// draft.
fn named(summary: &str) -> Vec<(usize, String)> {
    let links = Parser::new(summary).into_offset_iter();
    let links = links.filter_map(|(event, at)| match event {
        Event::Start(Tag::Link { dest_url, .. }) if !dest_url.is_empty() => {
            let line = summary[..at.start].matches('\n').count() + 1;
            // As mdBook reads it.
            Some((line, dest_url.replace("%20", " ")))
        }
        _ => None,
    });
    links.collect()
}

fn failure(src: &Path, line: usize, message: String) -> Failure {
    Failure {
        chapter: src.join("SUMMARY.md"),
        line,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(summary: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        for (file, text) in [
            ("SUMMARY.md", summary),
            ("one.md", ""),
            ("part/two words.md", ""),
            ("part/lazy-allocation.md", ""),
        ] {
            let path = root.path().join("src").join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
        root
    }

    #[test]
    fn a_chapter_without_its_file_is_told_with_its_line_and_a_near_name() {
        let right =
            "# Summary\n\n[One](one.md)\n\n# Part\n\n- [Draft]()\n  - [Two](<part/two words.md>)\n";
        for (line, meant) in [
            (
                "- [x](part/lazy-alocation.md)",
                "; did you mean `part/lazy-allocation.md`?",
            ),
            (
                "- [x](lazy-allocation.md)",
                "; did you mean `part/lazy-allocation.md`?",
            ),
            (
                "  - [x](part/Lazy-Allocation.md)",
                "; did you mean `part/lazy-allocation.md`?",
            ),
            (
                "- [x](part/lazy-allocation)",
                "; did you mean `part/lazy-allocation.md`?",
            ),
            (
                "- [x](https://example.org/)",
                "; write it, or correct the path",
            ),
            ("- [x](listings)", "; write it, or correct the path"),
            (
                "\n---\n\n[x](nothing-of-the-kind.md)",
                "; write it, or correct the path",
            ),
        ] {
            let summary = format!("{right}{line}\n");
            let root = book(&summary);
            let told = check(root.path(), Path::new("src"))
                .expect_err(line)
                .to_string();
            let at = summary.trim_end().lines().count();
            assert!(
                told.starts_with(&format!("src/SUMMARY.md:{at}: there is no chapter `")),
                "{told}"
            );
            assert!(told.contains(meant), "{told}");
        }
        let root = book(&right.replace("two words", "two%20words"));
        assert_eq!(check(root.path(), Path::new("src")), Ok(()));
    }

    #[test]
    fn the_first_chapter_stands_at_the_top() {
        let root = book("# Summary\n\n- [x](part/one.md)\n");
        let first = |chapters: &[&str]| {
            let chapters: Vec<_> = chapters
                .iter()
                .map(|path| Path::new("src").join(path))
                .collect();
            first(root.path(), Path::new("src"), &chapters)
        };
        for right in [
            &[][..],
            &["one.md", "part/two.md"],
            &["part/one.md", "index.md"],
            &["part/one.md", "README.md"],
        ] {
            assert_eq!(first(right), None, "{right:?}");
        }
        for wrong in [
            &["part/one.md"][..],
            &["part/index.md", "part/README.md", "two.md"],
            &["a/b/one.md", "one.md"],
        ] {
            let told = first(wrong).expect("a failure");
            assert_eq!(told.line, 3);
            assert!(told.message.contains(wrong[0]), "{}", told.message);
        }
    }
}
