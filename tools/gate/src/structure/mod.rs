//! A chapter's own text, taken apart once for all that read it.

mod html;
mod reader;
mod tag;

use std::ops::Range;
use std::sync::LazyLock;

use mdbook_markdown::pulldown_cmark::{Event, Parser, Tag};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use regex::Regex;

use crate::comment::{self, Comment, Fault, Kind};
use crate::pattern;
use reader::Reader;

pub use tag::HtmlTag;

/// Stands in [`Structure::prose`] for code, a directive or an include: something
/// that is read, and whose words are not the author's.
pub const OBJECT: char = '\u{1a}';
/// Stands for what is not read: tags, the signs of emphasis, link targets, markers.
pub const MARKUP: char = '\u{1b}';

/// A chapter, as its author wrote it.
#[derive(Default)]
pub struct Structure<'a> {
    pub text: &'a str,
    /// The text with all that is no prose replaced, byte by byte, by
    /// [`OBJECT`] and [`MARKUP`]: a place in it is a place in the text.
    pub prose: String,
    pub comments: Vec<Comment>,
    /// Code, fenced and in lines.
    pub code: Vec<Range<usize>>,
    pub fences: Vec<Fence>,
    pub lists: Vec<List>,
    pub tables: Vec<Table>,
    /// Running text of a paragraph or a list item, each up to the next block or to a
    /// line break that its author made.
    pub runs: Vec<Range<usize>>,
    pub headings: Vec<Heading>,
    pub links: Vec<Link>,
    /// Tags of HTML, opening and closing.
    pub tags: Vec<HtmlTag<'a>>,
    /// What would not reach a reader's eye.
    pub faults: Vec<Fault>,
}

/// A fenced code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// From the opening fence to the end of the closing one.
    pub range: Range<usize>,
    /// What stands behind the opening fence: `rust,ignore`.
    pub info: String,
    /// The code, without what a list or a quotation has before each line.
    pub parts: Vec<Range<usize>>,
}

/// An ordered list.
pub struct List {
    pub range: Range<usize>,
    pub first: u64,
    pub items: usize,
}

pub struct Table {
    pub range: Range<usize>,
    pub head: Range<usize>,
    pub columns: usize,
}

pub struct Heading {
    pub at: usize,
    pub level: u8,
    pub text: String,
    /// The id that the author gave it.
    pub id: Option<String>,
}

pub struct Link {
    pub at: usize,
    pub target: String,
    pub text: String,
}

impl<'a> Structure<'a> {
    pub fn of(text: &'a str) -> Self {
        let code = code(text);
        let (comments, mut faults) = comment::scan(text, &code);
        // Markdown sees an HTML block where a line begins with a directive. On
        // the page, what the directive printed stands there.
        let mut parsed = text.as_bytes().to_owned();
        for include in includes(text).filter(|range| !overlaps(&code, range)) {
            fill(&mut parsed, include, OBJECT as u8);
        }
        for comment in &comments {
            match comment.kind {
                Kind::Directive if !comment.alone => {
                    fill(&mut parsed, comment.range.clone(), OBJECT as u8);
                }
                // No white space, which would make a code block of what follows.
                Kind::Given | Kind::Right | Kind::Below => {
                    fill(&mut parsed, comment.range.clone(), MARKUP as u8)
                }
                _ => {}
            }
        }
        let parsed = String::from_utf8_lossy(&parsed).into_owned();
        let mut reader = Reader::new(text, &parsed);
        // The author's own words: no quotes but those that he wrote.
        let mut options = MarkdownOptions::default();
        options.smart_punctuation = false;
        let parser = new_cmark_parser(&parsed, &options);
        let definitions = parser.reference_definitions().iter();
        faults.extend(definitions.map(|(label, definition)| {
            let why = "a definition such as `[label]: address` shows nothing by itself, and may be lost; write the address where the link stands";
            (definition.span.start, format!("`[{label}]`: {why}"))
        }));
        for (event, range) in parser.into_offset_iter() {
            reader.event(event, range);
        }
        let mut structure = reader.finish();
        structure.comments = comments;
        structure.code = code;
        structure.faults.extend(faults);
        structure.faults.extend(html::check(text, &structure.tags));
        structure.faults.sort();
        structure
    }

    /// The line of a place, without its line feed.
    pub fn line(&self, at: usize) -> Range<usize> {
        let start = self.text[..at].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[at..].find('\n');
        start..end.map_or(self.text.len(), |length| at + length)
    }

    pub fn is_in_fence(&self, at: usize) -> bool {
        let mut fences = self.fences.iter();
        fences.any(|fence| fence.range.contains(&at))
    }

    pub fn is_in_table(&self, at: usize) -> bool {
        let mut tables = self.tables.iter();
        tables.any(|table| table.range.contains(&at))
    }

    /// Whether nothing that a reader reads stands in a range.
    pub fn is_silent(&self, range: Range<usize>) -> bool {
        self.prose[range]
            .chars()
            .all(|c| c.is_whitespace() || c == MARKUP || c == OBJECT)
    }
}

fn cells(row: &str) -> usize {
    let row = row.trim();
    let bars = row.match_indices('|');
    let bars = bars.filter(|(at, _)| !row[..*at].ends_with('\\')).count();
    let outer = usize::from(row.starts_with('|'))
        + usize::from(row.len() > 1 && row.ends_with('|') && !row.ends_with("\\|"));
    (bars + 1).saturating_sub(outer)
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

fn includes(text: &str) -> impl Iterator<Item = Range<usize>> {
    static INCLUDE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\{\{\s*#[^}]*\}\}"));
    INCLUDE.find_iter(text).map(|found| found.range())
}

/// Line feeds stay.
fn fill(bytes: &mut [u8], range: Range<usize>, with: u8) {
    for byte in &mut bytes[range] {
        if *byte != b'\n' {
            *byte = with;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The prose, with `#` for objects and `_` for markup.
    fn prose(text: &str) -> String {
        let source = Structure::of(text);
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
            ("a <!-- given --> b\n", "a ______________ b\n"),
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
        let runs: Vec<&str> = Structure::of(text)
            .runs
            .iter()
            .map(|run| &text[run.clone()])
            .collect();
        assert_eq!(runs, ["One *two*\n`three`.", "four", "five", "six"]);
    }

    #[test]
    fn links_are_found_in_markdown_and_html() {
        let text = "[a *b* `c`](d)\n\n<p><a class=\"x\" href='e'>f</a></p>\n\n[g][h]\n\n[h]: i\n";
        let source = Structure::of(text);
        let links: Vec<_> = source
            .links
            .iter()
            .map(|link| (link.at, link.target.as_str(), link.text.as_str()))
            .collect();
        assert_eq!(links, [(0, "d", "a b c"), (19, "e", "f"), (52, "i", "g")]);
    }
}
