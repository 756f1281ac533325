//! The author's own HTML: only what is seen, and whole.
//!
//! HTML can hide words in many ways, and a tag that is left open takes the rest of
//! the page with it. So a chapter has the few elements that it needs.

use super::HtmlTag;
use crate::comment::Fault;
use text::line_of;

/// Elements whose content a reader sees.
const ELEMENTS: &str = "a abbr aside b blockquote br cite code dd del details div dl dt em figcaption figure \
    hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table \
    tbody td th thead tr ul var wbr";

/// Those that have no content.
const VOID: &str = "br hr img wbr";

/// Attributes that hide nothing.
const ATTRIBUTES: &str = "alt aria-describedby aria-label aria-labelledby class colspan height href id lang \
    open reversed role rowspan scope src start title width";

/// What is wrong with the tags of a chapter.
pub fn check(text: &str, tags: &[HtmlTag]) -> Vec<Fault> {
    let mut open: Vec<&HtmlTag> = Vec::new();
    let mut faults = Vec::new();
    for tag in tags {
        let element = &tag.name;
        let mut fault = |why: String| faults.push((tag.at, why));
        if !has(ELEMENTS, element) {
            fault(format!(
                "a chapter has no element `{element}`, whose words a reader might not see; write Markdown, or one of {}",
                ELEMENTS.replace(' ', ", ")
            ));
            continue;
        }
        if tag.closes {
            match open.last() {
                Some(last) if last.name != *element => fault(format!(
                    "`</{element}>` closes no element here: `<{}>` of line {} is open; close that first",
                    last.name,
                    line_of(text, last.at)
                )),
                Some(_) => {}
                None => fault(format!(
                    "`</{element}>` closes no element: none is open; remove it"
                )),
            }
            // After a fault, what it was meant for is found again.
            let meant = open.iter().rposition(|each| each.name == *element);
            open.truncate(meant.unwrap_or(open.len()));
            continue;
        }
        let mut names = tag.attributes.iter().map(|(name, _)| name);
        if let Some(unknown) = names.find(|name| !has(ATTRIBUTES, name)) {
            fault(format!(
                "`<{element}>` has the attribute `{unknown}`, which may hide its words; a chapter uses {}",
                ATTRIBUTES.replace(' ', ", ")
            ));
        }
        if has(tag.value("class"), "visually-hidden") {
            fault(
                "what is `visually-hidden` is seen by nobody; a chapter is for everyone".to_owned(),
            );
        }
        match tag.ends_itself {
            _ if has(VOID, element) => {}
            true => fault(format!(
                "`<{element}/>` does not close itself in HTML; write `<{element}></{element}>`"
            )),
            false => open.push(tag),
        }
    }
    faults.extend(open.into_iter().map(|tag| {
        let element = &tag.name;
        let why = format!("`<{element}>` is not closed; write `</{element}>` where it ends");
        (tag.at, why)
    }));
    faults
}

fn has(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|each| each == word)
}
