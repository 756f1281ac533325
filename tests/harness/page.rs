//! The text of a finished page, as a browser would have it.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// All text between the tags of an HTML text.
pub fn text_of(html: &str) -> String {
    let sink = Sink::default();
    read(html, &sink);
    sink.all.into_inner()
}

/// The output of each terminal of a page: without prompt and command, marks in
/// the margin and signs for pressed keys.
pub fn captured(html: &str) -> Vec<String> {
    let sink = Sink::default();
    read(html, &sink);
    sink.terminals.into_inner()
}

fn read(html: &str, sink: &Sink) {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Shared(sink), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
}

#[derive(Default)]
struct Sink {
    all: RefCell<String>,
    terminals: RefCell<Vec<String>>,
    /// The open elements, each with whether it belongs to the output.
    open: RefCell<Vec<(String, Place)>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Elsewhere,
    Terminal,
    Output,
    Aside,
}

struct Shared<'a>(&'a Sink);

impl TokenSink for Shared<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => self.0.tag(&tag),
            Token::CharacterTokens(text) => self.0.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Sink {
    fn tag(&self, tag: &Tag) {
        let name = tag.name.to_string();
        let void = matches!(
            name.as_str(),
            "br" | "hr" | "img" | "input" | "link" | "meta"
        );
        if void || tag.self_closing {
            return;
        }
        if tag.kind == TagKind::EndTag {
            let mut open = self.open.borrow_mut();
            if let Some(at) = open.iter().rposition(|(other, _)| *other == name) {
                open.truncate(at);
            }
            return;
        }
        let class = tag
            .attrs
            .iter()
            .find(|attribute| &*attribute.name.local == "class")
            .map_or(String::new(), |attribute| attribute.value.to_string());
        let within = self
            .open
            .borrow()
            .last()
            .map_or(Place::Elsewhere, |(_, place)| *place);
        let has = |word: &str| class.split(' ').any(|other| other == word);
        let place = match (within, name.as_str()) {
            (Place::Elsewhere, "figure") if has("terminal") => Place::Terminal,
            (Place::Terminal, "code") if !has("caption") && self.inside("pre") => {
                self.terminals.borrow_mut().push(String::new());
                Place::Output
            }
            (Place::Output, "kbd") => Place::Aside,
            (Place::Output, "span")
                if has("prompt") || has("note") || has("pressed") || has("elided") =>
            {
                Place::Aside
            }
            (within, _) => within,
        };
        self.open.borrow_mut().push((name, place));
    }

    fn inside(&self, name: &str) -> bool {
        self.open.borrow().iter().any(|(other, _)| other == name)
    }

    fn text(&self, text: &str) {
        self.all.borrow_mut().push_str(text);
        if self
            .open
            .borrow()
            .last()
            .is_some_and(|(_, place)| *place == Place::Output)
            && let Some(last) = self.terminals.borrow_mut().last_mut()
        {
            last.push_str(text);
        }
    }
}
