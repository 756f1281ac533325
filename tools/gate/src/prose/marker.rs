//! `<!-- given -->` and `<!-- claim NAME -->`: why a number may be stated.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::prose::pattern;
use crate::prose::source::{code, overlaps};

/// A marker in a chapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker<'a> {
    pub range: Range<usize>,
    pub kind: Kind<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind<'a> {
    /// The number is true by definition.
    Given,
    /// The claim of this name checks the number.
    Claim(&'a str),
    /// A comment that looks like a marker.
    Malformed,
}

/// Finds the markers of a text whose code is known.
pub fn scan<'a>(text: &'a str, code: &[Range<usize>]) -> Vec<Marker<'a>> {
    static MARKER: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"<!--[ \t]*((?i:given|claim)\b[^\n]*?)[ \t]*-->"));
    MARKER
        .captures_iter(text)
        .filter_map(|captures| {
            let range = captures.get(0)?.range();
            let words = captures.get(1)?.as_str();
            (!overlaps(code, &range)).then(|| Marker {
                range,
                kind: kind(words),
            })
        })
        .collect()
}

fn kind(words: &str) -> Kind<'_> {
    if words == "given" {
        return Kind::Given;
    }
    match words.strip_prefix("claim").map(str::trim) {
        Some(name) if is_name(name) => Kind::Claim(name),
        _ => Kind::Malformed,
    }
}

/// Whether a claim may be named so: lowercase letters, digits and hyphens, a
/// letter first.
pub fn is_name(name: &str) -> bool {
    reading::is_claim_name(name)
}

/// Takes the markers out of a text, each with the space that set it apart. Every
/// line stays a line, indented as it was.
pub fn strip(text: &str) -> String {
    let mut stripped = String::with_capacity(text.len());
    let mut done = 0;
    for marker in scan(text, &code(text)) {
        let before = &text[done..marker.range.start];
        let after = &text[marker.range.end..];
        let begins_line = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .trim()
            .is_empty()
            && (done == 0 || before.contains('\n'));
        done = marker.range.end;
        if begins_line {
            stripped.push_str(before);
            done += after.len() - after.trim_start_matches([' ', '\t']).len();
        } else if after.starts_with(|c: char| !c.is_whitespace()) {
            stripped.push_str(before);
        } else {
            stripped.push_str(before.trim_end_matches([' ', '\t']));
        }
    }
    stripped.push_str(&text[done..]);
    stripped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_vanish_and_lines_stay() {
        for (text, expected) in [
            (
                "It is 4 KiB. <!-- given -->\nMore.\n",
                "It is 4 KiB.\nMore.\n",
            ),
            ("It is 4 KiB <!-- given --> long.\n", "It is 4 KiB long.\n"),
            (
                "- 1 page <!-- claim one-page -->\n- 0 kB\n",
                "- 1 page\n- 0 kB\n",
            ),
            ("<!-- given --> 4 KiB\n", "4 KiB\n"),
            ("a\n<!-- given -->\nb\n", "a\n\nb\n"),
            ("- a\n  <!-- given --> 4 KiB\n", "- a\n  4 KiB\n"),
            ("4 KiB <!-- given -->long\n", "4 KiB long\n"),
            ("<!--given--><!--claim a-->x", "x"),
            (
                "`<!-- given -->` <!-- a comment -->\n",
                "`<!-- given -->` <!-- a comment -->\n",
            ),
            (
                "```\n4 kB <!-- given -->\n```\n",
                "```\n4 kB <!-- given -->\n```\n",
            ),
        ] {
            assert_eq!(strip(text), expected);
        }
    }

    #[test]
    fn a_marker_says_why() {
        let kinds = |text| {
            let found = scan(text, &[]).into_iter();
            found.map(|marker| marker.kind).collect::<Vec<_>>()
        };
        assert_eq!(
            kinds(
                "<!-- given --> <!--claim one-page--> <!-- Given --> <!-- claim One --> <!-- claim -->"
            ),
            [
                Kind::Given,
                Kind::Claim("one-page"),
                Kind::Malformed,
                Kind::Malformed,
                Kind::Malformed
            ]
        );
        assert_eq!(
            kinds("<!-- claims --> <!-- cmdrun given --> <!-- given\n-->"),
            []
        );
    }
}
