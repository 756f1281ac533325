//! A chapter's source, taken apart once for all checks.

mod reader;
mod tag;

use std::ops::Range;
use std::sync::LazyLock;

use pulldown_cmark::{Event, Options, Parser, Tag};
use regex::Regex;

use crate::prose::marker::{self, Marker};
use crate::prose::pattern;
use reader::Reader;

pub use tag::{attribute, name};

/// Stands in [`Source::prose`] for code, a directive or an include: something
/// that is read, and whose words are not the author's.
pub const OBJECT: char = '\u{1a}';
/// Stands for what is not read: tags, the signs of emphasis, link targets.
pub const MARKUP: char = '\u{1b}';
/// Stands for a marker while the text is parsed. No white space, which would
/// make a code block at the beginning of a line.
const MARKER: u8 = 0x1d;

/// A chapter.
pub struct Source<'a> {
    pub text: &'a str,
    /// The text with all that is no prose replaced, byte by byte, by
    /// [`OBJECT`] and [`MARKUP`]: a place in it is a place in the text.
    pub prose: String,
    /// The markers that numbers may have.
    pub markers: Vec<Marker<'a>>,
    /// The directives, from `<!--` to `-->`.
    pub directives: Vec<Range<usize>>,
    /// Running text of a paragraph or a list item, each up to the next block.
    pub runs: Vec<Range<usize>>,
    /// Line feeds that the author made line breaks of.
    pub hard_breaks: Vec<Range<usize>>,
    pub table_heads: Vec<Range<usize>>,
    pub headings: Vec<Heading>,
    pub links: Vec<Link>,
    /// Tags of HTML, opening and closing.
    pub tags: Vec<Range<usize>>,
}

pub struct Heading {
    pub at: usize,
    pub text: String,
    /// The id that the author gave it.
    pub id: Option<String>,
}

pub struct Link {
    pub at: usize,
    pub target: String,
    pub text: String,
}

impl<'a> Source<'a> {
    pub fn of(text: &'a str) -> Self {
        let code = code(text);
        let outside = |range: &Range<usize>| !overlaps(&code, range);
        let markers = marker::scan(text, &code);
        let directives: Vec<_> = directives(text).filter(outside).collect();
        // Markdown sees an HTML block where a line begins with a directive. On
        // the page, what the directive printed stands there.
        let mut parsed = text.as_bytes().to_owned();
        let alone = |range: &Range<usize>| is_alone(text, range);
        for directive in directives.iter().filter(|range| !alone(range)) {
            parsed[directive.clone()].fill(OBJECT as u8);
        }
        for include in includes(text).filter(outside) {
            fill(&mut parsed, include, OBJECT);
        }
        for marker in &markers {
            parsed[marker.range.clone()].fill(MARKER);
        }
        let parsed = String::from_utf8_lossy(&parsed).into_owned();

        let mut reader = Reader::new(text, &parsed);
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_HEADING_ATTRIBUTES
            | Options::ENABLE_DEFINITION_LIST
            | Options::ENABLE_GFM;
        for (event, range) in Parser::new_ext(&parsed, options).into_offset_iter() {
            reader.event(event, range);
        }
        let mut source = reader.source;
        for byte in &mut reader.prose {
            if *byte == MARKER {
                *byte = b' ';
            }
        }
        source.prose = String::from_utf8_lossy(&reader.prose).into_owned();
        source.markers = markers;
        source.directives = directives;
        source
    }

    /// The line of a place, without its line feed.
    pub fn line(&self, at: usize) -> Range<usize> {
        let start = self.text[..at].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[at..].find('\n');
        start..end.map_or(self.text.len(), |length| at + length)
    }
}

/// The places of a text that lie in code.
pub fn code(text: &str) -> Vec<Range<usize>> {
    Parser::new(text)
        .into_offset_iter()
        .filter(|(event, _)| matches!(event, Event::Start(Tag::CodeBlock(_)) | Event::Code(_)))
        .map(|(_, range)| range)
        .collect()
}

pub fn overlaps(ranges: &[Range<usize>], range: &Range<usize>) -> bool {
    ranges
        .iter()
        .any(|other| other.start < range.end && range.start < other.end)
}

fn directives(text: &str) -> impl Iterator<Item = Range<usize>> {
    static DIRECTIVE: LazyLock<Regex> = LazyLock::new(|| pattern(r"<!--[ \t]*cmdrun\b[^\n]*?-->"));
    DIRECTIVE.find_iter(text).map(|found| found.range())
}

fn includes(text: &str) -> impl Iterator<Item = Range<usize>> {
    static INCLUDE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\{\{\s*#[^}]*\}\}"));
    INCLUDE.find_iter(text).map(|found| found.range())
}

/// The only thing on its line.
fn is_alone(text: &str, range: &Range<usize>) -> bool {
    let before = text[..range.start].rsplit('\n').next();
    let after = text[range.end..].split('\n').next();
    before.is_none_or(|rest| rest.trim().is_empty())
        && after.is_none_or(|rest| rest.trim().is_empty())
}

/// Line feeds stay.
fn fill(bytes: &mut [u8], range: Range<usize>, with: char) {
    for byte in &mut bytes[range] {
        if *byte != b'\n' {
            *byte = with as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The prose, with `#` for objects and `_` for markup.
    fn prose(text: &str) -> String {
        let source = Source::of(text);
        assert_eq!(source.prose.len(), text.len());
        source.prose.replace(OBJECT, "#").replace(MARKUP, "_")
    }

    #[test]
    fn what_is_no_prose_is_masked() {
        for (text, expected) in [
            ("a *b* `c` d\n", "a _b_ ### d\n"),
            ("[a](b.md) <https://c.d>\n", "_a_______ _###########_\n"),
            ("a <b>c</b> <code>d</code>\n", "a ___c____ ______#_______\n"),
            ("# a `b`\n\n- c\n  d\n", "__a ###\n\n__c\n__d\n"),
            ("```\na\n```\n\nb\n", "___\n#\n___\n\nb\n"),
            ("a {{#b c}} d\n", "a ######## d\n"),
            ("a <!-- given --> b\n", "a                b\n"),
            ("`<!-- given -->`\n", "################\n"),
            ("<!-- cmdrun a --> b\n", "################# b\n"),
            ("<!-- cmdrun a -->\n", "_________________\n"),
            (
                "a\n\n<p x='>'>b<pre>c</pre>\nd\n",
                "a\n\n_________b_____#______\nd\n",
            ),
            ("a \\* &amp; é\n", "a _* &amp; é\n"),
            ("a <!-- b\nc --> d\n", "a ______\n_____ d\n"),
        ] {
            assert_eq!(prose(text), expected, "{text}");
        }
    }

    #[test]
    fn running_text_ends_where_a_block_begins() {
        let text = "# No\n\nOne *two*\n`three`.\n\n- four\n  - five\n\n    six\n\n| no | no |\n|---|---|\n| no | no |\n\n<p>no</p>\n\n[^1]: No.\n";
        let runs: Vec<&str> = Source::of(text)
            .runs
            .iter()
            .map(|run| &text[run.clone()])
            .collect();
        assert_eq!(runs, ["One *two*\n`three`.", "four", "five", "six"]);
    }

    #[test]
    fn links_are_found_in_markdown_and_html() {
        let text = "[a *b* `c`](d)\n\n<p><a class=\"x\" href='e'>f</a></p>\n\n[g][h]\n\n[h]: i\n";
        let source = Source::of(text);
        let links: Vec<_> = source
            .links
            .iter()
            .map(|link| (link.at, link.target.as_str(), link.text.as_str()))
            .collect();
        assert_eq!(links, [(0, "d", "a b c"), (19, "e", "f"), (52, "i", "g")]);
    }
}
