//! One page: its links, its ids, its text and what was left in it unprocessed.
//!
//! The page is read token by token. No tree is needed: what stands inside of what is
//! known from the elements that are open, see `main_text`.

use std::cell::RefCell;
use std::collections::HashMap;

use html5ever::local_name;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use crate::finding::{About, Finding, Link};
use crate::main_text::{Figure, Open, Unseen};
use crate::memo::Source;

/// `<!-- cmdrn`: nothing that was understood.
const COMMENT: &str = "is a comment, which nothing has read and no reader sees; correct its first \
                       word, or remove it";
/// `<!-- cmdrun`: never run.
const DIRECTIVE: &str = "was never run; put it on one line, outside of a code block, and see that \
                         the preprocessor cmdrun is on";
/// `**cmdrun error**`: run, and failed.
const COMMAND_ERROR: &str = "says that a command failed; run it by hand";
/// `{{#`: an include or another helper that mdBook could not resolve.
const HELPER: &str = "was not resolved; correct its name, file or anchor";

/// What a page holds. Lines are counted from 1.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// What it was read from, where that is known.
    pub source: Source,
    /// The `href` of the first `<base>`.
    pub base: Option<String>,
    pub links: Vec<Link>,
    /// What a fragment can lead to: ids, and names of anchors.
    pub anchors: HashMap<String, u64>,
    /// What is wrong with the page by itself.
    pub problems: Vec<Finding>,
    /// The line of `<main>`; 0 on a page without.
    pub main: u64,
    /// Where each `<h1>` stands.
    pub titles: Vec<u64>,
    pub figures: Vec<Figure>,
    pub unseen: Vec<Unseen>,
}

impl Page {
    /// Reads a page from its bytes, whatever they are.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut page = Self::read(&text, false);
        if let Err(error) = std::str::from_utf8(bytes) {
            let line = 1 + newlines(&text[..error.valid_up_to()]);
            let message = "the page is not UTF-8; save its source as UTF-8";
            let problem = Finding::new(line, About::Page, message);
            page.problems.push(problem);
        }
        page
    }

    /// Reads a piece of a page's text.
    pub(crate) fn fragment(html: &str) -> Self {
        Self::read(html, true)
    }

    fn read(html: &str, in_main: bool) -> Self {
        let breaks = html.bytes().filter(|byte| matches!(byte, b'\n' | b'\r'));
        let reader = Reader(RefCell::new(State {
            lines: 1 + breaks.count() as u64,
            in_main,
            ..State::default()
        }));
        let reader = Tokenizer::new(reader, TokenizerOpts::default());
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from_slice(html));
        // It stops early for a script that is to be run; the sink never asks for that.
        let _ = reader.feed(&queue);
        reader.end();
        let State {
            mut page, names, ..
        } = reader.sink.0.into_inner();
        for (name, line) in names {
            page.anchors.entry(name).or_insert(line);
        }
        page
    }
}

/// The tokenizer hands out shared references to its sink, hence the cell.
struct Reader(RefCell<State>);

#[derive(Default)]
pub(crate) struct State {
    pub page: Page,
    /// How many there are. The tokenizer counts a line feed behind a lone `<` twice.
    lines: u64,
    /// Names of anchors. They join the ids last, for an element may have both.
    names: Vec<(String, u64)>,
    /// The text since the last tag, and the line that it begins on.
    text: String,
    text_line: u64,
    pub in_main: bool,
    /// The elements that have begun.
    pub open: Vec<Open>,
    /// How many elements are around the figure that is being read.
    pub figure: Option<usize>,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        let line = line.min(state.lines);
        if matches!(
            token,
            Token::TagToken(_) | Token::CommentToken(_) | Token::EOFToken
        ) {
            state.end_text();
        }
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::EndTag => state.end(&tag.name, line),
            Token::TagToken(tag) => return state.start(&tag, line),
            Token::CharacterTokens(text) => state.characters(&text, line),
            // The tokenizer counts up to the end of the comment.
            Token::CommentToken(text) => {
                state.comment(&text, line.saturating_sub(newlines(&text)).max(1));
            }
            Token::EOFToken => state.finish(),
            Token::DoctypeToken(_) | Token::NullCharacterToken | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.0.borrow().is_foreign()
    }
}

impl State {
    fn start(&mut self, tag: &Tag, line: u64) -> TokenSinkResult<()> {
        self.attributes(tag, line);
        self.element(tag, line);
        if self.is_foreign() {
            return TokenSinkResult::Continue;
        }
        // A tree builder would tell the tokenizer what these elements hold.
        // `noscript` is left out: its links are for readers without script.
        match &*tag.name {
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "plaintext" => TokenSinkResult::Plaintext,
            _ => TokenSinkResult::Continue,
        }
    }

    fn attributes(&mut self, tag: &Tag, line: u64) {
        let element: &str = &tag.name;
        for attribute in &tag.attrs {
            let (name, value): (&str, &str) = (&attribute.name.local, &attribute.value);
            match (element, name) {
                (_, "id") => self.id(value, line),
                ("a", "name") => self.names.push((value.to_owned(), line)),
                ("base", "href") => {
                    let base = &mut self.page.base;
                    base.get_or_insert_with(|| value.trim().to_owned());
                }
                ("meta", "content") => {
                    if let Some(address) = refresh_address(value) {
                        self.link(element, name, address, line);
                    }
                }
                ("object", "data")
                | (_, "href" | "src" | "action" | "formaction" | "poster" | "xlink:href") => {
                    self.link(element, name, value, line);
                }
                (_, "srcset" | "imagesrcset") => {
                    let advice = "nobody checks where it leads; write one address, in src";
                    let message = format!("<{element}> has the attribute {name}: {advice}");
                    self.tell(line, About::Page, message);
                }
                _ => {}
            }
        }
    }

    fn link(&mut self, element: &str, attribute: &str, address: &str, line: u64) {
        self.page.links.push(Link {
            line,
            tag: format!("<{element} {attribute}=\"{address}\">"),
            address: address.to_owned(),
        });
    }

    pub fn tell(&mut self, line: u64, about: About, message: impl Into<String>) {
        let problem = Finding::new(line.min(self.lines), about, message);
        self.page.problems.push(problem);
    }

    fn id(&mut self, id: &str, line: u64) {
        if id.trim().is_empty() {
            let message = "the id is empty; use letters or digits in that heading";
            return self.tell(line, About::Page, message);
        }
        if let Some(before) = self.page.anchors.insert(id.to_owned(), line) {
            let is = format!("already stands on line {before}; rename one of the two");
            self.tell(line, About::Page, format!("the id \"{id}\" {is}"));
        }
    }

    fn characters(&mut self, text: &str, line: u64) {
        if self.text.is_empty() {
            // A line break is counted before it is handed out.
            self.text_line = line.saturating_sub(newlines(text)).max(1);
        }
        self.text.push_str(text);
    }

    /// Looks at the text between two tags, as a whole: it comes in small pieces.
    fn end_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.is_empty() {
            return;
        }
        let line = self.text_line;
        self.words(&text, line);
        if self.open.iter().any(|open| open.is_raw) {
            return;
        }
        // In code, the author has meant it: the gate reads what stands there.
        let in_code = self.is_in(&[local_name!("code"), local_name!("pre"), local_name!("kbd")]);
        for (at, advice) in leftovers(&text) {
            if in_code && advice == HELPER {
                continue;
            }
            self.leftover(advice, &text[at..], line + newlines(&text[..at]));
        }
        // Markdown turned the two stars into this element.
        let last = self.open.last();
        let is_strong = last.is_some_and(|open| open.name == local_name!("strong"));
        if is_strong && text.trim() == "cmdrun error" {
            self.leftover(COMMAND_ERROR, &text, line);
        }
    }

    fn comment(&mut self, text: &str, line: u64) {
        // mdBook's own icons name their maker in one.
        let of_icon = self.is_foreign() && text.starts_with("! Font Awesome");
        let advice = match is_directive(text) {
            true => DIRECTIVE,
            false if self.in_main && !of_icon => COMMENT,
            false => return,
        };
        self.leftover(advice, &format!("<!--{text}-->"), line);
        let (place, text) = ("a comment".to_owned(), text.to_owned());
        self.page.unseen.push(Unseen { line, place, text });
    }

    fn leftover(&mut self, advice: &str, text: &str, line: u64) {
        let text = text.lines().next().unwrap_or_default();
        let text = match text.char_indices().nth(60) {
            Some((end, _)) => format!("{}...", &text[..end]),
            None => text.to_owned(),
        };
        let message = format!("\"{text}\" {advice}");
        self.tell(line, About::Source(text), message);
    }
}

fn newlines(text: &str) -> u64 {
    text.bytes().map(|b| u64::from(b == b'\n')).sum()
}

/// Where in a text a leftover begins, and what to do with it.
fn leftovers(text: &str) -> Vec<(usize, &'static str)> {
    // Few texts have any of the signs, and a search for words is slow to begin.
    if !text.bytes().any(|byte| matches!(byte, b'<' | b'*' | b'{')) {
        return Vec::new();
    }
    let directives = text
        .match_indices("<!--")
        .filter_map(|(at, mark)| is_directive(&text[at + mark.len()..]).then_some((at, DIRECTIVE)));
    let errors = text
        .match_indices("**cmdrun error**")
        .map(|(at, _)| (at, COMMAND_ERROR));
    let helpers = text.match_indices("{{").filter_map(|(at, mark)| {
        let after = text[at + mark.len()..].trim_start();
        after.starts_with('#').then_some((at, HELPER))
    });
    directives.chain(errors).chain(helpers).collect()
}

/// Whether a comment that begins with this text is, or was meant as, a directive.
fn is_directive(comment: &str) -> bool {
    comment
        .trim_start()
        .strip_prefix("cmdrun")
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
}

/// The address in `5; URL=page.html`, with or without quotes.
fn refresh_address(content: &str) -> Option<&str> {
    let (seconds, rest) = content.split_once([';', ','])?;
    let (key, address) = rest.split_once('=')?;
    let is_refresh =
        seconds.trim().parse::<f64>().is_ok() && key.trim().eq_ignore_ascii_case("url");
    is_refresh.then(|| address.trim().trim_matches(['\'', '"']))
}

#[cfg(test)]
mod tests;
