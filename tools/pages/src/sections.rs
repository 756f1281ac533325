//! A chapter's text by its headings, as a reader searches it: prose alone.
//!
//! Listings and captures are left out. They are most of a book of terminals, and
//! what matters in them stands in the prose beside them, with its values.

use std::collections::HashSet;
use std::iter;

use mdbook_markdown::pulldown_cmark::{Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use text::slug;

/// A heading and the text below it, up to the next heading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// 1 to 6; 0 for text above the first heading.
    pub level: u8,
    /// The heading's id on the page.
    pub id: String,
    pub title: String,
    /// The paragraphs, a line each.
    pub text: String,
}

/// The sections of a chapter's Markdown.
pub fn sections(markdown: &str) -> Vec<Section> {
    let parser = new_cmark_parser(markdown, &MarkdownOptions::default());
    let mut found = vec![Section::default()];
    let mut used = HashSet::new();
    let mut term: Option<String> = None;
    let (mut in_heading, mut in_code) = (false, false);
    for event in parser {
        let Some(section) = found.last_mut() else {
            continue;
        };
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => {
                found.push(Section {
                    level: level as u8,
                    id: id.map(|id| id.to_string()).unwrap_or_default(),
                    ..Section::default()
                });
                in_heading = true;
            }
            Event::End(TagEnd::Heading(_)) => {
                in_heading = false;
                if section.id.is_empty() {
                    section.id = unique(slug(&section.title), &mut used);
                }
            }
            // mdBook gives a term an id too, out of the same names.
            Event::Start(Tag::DefinitionListTitle) => term = Some(String::new()),
            Event::End(TagEnd::DefinitionListTitle) => {
                unique(slug(&term.take().unwrap_or_default()), &mut used);
                section.end_paragraph();
            }
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(text) | Event::Code(text) if !in_code => {
                if let Some(term) = &mut term {
                    term.push_str(&text);
                }
                let to = if in_heading {
                    &mut section.title
                } else {
                    &mut section.text
                };
                to.push_str(&text.replace('\u{a0}', " "));
            }
            Event::SoftBreak | Event::HardBreak if !in_code => section.text.push(' '),
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell) => {
                section.end_paragraph();
            }
            _ => {}
        }
    }
    found.retain(|section| section.level > 0 || !section.text.is_empty());
    found
}

impl Section {
    fn end_paragraph(&mut self) {
        let kept = self.text.trim_end().len();
        self.text.truncate(kept);
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }
}

/// The second `why` is `why-1`.
fn unique(id: String, used: &mut HashSet<String>) -> String {
    let numbered = (1..).map(|count| format!("{id}-{count}"));
    let mut candidates = iter::once(id.clone()).chain(numbered);
    let unused = candidates.find(|candidate| used.insert(candidate.clone()));
    unused.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_kept_and_code_is_not() {
        let found = sections(
            "# `mmap()`: a call\n\nOne *word*.\nTwo.\n\n```console\n$ ls\n```\n\n\
             <figure><pre>captured</pre></figure>\n\nRss is <span class=\"captured\">0&nbsp;kB</span>.\n\n\
             ## Why?\n\n- a\n- b\n\n## Why?\n\n### `Rss` {#field-rss}\n\nText.\n",
        );
        let said: Vec<_> = found
            .iter()
            .map(|each| {
                (
                    each.level,
                    each.id.as_str(),
                    each.title.as_str(),
                    each.text.as_str(),
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                (
                    1,
                    "mmap-a-call",
                    "mmap(): a call",
                    "One word. Two.\nRss is 0 kB.\n"
                ),
                (2, "why", "Why?", "a\nb\n"),
                (2, "why-1", "Why?", ""),
                (3, "field-rss", "Rss", "Text.\n"),
            ]
        );
    }
}
