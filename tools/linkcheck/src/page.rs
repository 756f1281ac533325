//! One page: its links, its ids, its text and what was left in it unprocessed.
//!
//! The page is read token by token. No tree is needed: what stands inside of what
//! matters in the text alone, which knows what is open.

use std::cell::RefCell;
use std::collections::HashMap;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use crate::finding::{About, Link, Problem};
use crate::main_text::{Text, attribute};

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
    /// The `href` of the first `<base>`.
    pub base: Option<String>,
    pub links: Vec<(u64, Link)>,
    /// What a fragment can lead to: ids, and names of anchors.
    pub anchors: HashMap<String, u64>,
    /// What is wrong with the page by itself.
    pub problems: Vec<(u64, Problem)>,
    pub text: Text,
}

impl Page {
    /// Reads a page from its bytes, whatever they are.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut page = Self::read(&text, Reader::default());
        page.problems.append(&mut page.text.problems);
        // The tokenizer counts a line feed behind a lone `<` twice.
        let breaks = text.bytes().filter(|byte| matches!(byte, b'\n' | b'\r'));
        let lines = 1 + breaks.count() as u64;
        let links = page.links.iter_mut().map(|(line, _)| line);
        let problems = page.problems.iter_mut().map(|(line, _)| line);
        for line in links.chain(problems).chain(page.anchors.values_mut()) {
            *line = lines.min(*line);
        }
        if let Err(error) = std::str::from_utf8(bytes) {
            let line = 1 + newlines(&text[..error.valid_up_to()]);
            let message = "the page is not UTF-8; save its source as UTF-8";
            page.problems
                .push((line, Problem::new(About::Page, message)));
        }
        page
    }

    /// Reads a piece of a page's text.
    pub(crate) fn fragment(html: &str) -> Self {
        let reader = Reader::default();
        reader.state.borrow_mut().page.text.is_open = true;
        Self::read(html, reader)
    }

    fn read(html: &str, reader: Reader) -> Self {
        let reader = Tokenizer::new(reader, TokenizerOpts::default());
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from_slice(html));
        // It stops early for a script that is to be run; the sink never asks for that.
        let _ = reader.feed(&queue);
        reader.end();
        let State {
            mut page, names, ..
        } = reader.sink.state.into_inner();
        for (name, line) in names {
            page.anchors.entry(name).or_insert(line);
        }
        page
    }
}

/// The tokenizer hands out shared references to its sink, hence the cell.
#[derive(Default)]
struct Reader {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    page: Page,
    /// Names of anchors. They join the ids last, for an element may have both.
    names: Vec<(String, u64)>,
    /// The text since the last tag, and the line that it begins on.
    text: String,
    text_line: u64,
    /// The last start tag, while nothing but text followed it.
    element: String,
    /// In a `<pre data-captured>`: what a program printed may look like anything.
    captured: bool,
    /// How deep in `<svg>` and `<math>`: no element's content is raw there.
    foreign: u32,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        match token {
            Token::TagToken(tag) => return state.tag(&tag, line),
            Token::CharacterTokens(text) => state.characters(&text, line),
            Token::CommentToken(text) => {
                state.end_text();
                // The tokenizer counts up to the end of the comment.
                state.comment(&text, line.saturating_sub(newlines(&text)).max(1));
            }
            Token::EOFToken => {
                state.end_text();
                state.page.text.finish();
            }
            Token::DoctypeToken(_) | Token::NullCharacterToken | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.state.borrow().foreign > 0
    }
}

impl State {
    fn tag(&mut self, tag: &Tag, line: u64) -> TokenSinkResult<()> {
        self.end_text();
        let name: &str = &tag.name;
        let is_foreign_root = matches!(name, "svg" | "math");
        if tag.kind == TagKind::EndTag {
            self.element.clear();
            self.captured &= name != "pre";
            self.page.text.end(&tag.name, line);
            if is_foreign_root {
                self.foreign = self.foreign.saturating_sub(1);
            }
            return TokenSinkResult::Continue;
        }
        name.clone_into(&mut self.element);
        self.captured |= name == "pre" && attribute(tag, "data-captured").is_some();
        self.attributes(tag, line);
        let is_foreign = is_foreign_root || self.foreign > 0;
        self.page.text.start(tag, line, is_foreign);
        if is_foreign_root && !tag.self_closing {
            self.foreign += 1;
        }
        if self.foreign > 0 {
            return TokenSinkResult::Continue;
        }
        // A tree builder would tell the tokenizer what these elements hold.
        // `noscript` is left out: its links are for readers without script.
        match name {
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
                    self.page
                        .base
                        .get_or_insert_with(|| value.trim().to_owned());
                }
                ("meta", "content") if is_refresh(tag) => {
                    if let Some(address) = refresh_address(value) {
                        self.link(tag, name, address, line);
                    }
                }
                ("object", "data")
                | (_, "href" | "src" | "action" | "formaction" | "poster" | "xlink:href") => {
                    self.link(tag, name, value, line);
                }
                (_, "srcset" | "imagesrcset") => {
                    for address in srcset_addresses(value) {
                        self.link(tag, name, address, line);
                    }
                }
                _ => {}
            }
        }
    }

    fn link(&mut self, tag: &Tag, attribute: &str, address: &str, line: u64) {
        let link = Link {
            element: tag.name.to_string(),
            attribute: attribute.to_owned(),
            address: address.to_owned(),
        };
        self.page.links.push((line, link));
    }

    fn tell(&mut self, line: u64, message: &str) {
        let problem = Problem::new(About::Page, message);
        self.page.problems.push((line, problem));
    }

    fn id(&mut self, id: &str, line: u64) {
        if id.trim().is_empty() {
            return self.tell(
                line,
                "the id is empty; use letters or digits in that heading",
            );
        }
        match self.page.anchors.get(id) {
            Some(&first) => {
                let is = format!("already stands on line {first}; rename one of the two");
                self.tell(line, &format!("the id \"{id}\" {is}"));
            }
            None => {
                self.page.anchors.insert(id.to_owned(), line);
            }
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
        self.page.text.characters(&text, self.text_line);
        // Programs and style sheets are no text that a reader sees.
        if self.captured || matches!(self.element.as_str(), "script" | "style") {
            return;
        }
        // In code, the author has meant it: the gate reads what stands there.
        let in_code = matches!(self.element.as_str(), "code" | "pre" | "kbd" | "span");
        for (at, advice) in leftovers(&text) {
            if in_code && advice == HELPER {
                continue;
            }
            self.leftover(advice, &text[at..], self.text_line + newlines(&text[..at]));
        }
        // Markdown turned the two stars into this element.
        if self.element == "strong" && text.trim() == "cmdrun error" {
            self.leftover(COMMAND_ERROR, &text, self.text_line);
        }
    }

    fn comment(&mut self, text: &str, line: u64) {
        let in_text = self.page.text.is_open;
        // mdBook's own icons name their maker in one.
        let of_icon = self.foreign > 0 && text.starts_with("! Font Awesome");
        let advice = match is_directive(text) {
            true => DIRECTIVE,
            false if in_text && !of_icon => COMMENT,
            false => return,
        };
        self.leftover(advice, &format!("<!--{text}-->"), line);
        if in_text {
            self.page.text.comment(text, line);
        }
    }

    fn leftover(&mut self, advice: &str, text: &str, line: u64) {
        let text = text.lines().next().unwrap_or_default();
        let text = match text.char_indices().nth(60) {
            Some((end, _)) => format!("{}...", &text[..end]),
            None => text.to_owned(),
        };
        let message = format!("\"{text}\" {advice}");
        let what = Problem::new(About::Source(text), message);
        self.page.problems.push((line, what));
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
    let mut found: Vec<_> = directives.chain(errors).chain(helpers).collect();
    found.sort_by_key(|&(at, _)| at);
    found
}

/// Whether a comment that begins with this text is, or was meant as, a directive.
fn is_directive(comment: &str) -> bool {
    comment
        .trim_start()
        .strip_prefix("cmdrun")
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
}

fn is_refresh(tag: &Tag) -> bool {
    let kind = attribute(tag, "http-equiv");
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("refresh"))
}

/// The address in `5; URL=page.html`, with or without quotes.
fn refresh_address(content: &str) -> Option<&str> {
    let (_, rest) = content.split_once([';', ','])?;
    let (key, address) = rest.split_once('=')?;
    let quotes = ['\'', '"'];
    key.trim()
        .eq_ignore_ascii_case("url")
        .then(|| address.trim().trim_matches(quotes))
}

/// The addresses in `small.png 1x, large.png 2x`.
fn srcset_addresses(value: &str) -> Vec<&str> {
    let mut addresses = Vec::new();
    let mut rest = value;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            return addresses;
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace());
        let (address, after) = rest.split_at(end.unwrap_or(rest.len()));
        // A comma belongs to an address, unless the address ends with it.
        let bare = address.trim_end_matches(',');
        addresses.push(bare);
        rest = if bare.len() < address.len() {
            after
        } else {
            after.find(',').map_or("", |comma| &after[comma..])
        };
    }
}

#[cfg(test)]
mod tests;
