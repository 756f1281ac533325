//! `{{#include PATH:ANCHOR}}`, expanded here: what mdBook only logs, or passes
//! over.
//!
//! mdBook leaves the words in the page when the file is missing, and makes an
//! empty block of a missing anchor. Both end in exit status 0.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use text::nearest;

use crate::comment::Fault;
use crate::pattern;

/// An include in a chapter's own text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    pub range: Range<usize>,
    /// The path, as it was written.
    pub path: String,
    pub part: Part,
    pub file: File,
}

/// The file that an include names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Without symlinks, if it is there.
    pub path: Option<PathBuf>,
    /// What it holds, or why that cannot be told.
    pub text: Result<String, String>,
}

/// What is included of a file: what stands behind the colon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Whole,
    /// The numbers of the first line and of the last: `2:10`.
    Lines(usize, usize),
    Anchor(String),
}

impl Part {
    fn of(text: &str) -> Self {
        let lines = text
            .split_once(':')
            .and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
        lines.map_or_else(
            || Self::Anchor(text.to_owned()),
            |(first, last)| Self::Lines(first, last),
        )
    }
}

/// Finds the includes of a chapter, in order, and what mdBook would take for a
/// directive of its own. A backslash in front makes plain text of either. `read` gets
/// the file of a path.
pub fn scan(text: &str, read: impl Fn(&str) -> File) -> (Vec<Include>, Vec<Fault>) {
    static DIRECTIVE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\\?\{\{\s*#\s*(\w*)([^}\n]*)(\}\})?"));
    static INCLUDE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s+([^:\s]+)(?::(\S+))?\s*$"));
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for directive in DIRECTIVE.captures_iter(text) {
        let Some(whole) = directive
            .get(0)
            .filter(|whole| !whole.as_str().starts_with('\\'))
        else {
            continue;
        };
        let (word, words) = (&directive[1], &directive[2]);
        let why = match word {
            _ if directive.get(3).is_none() => {
                "does not end on its line; close it with `}}`".to_owned()
            }
            // Left to mdBook, which takes it out.
            "title" => continue,
            "include" => match INCLUDE.captures(words) {
                Some(parts) => {
                    found.push(Include {
                        range: whole.range(),
                        path: parts[1].to_owned(),
                        file: read(&parts[1]),
                        part: parts
                            .get(2)
                            .map_or(Part::Whole, |part| Part::of(part.as_str())),
                    });
                    continue;
                }
                None => "names no file; write `{{#include PATH}}` or `{{#include PATH:ANCHOR}}`"
                    .to_owned(),
            },
            "rustdoc_include" | "playground" => {
                "is mdBook's; a chapter of this book includes a listing by `{{#include …}}`"
                    .to_owned()
            }
            _ => format!(
                "is no directive of mdBook{}; a backslash before it makes plain text of it",
                nearest(word, ["include", "title"].into_iter())
            ),
        };
        faults.push((whole.start(), format!("`{}` {why}", whole.as_str())));
    }
    (found, faults)
}

impl File {
    /// Reads a file, looked for from the chapter's folder.
    pub fn read(folder: &Path, path: &str) -> Self {
        let file = folder.join(path);
        let text = fs::read_to_string(&file);
        Self {
            path: file.canonicalize().ok(),
            text: text
                .map_err(|error| format!("cannot include {path}: {error}{}", nearest_file(&file))),
        }
    }
}

impl Include {
    /// The text that stands in its place, or what is wrong with it.
    pub fn resolve(&self) -> Result<String, String> {
        let Self { path, part, .. } = self;
        let text = self.file.text.as_ref().map_err(String::clone)?;
        let lines: Vec<&str> = match part {
            Part::Whole => {
                let lines = text.lines();
                lines.filter(|line| anchor_line(line).is_none()).collect()
            }
            Part::Lines(first, last) => {
                let lines = text.lines().take(*last);
                lines.skip(first.saturating_sub(1)).collect()
            }
            Part::Anchor(anchor) => anchored(path, text, anchor)?,
        };
        if lines.is_empty() && matches!(part, Part::Lines(..)) {
            return Err(format!(
                "{path} has {} lines, and none of those that are asked for",
                text.lines().count()
            ));
        }
        Ok(lines.join("\n"))
    }
}

/// The anchor of a line: whether it opens one, and its name.
fn anchor_line(line: &str) -> Option<(bool, &str)> {
    static ANCHOR: LazyLock<Regex> = LazyLock::new(|| pattern(r"ANCHOR(_END)?:\s*([\w-]+)"));
    let captures = ANCHOR.captures(line)?;
    Some((captures.get(1).is_none(), captures.get(2)?.as_str()))
}

/// The lines of an anchor, without those of anchors inside it, as mdBook takes
/// them.
fn anchored<'t>(path: &str, text: &'t str, anchor: &str) -> Result<Vec<&'t str>, String> {
    let mut rest = text.lines();
    if !rest.any(|line| anchor_line(line) == Some((true, anchor))) {
        let anchors = text.lines().filter_map(anchor_line);
        let names = anchors.filter_map(|(opens, name)| opens.then_some(name));
        return Err(format!(
            "{path} has no anchor `{anchor}`, which begins with a line `// ANCHOR: {anchor}`{}",
            nearest(anchor, names)
        ));
    }
    let mut lines = Vec::new();
    for line in rest {
        match anchor_line(line) {
            Some((false, name)) if name == anchor => return Ok(lines),
            None => lines.push(line),
            Some(_) => {}
        }
    }
    Err(format!(
        "the anchor `{anchor}` of {path} is not closed; end it with a line `// ANCHOR_END: {anchor}`"
    ))
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

    fn found(text: &str) -> (Vec<Include>, Vec<Fault>) {
        let file = |path: &str| File {
            path: None,
            text: Ok(path.to_owned()),
        };
        scan(text, file)
    }

    #[test]
    fn includes_are_found_with_their_parts() {
        let (includes, _) =
            found("a {{#include ../x/main.rs:steps}} \\{{#include no.rs}} {{#include y.rs}}");
        let parts: Vec<_> = includes
            .iter()
            .map(|include| (include.path.as_str(), include.part.clone()))
            .collect();
        let steps = Part::Anchor("steps".to_owned());
        assert_eq!(parts, [("../x/main.rs", steps), ("y.rs", Part::Whole)]);
        assert_eq!(Part::of("2:10"), Part::Lines(2, 10));
        for part in [":10", "2:", "2"] {
            assert_eq!(Part::of(part), Part::Anchor(part.to_owned()));
        }
    }

    #[test]
    fn what_mdbook_would_take_for_its_own_is_told() {
        for (text, why) in [
            ("{{#inclde x.rs}}", "did you mean `include`?"),
            ("{{#include}}", "names no file"),
            ("{{#include a b}}", "names no file"),
            ("{{#include x.rs", "does not end on its line"),
            ("{{ #rustdoc_include x.rs}}", "is mdBook's"),
            ("{{#playground x.rs}}", "is mdBook's"),
            ("{{#}}", "is no directive of mdBook"),
        ] {
            let (includes, faults) = found(text);
            assert_eq!(includes, [], "{text}");
            let told = faults.first().map_or("", |(_, why)| why);
            assert!(told.contains(why), "{text}: {told}");
        }
        assert_eq!(
            found("\\{{#include x}} {{#title x}} {{x}}"),
            (vec![], vec![])
        );
    }

    #[test]
    fn an_anchor_is_taken_as_mdbook_takes_it() {
        let text =
            "a\n// ANCHOR: one\nb\n// ANCHOR: two\nc\n// ANCHOR_END: two\nd\n// ANCHOR_END: one\ne";
        assert_eq!(anchored("x", text, "one"), Ok(vec!["b", "c", "d"]));
        assert_eq!(anchored("x", text, "two"), Ok(vec!["c"]));
        let told = |text, anchor| anchored("x", text, anchor).unwrap_err();
        assert!(told(text, "tow").ends_with("did you mean `two`?"));
        let closed_before = "// ANCHOR_END: one\n// ANCHOR: one\na";
        assert!(told(closed_before, "one").contains("of x is not closed"));
    }
}
