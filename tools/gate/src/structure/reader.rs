//! From the events of a parser to a [`Structure`].

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, LinkType, Tag, TagEnd};
use regex::Regex;

use super::{Fence, Heading, HtmlTag, Link, List, MARKUP, OBJECT, Structure, Table, cells, fill};
use crate::pattern;

const NO_TAG: &str =
    "this `<` begins no whole tag, and what follows it would be lost; write `&lt;` for the sign";

/// Reads the events of a chapter.
#[derive(Default)]
pub struct Reader<'a, 'p> {
    parsed: &'p str,
    prose: Vec<u8>,
    source: Structure<'a>,
    /// Headings, tables, footnotes and HTML that are open: no running text.
    apart: usize,
    run: Option<Range<usize>>,
    /// How deep in `<code>` and the like.
    quoted: usize,
    /// Inside `<https://…>`.
    address: bool,
    /// The heading and the links that are open.
    heading: Option<Heading>,
    open_links: Vec<Link>,
    /// Lists that are open; `None` for one without numbers.
    open_lists: Vec<Option<List>>,
    /// A fenced block is open.
    in_fence: bool,
    /// Footnotes, by their labels: where they are defined, and which are used.
    footnotes: Vec<(String, usize)>,
    noted: BTreeSet<String>,
}

impl<'a, 'p> Reader<'a, 'p> {
    pub fn new(text: &'a str, parsed: &'p str) -> Self {
        let mut prose = parsed.as_bytes().to_owned();
        fill(&mut prose, 0..parsed.len(), MARKUP as u8);
        let source = Structure {
            text,
            ..Structure::default()
        };
        Self {
            parsed,
            prose,
            source,
            ..Self::default()
        }
    }

    pub fn finish(mut self) -> Structure<'a> {
        let mut defined = BTreeSet::new();
        for (label, at) in &self.footnotes {
            let why = if !self.noted.contains(label) {
                "no text refers to this footnote, so that it is on no page"
            } else if !defined.insert(label) {
                "this footnote is defined a second time, and only the first is shown"
            } else {
                continue;
            };
            let faults = &mut self.source.faults;
            faults.push((*at, format!("`[^{label}]`: {why}")));
        }
        self.source.prose = String::from_utf8_lossy(&self.prose).into_owned();
        self.source
    }

    pub fn event(&mut self, event: Event, range: Range<usize>) {
        match event {
            Event::Text(text) => {
                if self.in_fence
                    && let Some(fence) = self.source.fences.last_mut()
                {
                    fence.parts.push(range.clone());
                }
                self.words(&text, range, self.quoted > 0 || self.address);
            }
            Event::Code(code) => self.words(&code, range, true),
            Event::InlineHtml(_) => self.tag(range),
            // The line goes on below, by its author's will.
            Event::HardBreak => self.end_run(),
            Event::FootnoteReference(label) => {
                self.noted.insert(label.into_string());
                self.extend_run(range);
            }
            Event::SoftBreak => self.extend_run(range),
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            // HTML blocks are read as a whole.
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag, range: Range<usize>) {
        let end = tag.to_end();
        match end {
            _ if is_inline(end) => self.extend_run(range.start..range.start),
            _ => self.end_run(),
        }
        self.apart += usize::from(is_apart(end));
        let at = range.start;
        match tag {
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => {
                self.address = matches!(link_type, LinkType::Autolink | LinkType::Email);
                self.open_links.push(Link {
                    at,
                    target: dest_url.into_string(),
                    text: String::new(),
                });
            }
            Tag::Heading {
                level,
                id,
                classes,
                attrs,
            } => {
                if !classes.is_empty() || !attrs.is_empty() {
                    let why = "a heading has an id in braces, such as `{#why}`, and nothing else";
                    self.source.faults.push((at, why.to_owned()));
                }
                self.heading = Some(Heading {
                    at,
                    level: level as u8,
                    text: String::new(),
                    id: id.map(|id| id.into_string()),
                });
            }
            Tag::HtmlBlock => self.html(range),
            Tag::CodeBlock(kind) => {
                // The text of the block comes as text.
                self.quoted = 1;
                if let CodeBlockKind::Fenced(info) = kind {
                    self.in_fence = true;
                    self.source.fences.push(Fence {
                        range,
                        info: info.into_string(),
                        parts: Vec::new(),
                    });
                }
            }
            Tag::Table(columns) => self.source.tables.push(Table {
                head: at..at,
                range,
                columns: columns.len(),
            }),
            Tag::TableHead => {
                if let Some(table) = self.source.tables.last_mut() {
                    table.head = range;
                }
            }
            Tag::TableRow => {
                let columns = self.source.tables.last().map_or(0, |table| table.columns);
                // Markdown drops the cells that a row has too many.
                if cells(&self.source.text[range]) > columns {
                    let why = format!(
                        "this row of a table has more cells than its head, which has {columns}: the last would be lost; write `\\|` for a bar that is text"
                    );
                    self.source.faults.push((at, why));
                }
            }
            Tag::FootnoteDefinition(label) => self.footnotes.push((label.into_string(), at)),
            Tag::List(first) => self.open_lists.push(first.map(|first| List {
                range: at..at + self.source.text[range].trim_end().len(),
                first,
                items: 0,
            })),
            Tag::Item => {
                if let Some(Some(list)) = self.open_lists.last_mut() {
                    list.items += 1;
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Link => {
                self.address = false;
                self.source.links.extend(self.open_links.pop());
            }
            TagEnd::Heading(_) => self.source.headings.extend(self.heading.take()),
            TagEnd::List(_) => self.source.lists.extend(self.open_lists.pop().flatten()),
            TagEnd::CodeBlock => self.in_fence = false,
            _ => {}
        }
        self.apart -= usize::from(is_apart(tag));
        if !is_inline(tag) {
            self.quoted = 0;
            self.end_run();
        }
    }

    /// Words of the author's, or something that is shown as it is; of whatever
    /// heading and links are open, too.
    fn words(&mut self, text: &str, range: Range<usize>, is_quoted: bool) {
        let words = text.replace(MARKUP, "");
        for link in &mut self.open_links {
            link.text.push_str(&words);
        }
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(&words);
        }
        if is_quoted {
            fill(&mut self.prose, range.clone(), OBJECT as u8);
        } else {
            let words = &self.parsed.as_bytes()[range.clone()];
            self.prose[range.clone()].copy_from_slice(words);
        }
        self.extend_run(range);
    }

    fn extend_run(&mut self, range: Range<usize>) {
        if self.apart > 0 {
            return;
        }
        let run = self.run.get_or_insert(range.clone());
        run.end = run.end.max(range.end);
    }

    fn end_run(&mut self) {
        self.source.runs.extend(self.run.take());
    }

    /// A block of HTML: its tags are no prose, what stands between them is.
    fn html(&mut self, block: Range<usize>) {
        static PIECE: LazyLock<Regex> = LazyLock::new(|| {
            pattern(r#"<!--(?s:.*?)(?:-->|\z)|<[/!?]?[A-Za-z](?:"[^"]*"|'[^']*'|[^'">])*>|[^<]+|<"#)
        });
        let parsed = self.parsed;
        for piece in PIECE.find_iter(&parsed[block.clone()]) {
            let range = block.start + piece.start()..block.start + piece.end();
            match piece.as_str().starts_with('<') {
                true => self.tag(range),
                false => self.words(piece.as_str(), range, self.quoted > 0),
            }
        }
    }

    fn tag(&mut self, range: Range<usize>) {
        let text = &self.source.text[range.clone()];
        if text.starts_with("<!--") {
            // Told with the comments.
        } else if text == "<" || text.starts_with("<!") || text.starts_with("<?") {
            self.source.faults.push((range.start, NO_TAG.to_owned()));
        } else {
            let tag = HtmlTag::read(range.start, text);
            match tag.closes {
                true if tag.quotes() => self.quoted = self.quoted.saturating_sub(1),
                true if tag.name == "a" => self.source.links.extend(self.open_links.pop()),
                false if tag.quotes() => self.quoted += 1,
                false if tag.name == "a" => self.open_links.push(Link {
                    at: range.start,
                    target: tag.value("href").to_owned(),
                    text: String::new(),
                }),
                _ => {}
            }
            self.source.tags.push(tag);
        }
        self.extend_run(range);
    }
}

fn is_inline(tag: TagEnd) -> bool {
    use TagEnd::{Emphasis, Image, Link, Strikethrough, Strong};
    matches!(tag, Link | Image | Emphasis | Strong | Strikethrough)
}

/// Whether what stands in it is no running text.
fn is_apart(tag: TagEnd) -> bool {
    use TagEnd::{CodeBlock, DefinitionListTitle, FootnoteDefinition, Heading, HtmlBlock, Table};
    matches!(
        tag,
        CodeBlock | DefinitionListTitle | FootnoteDefinition | Heading(_) | HtmlBlock | Table
    )
}
