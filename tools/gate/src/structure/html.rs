//! The author's own HTML: only what is seen, and whole.
//!
//! HTML can hide words in many ways, and a tag that is left open takes the rest of
//! the page with it. So a chapter has the few elements that it needs.

use std::sync::LazyLock;

use regex::Regex;

use super::{Structure, attribute, name};
use crate::pattern;

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
pub fn check(structure: &mut Structure) {
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut faults = Vec::new();
    for range in &structure.tags {
        let tag = &structure.text[range.clone()];
        let element = name(tag).to_ascii_lowercase();
        let mut fault = |why: String| faults.push((range.start, why));
        if !has(ELEMENTS, &element) {
            fault(format!(
                "a chapter has no element `{element}`, whose words a reader might not see; write Markdown, or one of {}",
                ELEMENTS.replace(' ', ", ")
            ));
            continue;
        }
        if tag.starts_with("</") {
            match open.last() {
                Some((last, _)) if *last == element => drop(open.pop()),
                Some((last, at)) => {
                    let line = structure.text[..*at].matches('\n').count() + 1;
                    fault(format!(
                        "`</{element}>` closes no element here: `<{last}>` of line {line} is open; close that first"
                    ));
                    // What it was meant for is found again.
                    if let Some(meant) = open.iter().rposition(|(each, _)| *each == element) {
                        open.truncate(meant);
                    }
                }
                None => fault(format!(
                    "`</{element}>` closes no element: none is open; remove it"
                )),
            }
            continue;
        }
        if let Some(unknown) = attributes(tag).find(|each| !has(ATTRIBUTES, each)) {
            fault(format!(
                "`<{element}>` has the attribute `{unknown}`, which may hide its words; a chapter uses {}",
                ATTRIBUTES.replace(' ', ", ")
            ));
        }
        let class = attribute(tag, "class").unwrap_or_default();
        if has(class, "visually-hidden") {
            fault(
                "what is `visually-hidden` is seen by nobody; a chapter is for everyone".to_owned(),
            );
        }
        if !has(VOID, &element) {
            if tag.ends_with("/>") {
                fault(format!(
                    "`<{element}/>` does not close itself in HTML; write `<{element}></{element}>`"
                ));
            } else {
                open.push((element, range.start));
            }
        }
    }
    faults.extend(open.into_iter().map(|(element, at)| {
        (
            at,
            format!("`<{element}>` is not closed; write `</{element}>` where it ends"),
        )
    }));
    structure.faults.extend(faults);
}

fn has(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|each| each == word)
}

/// The names of a tag's attributes.
fn attributes(tag: &str) -> impl Iterator<Item = String> {
    static ATTRIBUTE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"([^\s=/>"'<]+)\s*(?:=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]*))?"#));
    let names = ATTRIBUTE.captures_iter(tag).skip(1);
    names.map(|attribute| attribute[1].to_ascii_lowercase())
}
