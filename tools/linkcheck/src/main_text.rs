//! The elements of a page, and its text, which its author wrote: what stands in
//! `<main>`.
//!
//! mdBook gives every element both its tags and drops an end tag that closes
//! nothing, so that in the page the two nest like brackets. Where they do not, a
//! browser closes or moves elements by rules that no author has in mind.

use html5ever::tokenizer::Tag;
use html5ever::{LocalName, local_name};

use crate::finding::About;
use crate::page::State;

/// What is not shown, whatever stands in it: a browser keeps it for scripts, for
/// forms or for readers of another browser.
#[rustfmt::skip]
fn is_never_shown(name: &str) -> bool {
    matches!(name,
        "audio" | "canvas" | "datalist" | "iframe" | "math" | "meter" | "noembed" | "noframes" |
        "noscript" | "object" | "plaintext" | "progress" | "rp" | "select" | "svg" | "template"
        | "textarea" | "video" | "xmp")
}

/// Classes that theme/ does not show to every reader.
#[rustfmt::skip]
fn is_hiding_class(class: &str) -> bool {
    matches!(class,
        "checkbox-img" | "help-button" | "img-wrapper" | "js" | "stepper" | "visually-hidden")
}

/// What belongs into `<head>`, or is there once: it acts on the whole page.
#[rustfmt::skip]
fn is_of_the_page(name: &str) -> bool {
    matches!(name,
        "base" | "body" | "frameset" | "head" | "html" | "link" | "main" | "meta" | "script" |
        "style" | "title")
}

#[rustfmt::skip]
fn is_void(name: &str) -> bool {
    matches!(name,
        "area" | "base" | "br" | "col" | "embed" | "hr" | "img" | "input" | "link" | "meta" |
        "param" | "source" | "track" | "wbr")
}

/// What ends a paragraph that it stands in.
#[rustfmt::skip]
fn is_block(name: &str) -> bool {
    matches!(name,
        "address" | "article" | "aside" | "blockquote" | "center" | "dd" | "details" | "dialog"
        | "div" | "dl" | "dt" | "fieldset" | "figcaption" | "figure" | "footer" | "form" | "h1"
        | "h2" | "h3" | "h4" | "h5" | "h6" | "header" | "hgroup" | "hr" | "li" | "menu" | "nav"
        | "ol" | "p" | "pre" | "search" | "section" | "summary" | "table" | "ul")
}

/// How much of an excerpt a message shows.
pub(crate) const LONGEST_BEGIN: usize = 60;

/// An element that has begun.
pub(crate) struct Open {
    pub name: LocalName,
    line: u64,
    /// How it is written, if no reader sees what is in it.
    hides: Option<String>,
    has_summary: bool,
    is_note: bool,
    /// A program, or what one has printed: it may look like anything.
    pub is_raw: bool,
    /// `<div />`, which was told already.
    is_told: bool,
}

/// An element that only excerpts have.
#[derive(Debug, Default)]
pub(crate) struct Figure {
    pub line: u64,
    /// Its tag: `<figure class="terminal">`.
    pub element: String,
    /// With blanks only where they are kept, in `<pre>`.
    pub text: String,
    /// How it begins, for messages.
    pub begin: String,
    /// Where no reader sees it.
    pub hidden: Option<String>,
    pub is_note: bool,
}

impl Figure {
    pub fn shows(&self, other: &Self) -> bool {
        self.text == other.text && self.element == other.element
    }
}

/// A text that no reader sees.
#[derive(Debug)]
pub(crate) struct Unseen {
    pub line: u64,
    pub place: String,
    pub text: String,
}

impl State {
    pub fn element(&mut self, tag: &Tag, line: u64) {
        let name: &str = &tag.name;
        // In a drawing, `/>` does end an element.
        let is_foreign = matches!(name, "svg" | "math") || self.is_foreign();
        if !self.in_main && name == "main" && self.page.main == 0 {
            (self.page.main, self.in_main) = (line, true);
            self.open.clear();
            return;
        }
        if self.in_main && self.figure.is_none() {
            self.judge(tag, line, is_foreign);
            self.figure(tag, line);
        }
        if is_void(name) || (is_foreign && tag.self_closing) {
            return;
        }
        if let Some(around) = self.open.last_mut() {
            around.has_summary |= name == "summary";
        }
        self.open.push(Open {
            name: tag.name.clone(),
            line,
            hides: self.figure.map_or_else(|| hides(tag), |_| None),
            has_summary: false,
            is_note: has_class(tag, |class| class == "footnote-definition"),
            is_raw: match name {
                "pre" => attribute(tag, "data-captured").is_some(),
                _ => matches!(name, "script" | "style"),
            },
            is_told: tag.self_closing,
        });
    }

    /// Whether the author could mean an element here.
    fn judge(&mut self, tag: &Tag, line: u64, is_foreign: bool) {
        let name: &str = &tag.name;
        let flaws = [
            (
                is_of_the_page(name) && (name != "title" || !is_foreign),
                "acts on the whole page, not on its place in the text; remove it",
            ),
            (
                tag.self_closing && !is_foreign && !is_void(name),
                "does not end with \"/>\": all that follows stands in it; give it an end tag",
            ),
            (
                is_block(name) && self.is_in(&[local_name!("p")]),
                "ends the paragraph that it stands in; put a blank line before it",
            ),
        ];
        for (_, flaw) in flaws.into_iter().filter(|(is_so, _)| *is_so) {
            self.blame(line, name, flaw);
        }
        if matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6") {
            // An answer has no sections: it lacks its end.
            let answer = matches!(name, "h1" | "h2") && self.is_in(&[local_name!("details")]);
            let hidden = answer.then(|| "<details>".to_owned());
            if let Some(place) = hidden.or_else(|| self.hidden()) {
                let advice = "where no reader finds it; close that before the heading";
                self.blame(line, name, &format!("stands in {place}, {advice}"));
            }
        }
        if name == "h1" {
            self.page.titles.push(line);
        }
        let attributes = tag.attrs.iter().filter(|a| !a.value.is_empty());
        self.page.unseen.extend(attributes.map(|attribute| Unseen {
            line,
            place: format!("the attribute {} of <{name}>", attribute.name.local),
            text: attribute.value.to_string(),
        }));
    }

    fn figure(&mut self, tag: &Tag, line: u64) {
        let of_excerpts = match &*tag.name {
            "figure" => has_class(tag, |class| {
                matches!(class, "terminal" | "steps" | "listing") || class.starts_with("drawing-")
            }),
            "p" => has_class(tag, |class| matches!(class, "skipped" | "environment")),
            "span" => has_class(tag, |class| class == "captured"),
            _ => false,
        };
        if of_excerpts {
            let class = attribute(tag, "class").unwrap_or_default();
            self.page.figures.push(Figure {
                line,
                element: format!("<{} class=\"{class}\">", tag.name),
                hidden: self.hidden().or_else(|| hides(tag)),
                is_note: self.open.iter().any(|open| open.is_note),
                ..Figure::default()
            });
            self.figure = Some(self.open.len());
        }
    }

    pub fn end(&mut self, name: &LocalName, line: u64) {
        match self.open.iter().rposition(|open| open.name == *name) {
            Some(at) => {
                self.close_to(at + 1);
                self.pop();
            }
            None if !self.in_main => {}
            None if *name == local_name!("main") => self.finish(),
            None => {
                let message = format!(
                    "<{name}> has an end tag that closes nothing; remove it, or open what it should close"
                );
                self.tell(line, About::Source(format!("</{name}")), message);
            }
        }
    }

    /// The end of the text, and of all that its author has left open.
    pub fn finish(&mut self) {
        self.close_to(0);
        self.in_main = false;
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth
            && let Some(open) = self.pop()
        {
            if self.in_main && !open.is_told {
                self.blame(open.line, &open.name, "has no end tag where it should; close it inside of the element that it began in");
            }
        }
    }

    fn pop(&mut self) -> Option<Open> {
        let open = self.open.pop()?;
        if self.in_main && open.name == local_name!("details") && !open.has_summary {
            self.blame(
                open.line,
                &open.name,
                "has no <summary>; say in one what a reader finds when it is opened",
            );
        }
        if self.figure == Some(self.open.len()) {
            self.figure = None;
        }
        Some(open)
    }

    /// A text between two tags.
    pub fn words(&mut self, text: &str, line: u64) {
        if !self.in_main {
            return;
        }
        let keeps_blanks = self.is_in(&[local_name!("pre")]);
        if self.figure.is_some()
            && let Some(figure) = self.page.figures.last_mut()
        {
            if figure.begin.len() < LONGEST_BEGIN {
                figure.begin.extend([text, " "]);
            }
            if keeps_blanks {
                figure.text.push_str(text);
            } else {
                figure.text.extend(text.split_whitespace());
            }
        } else if let Some(place) = self.hidden() {
            match self.page.unseen.last_mut() {
                Some(last) if last.place == place => last.text.push_str(text),
                _ => self.page.unseen.push(Unseen {
                    line,
                    place,
                    text: text.to_owned(),
                }),
            }
        }
    }

    pub fn is_in(&self, names: &[LocalName]) -> bool {
        self.open.iter().any(|open| names.contains(&open.name))
    }

    /// In a drawing, no element's content is raw.
    pub fn is_foreign(&self) -> bool {
        self.is_in(&[local_name!("svg"), local_name!("math")])
    }

    fn blame(&mut self, line: u64, name: &str, flaw: &str) {
        let about = About::Source(format!("<{name}"));
        self.tell(line, about, format!("<{name}> {flaw}"));
    }

    /// The outermost element that keeps what is read now from the reader.
    fn hidden(&self) -> Option<String> {
        self.open.iter().find_map(|open| open.hides.clone())
    }
}

/// How an element is written that hides what stands in it, if it does.
fn hides(tag: &Tag) -> Option<String> {
    let name: &str = &tag.name;
    if is_never_shown(name) || (name == "dialog" && attribute(tag, "open").is_none()) {
        return Some(format!("<{name}>"));
    }
    let hides = tag.attrs.iter().find(|a| match &*a.name.local {
        "hidden" | "inert" | "popover" => true,
        "aria-hidden" => a.value.trim() == "true",
        "class" => has_class(tag, is_hiding_class),
        // There are too many ways to hide: only what mdBook itself writes is let
        // pass.
        "style" => !a.value.starts_with("text-align: ") || a.value.contains(';'),
        _ => false,
    })?;
    let (attribute, value) = (&hides.name.local, &hides.value);
    Some(match &**value {
        "" => format!("<{name} {attribute}>"),
        value => format!("<{name} {attribute}=\"{value}\">"),
    })
}

fn attribute<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    let attribute = tag.attrs.iter().find(|a| &*a.name.local == name);
    attribute.map(|a| &*a.value)
}

fn has_class(tag: &Tag, is_it: impl Fn(&str) -> bool) -> bool {
    attribute(tag, "class").is_some_and(|value| value.split_ascii_whitespace().any(is_it))
}
