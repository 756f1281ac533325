//! From the events of a parser to a [`Structure`].

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Tag, TagEnd};
use regex::Regex;

use super::tag::{attribute, name, quotes};
use super::{Fence, Heading, Link, List, MARKER, MARKUP, OBJECT, Structure, Table, fill};
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
    /// Inside `<code>` and the like.
    quoted: bool,
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
        for (number, (label, at)) in self.footnotes.iter().enumerate() {
            let first = self.footnotes.iter().position(|(other, _)| other == label);
            let why = if !self.noted.contains(label) {
                "no text refers to this footnote, so that it is on no page"
            } else if first != Some(number) {
                "this footnote is defined a second time, and only the first is shown"
            } else {
                continue;
            };
            let faults = &mut self.source.faults;
            faults.push((*at, format!("`[^{label}]`: {why}")));
        }
        for byte in &mut self.prose {
            if *byte == MARKER {
                *byte = b' ';
            }
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
                self.read(&text);
                if self.quoted || self.address {
                    fill(&mut self.prose, range.clone(), OBJECT as u8);
                } else {
                    self.keep(range.clone());
                }
                self.extend_run(range);
            }
            Event::Code(code) => {
                self.read(&code);
                fill(&mut self.prose, range.clone(), OBJECT as u8);
                self.extend_run(range);
            }
            Event::InlineHtml(tag) => {
                self.quoted = match tag.strip_prefix("</") {
                    None => self.quoted || quotes(name(&tag)),
                    Some(closing) => self.quoted && !quotes(name(closing)),
                };
                if tag.starts_with("<!--") {
                    // Told with the comments.
                } else if tag.starts_with("<!") || tag.starts_with("<?") {
                    self.source.faults.push((range.start, NO_TAG.to_owned()));
                } else {
                    self.source.tags.push(range.clone());
                }
                self.extend_run(range);
            }
            Event::HardBreak => {
                self.source.hard_breaks.push(range.clone());
                self.extend_run(range);
            }
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
                self.quoted = true;
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
                rows: Vec::new(),
            }),
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = self.source.tables.last_mut() {
                    match tag {
                        Tag::TableHead => table.head = range,
                        _ => table.rows.push(range),
                    }
                }
            }
            Tag::FootnoteDefinition(label) => self.footnotes.push((label.into_string(), at)),
            Tag::List(first) => self.open_lists.push(first.map(|first| List {
                range,
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
            self.quoted = false;
            self.end_run();
        }
    }

    /// The words of whatever heading and links are open.
    fn read(&mut self, text: &str) {
        let words = text.replace(char::from(MARKER), "");
        for link in &mut self.open_links {
            link.text.push_str(&words);
        }
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(&words);
        }
    }

    fn keep(&mut self, range: Range<usize>) {
        self.prose[range.clone()].copy_from_slice(&self.parsed.as_bytes()[range]);
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
        static TAG: LazyLock<Regex> = LazyLock::new(|| {
            pattern(r#"<!--(?s:.*?)(?:-->|\z)|<[/!?]?[A-Za-z](?:"[^"]*"|'[^']*'|[^'">])*>|[^<]+|<"#)
        });
        let parsed = self.parsed;
        let mut link: Option<Link> = None;
        // The element whose content is shown as it is.
        let mut quoting: Option<&str> = None;
        for piece in TAG.find_iter(&parsed[block.clone()]) {
            let range = block.start + piece.start()..block.start + piece.end();
            let text = piece.as_str();
            if text == "<" || text.starts_with("<!") && !text.starts_with("<!--") {
                self.source.faults.push((range.start, NO_TAG.to_owned()));
            }
            let is_tag = text.len() > 1 && text.starts_with('<');
            if !is_tag {
                if let Some(link) = &mut link {
                    link.text.push_str(text);
                }
                match quoting {
                    None => self.keep(range),
                    Some(_) => fill(&mut self.prose, range, OBJECT as u8),
                }
                continue;
            }
            if text.starts_with("<!--") {
                continue;
            }
            match text.strip_prefix("</") {
                None => {
                    let element = name(text);
                    if quoting.is_none() && quotes(element) && !text.ends_with("/>") {
                        quoting = Some(element);
                    }
                    if let Some(target) = attribute(text, "href") {
                        link = Some(Link {
                            at: range.start,
                            target: target.to_owned(),
                            text: String::new(),
                        });
                    }
                }
                Some(closing) => {
                    if quoting.is_some_and(|element| element.eq_ignore_ascii_case(name(closing))) {
                        quoting = None;
                    }
                    if name(closing).eq_ignore_ascii_case("a") {
                        self.source.links.extend(link.take());
                    }
                }
            }
            self.source.tags.push(range);
        }
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
