//! `{{#include PATH:ANCHOR}}`: what mdBook only logs, or passes over.
//!
//! mdBook leaves the directive in the page when the file is missing, and makes
//! an empty block of a missing anchor. Both end in exit status 0.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use text::nearest;

/// An include in a chapter's own source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    pub range: Range<usize>,
    /// The path, as it was written.
    pub path: String,
    /// Behind the colon: an anchor's name or line numbers.
    pub part: Option<String>,
}

/// Finds the includes of a chapter, in order.
pub fn scan(text: &str) -> Vec<Include> {
    static INCLUDE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(\\)?\{\{\s*#(?:rustdoc_)?include\s+([^}:\s]+)(?::([^}\s]*))?[^}]*\}\}").ok()
    });
    let found = INCLUDE
        .iter()
        .flat_map(|pattern| pattern.captures_iter(text));
    found
        // A backslash in front makes it plain text.
        .filter(|captures| captures.get(1).is_none())
        .filter_map(|captures| {
            Some(Include {
                range: captures.get(0)?.range(),
                path: captures.get(2)?.as_str().to_owned(),
                part: captures.get(3).map(|part| part.as_str().to_owned()),
            })
        })
        .collect()
}

/// An include, and the file that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Included {
    pub include: Include,
    /// The file, without symlinks, if it is there.
    pub file: Option<PathBuf>,
    /// What it holds, or why that cannot be told.
    text: Result<String, String>,
}

impl Include {
    /// Reads the file, looked for from the chapter's folder.
    pub fn read(self, folder: &Path) -> Included {
        let file = folder.join(&self.path);
        let text = fs::read_to_string(&file).map_err(|error| {
            format!(
                "cannot include {}: {error}{}",
                self.path,
                nearest_file(&file)
            )
        });
        Included {
            include: self,
            file: file.canonicalize().ok(),
            text,
        }
    }

    /// The anchor's name; `None` for a whole file or a range of lines.
    pub fn anchor(&self) -> Option<&str> {
        let part = self.part.as_deref()?;
        let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        (!part.split(':').all(is_number)).then_some(part)
    }
}

impl Included {
    /// The text that mdBook puts in its place, or what is wrong with it.
    pub fn resolve(&self) -> Result<String, String> {
        let text = self.text.as_ref().map_err(String::clone)?;
        let Include { path, .. } = &self.include;
        let Some(anchor) = self.include.anchor() else {
            return Ok(text.lines().collect::<Vec<_>>().join("\n"));
        };
        if !anchors(text).any(|(opens, name)| opens && name == anchor) {
            return Err(format!(
                "{path} has no anchor `{anchor}`, which begins with a line `// ANCHOR: {anchor}`{}",
                nearest(
                    anchor,
                    anchors(text)
                        .filter(|(opens, _)| *opens)
                        .map(|(_, name)| name)
                )
            ));
        }
        if !anchors(text).any(|(opens, name)| !opens && name == anchor) {
            return Err(format!(
                "the anchor `{anchor}` of {path} is not closed; end it with a line `// ANCHOR_END: {anchor}`"
            ));
        }
        Ok(anchored(text, anchor))
    }
}

/// Whether mdBook's own preprocessors have made one text of the other: they
/// replace their directives, and leave all else as it is.
pub fn expands_to(own: &str, expanded: &str) -> bool {
    // As mdBook finds them: an escaped one ends where the last of its line does.
    static DIRECTIVE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\\\{\{#.*\}\}|\{\{\s*#[^}]*\}\}").ok());
    let own = own.strip_prefix('\u{feff}').unwrap_or(own);
    let directives = DIRECTIVE.iter().flat_map(|pattern| pattern.find_iter(own));
    let (mut rest, mut done) = (expanded, 0);
    for directive in directives {
        let piece = &own[done..directive.start()];
        let at = if done == 0 {
            rest.starts_with(piece).then_some(0)
        } else {
            rest.find(piece)
        };
        let Some(at) = at else {
            return false;
        };
        rest = &rest[at + piece.len()..];
        done = directive.end();
    }
    let last = &own[done..];
    if done == 0 {
        rest == last
    } else {
        rest.ends_with(last)
    }
}

/// The anchors of a file: whether a line opens one, and its name.
fn anchors(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.lines().filter_map(anchor_line)
}

fn anchor_line(line: &str) -> Option<(bool, &str)> {
    static ANCHOR: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"ANCHOR(_END)?:\s*([\w-]+)").ok());
    let captures = ANCHOR.as_ref()?.captures(line)?;
    Some((captures.get(1).is_none(), captures.get(2)?.as_str()))
}

/// The lines of an anchor, without those of anchors inside it, as mdBook takes
/// them.
fn anchored(text: &str, anchor: &str) -> String {
    let mut lines = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match anchor_line(line) {
            Some((true, name)) if name == anchor => inside = true,
            Some((false, name)) if name == anchor && inside => break,
            None if inside => lines.push(line),
            _ => {}
        }
    }
    lines.join("\n")
}

/// Names what the folder has, when a file's name is mistyped.
fn nearest_file(file: &Path) -> String {
    let wanted = file.file_name().unwrap_or_default().to_string_lossy();
    let folder = file.parent().unwrap_or(Path::new("."));
    let Ok(entries) = fs::read_dir(folder) else {
        return "; its folder does not exist".to_owned();
    };
    let names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    nearest(&wanted, names.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn includes_are_found_with_their_parts() {
        let found =
            scan("a {{#include ../x/main.rs:steps}} \\{{#include no.rs}} {{#include y.rs}}");
        let parts: Vec<_> = found
            .iter()
            .map(|include| (include.path.as_str(), include.anchor()))
            .collect();
        assert_eq!(parts, [("../x/main.rs", Some("steps")), ("y.rs", None)]);
        assert_eq!(scan("{{#include x.rs:2:10}}")[0].anchor(), None);
    }

    #[test]
    fn a_text_that_is_not_made_of_the_other_is_told() {
        for (own, expanded) in [
            ("a", "a"),
            ("a {{#include x}} b", "a file b"),
            ("{{#title x}}a\n{{ #include x:y}}", "a\nfile"),
            ("a \\{{#x}} b }} c", "a {{#x}} b }} c"),
            ("\u{feff}a", "a"),
        ] {
            assert!(expands_to(own, expanded), "{own}");
        }
        for (own, expanded) in [
            ("a", ""),
            ("a", "ab"),
            ("a {{#include x}} b", ""),
            ("a {{#include x}} b", "b file b"),
            ("a {{#include x}} b", "a file c"),
            ("a {{#include x}} b {{#include x}} c", "a file c"),
        ] {
            assert!(!expands_to(own, expanded), "{own}");
        }
    }

    #[test]
    fn an_anchor_is_taken_as_mdbook_takes_it() {
        let text =
            "a\n// ANCHOR: one\nb\n// ANCHOR: two\nc\n// ANCHOR_END: two\nd\n// ANCHOR_END: one\ne";
        assert_eq!(anchored(text, "one"), "b\nc\nd");
        assert_eq!(anchored(text, "two"), "c");
    }
}
