//! The frame of a listing: file name, command, download, callouts.

use pages::Language;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use session::Listings;
use text::escape;

use crate::code::{Block, blocks};
use crate::include::Included;

/// A listing, or a part of one, that a chapter includes as a code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Where the include stands in the chapter's own source.
    pub at: usize,
    /// The listing's name.
    pub listing: String,
    /// The file, below the book's root: `listings/CHAPTER/LISTING/src/main.rs`.
    pub file: String,
    /// The text that the block holds.
    pub text: String,
}

/// The listings that a chapter's own source includes, each alone in a block of
/// Rust. What is wrong with one is told with its place.
pub fn shown(
    source: &str,
    included: &[Included],
    listings: &Listings,
) -> Vec<Result<Shown, (usize, String)>> {
    blocks(source)
        .into_iter()
        .filter_map(|block| {
            let mut inside = included
                .iter()
                .filter(|each| block.range.contains(&each.include.range.start));
            let (Some(included), None) = (inside.next(), inside.next()) else {
                return None;
            };
            shown_block(&block, included, listings)
                .map_err(|why| (included.include.range.start, why))
                .transpose()
        })
        .collect()
}

fn shown_block(
    block: &Block,
    included: &Included,
    listings: &Listings,
) -> Result<Option<Shown>, String> {
    // A file that is missing is reported where includes are checked.
    let Some(file) = &included.file else {
        return Ok(None);
    };
    let Some(listing) = listings.owning(file) else {
        return Ok(None);
    };
    if file.extension().is_none_or(|extension| extension != "rs") {
        return Ok(None);
    }
    if block.info.split(',').next() != Some("rust") {
        return Err(format!(
            "the listing `{}` is included in a block of `{}`; open the block with ```rust",
            listing.name, block.info
        ));
    }
    let include = &included.include;
    if include.part.is_some() && include.anchor().is_none() {
        return Err(
            "a listing is included whole or by an anchor: line numbers drift with every edit"
                .to_owned(),
        );
    }
    let Ok(text) = included.resolve() else {
        return Ok(None);
    };
    let below = file.strip_prefix(listings.root()).unwrap_or(file);
    Ok(Some(Shown {
        at: include.range.start,
        listing: listing.name.clone(),
        file: below.to_string_lossy().into_owned(),
        text,
    }))
}

/// Puts a frame around each of them in the expanded chapter, and checks that
/// each callout is explained. Errors are told with the listing's place.
pub fn frame(
    expanded: &str,
    shown: &[Shown],
    to_root: &str,
    repository: Option<&str>,
) -> (String, Vec<(usize, String)>) {
    let mut framed = String::with_capacity(expanded.len());
    let mut errors = Vec::new();
    let mut done = 0;
    let mut blocks = blocks(expanded).into_iter();
    for each in shown {
        let Some(block) = blocks.find(|block| block.text.trim_end() == each.text.trim_end()) else {
            errors.push((
                each.at,
                format!(
                    "{} did not expand as its file says; was it saved while the book was built? Build again",
                    each.file
                ),
            ));
            continue;
        };
        let rest = &expanded[block.range.end..];
        let (explained, length) = explanations(rest);
        let callouts = callouts(&each.text);
        if let Err(why) = compare(&callouts, explained) {
            errors.push((each.at, format!("{}: {why}", each.file)));
        }
        framed.push_str(&expanded[done..block.range.start]);
        framed.push_str(&figure(each, to_root, repository));
        done = block.range.end;
        if !callouts.is_empty() && explained > 0 {
            framed.push_str("\n<div class=\"callouts\">\n\n");
            framed.push_str(rest[..length].trim_matches('\n'));
            framed.push_str("\n\n</div>\n\n");
            done += length;
        }
    }
    framed.push_str(&expanded[done..]);
    (framed, errors)
}

/// One line of HTML: it may stand in a list.
fn figure(shown: &Shown, to_root: &str, repository: Option<&str>) -> String {
    let Shown { listing, file, .. } = shown;
    let html = Language::Rust.lines(&shown.text);
    let lines = shown.text.lines().zip(html);
    let code: String = lines.map(|(line, html)| code_line(line, html)).collect();
    // GitHub and GitLab have a file of the default branch at this address.
    let repository = repository.map_or_else(String::new, |address| {
        format!(
            " <a href=\"{}/blob/HEAD/{file}\">Repository<span class=\"visually-hidden\">: {file}</span></a>",
            escape(address.trim_end_matches('/'))
        )
    });
    format!(
        "<figure class=\"listing\"><figcaption><code>{file}</code> \
         <code class=\"run\">cargo run -p {listing}</code> \
         <span class=\"actions\"><a href=\"{to_root}{file}\" download=\"{listing}.rs\">Download<span class=\"visually-hidden\"> {listing}.rs</span></a>{repository}</span>\
         </figcaption><pre tabindex=\"0\" role=\"group\" aria-label=\"Source of {listing}\"><code class=\"nohighlight\" data-language=\"rust\">{code}</code></pre></figure>\n"
    )
}

fn code_line(line: &str, html: String) -> String {
    match callout(line) {
        Some(number) => {
            let indent = &line[..line.len() - line.trim_start().len()];
            format!(
                "{indent}<span class=\"callout\" data-callout=\"{number}\">// ({number})</span>&#10;"
            )
        }
        None => html + "&#10;",
    }
}

/// The number of a line that is a callout: `// (1)`.
fn callout(line: &str) -> Option<u32> {
    line.trim()
        .strip_prefix("// (")?
        .strip_suffix(')')?
        .parse()
        .ok()
}

fn callouts(text: &str) -> Vec<u32> {
    text.lines().filter_map(callout).collect()
}

/// How many items the ordered list has with which a text begins, and where the
/// list ends.
fn explanations(text: &str) -> (usize, usize) {
    let mut events = Parser::new(text).into_offset_iter();
    let Some((Event::Start(Tag::List(Some(1))), range)) = events.next() else {
        return (0, 0);
    };
    let mut depth = 0;
    let mut items = 0;
    for (event, _) in events {
        match event {
            Event::Start(Tag::List(_)) => depth += 1,
            Event::End(TagEnd::List(_)) if depth == 0 => break,
            Event::End(TagEnd::List(_)) => depth -= 1,
            Event::Start(Tag::Item) if depth == 0 => items += 1,
            _ => {}
        }
    }
    (items, range.end)
}

fn compare(callouts: &[u32], explained: usize) -> Result<(), String> {
    let in_order = callouts
        .iter()
        .zip(1..)
        .all(|(number, wanted)| *number == wanted);
    if !in_order {
        return Err(format!(
            "its callouts are numbered {callouts:?}; count them 1, 2, 3 within what is shown"
        ));
    }
    // A listing without callouts may be followed by a list of another kind.
    if callouts.is_empty() || callouts.len() == explained {
        return Ok(());
    }
    Err(format!(
        "it shows {} callouts, and the numbered list directly below explains {explained}; give each `// (n)` an item n",
        callouts.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "fn main() {\n    // (1)\n    run::<u8>();\n}";

    fn shown() -> Shown {
        Shown {
            at: 0,
            listing: "run".to_owned(),
            file: "listings/a/run/src/main.rs".to_owned(),
            text: CODE.to_owned(),
        }
    }

    #[test]
    fn a_listing_gets_its_frame() {
        let chapter = format!("Text.\n\n```rust\n{CODE}\n```\n\n1. It runs.\n\nMore.\n");
        let (framed, errors) = frame(&chapter, &[shown()], "../", None);
        assert_eq!(errors, []);
        assert!(
            framed.starts_with("Text.\n\n<figure class=\"listing\">"),
            "{framed}"
        );
        assert!(framed.contains("href=\"../listings/a/run/src/main.rs\" download=\"run.rs\""));
        assert!(
            framed.contains("    <span class=\"callout\" data-callout=\"1\">// (1)</span>&#10;")
        );
        assert!(
            framed.contains("    run::&lt;<span class=\"t\">u8</span>&gt;();&#10;"),
            "{framed}"
        );
        assert!(
            framed.contains("<div class=\"callouts\">\n\n1. It runs.\n\n</div>\n"),
            "{framed}"
        );
        assert!(framed.ends_with("</div>\n\nMore.\n"), "{framed}");
    }

    #[test]
    fn a_listing_is_found_in_the_repository() {
        let chapter = format!("```rust\n{CODE}\n```\n\n1. It runs.\n");
        let framed = |repository| frame(&chapter, &[shown()], "../", repository).0;
        let link = "<a href=\"https://example.org/a&amp;b/blob/HEAD/listings/a/run/src/main.rs\">Repository<";
        assert!(framed(Some("https://example.org/a&b/")).contains(link));
        assert!(!framed(None).contains("Repository"));
    }

    #[test]
    fn a_callout_without_its_explanation_is_an_error() {
        let chapter = format!("```rust\n{CODE}\n```\n\nNo list.\n");
        let (_, errors) = frame(&chapter, &[shown()], "", None);
        assert_eq!(
            errors,
            [(0, "listings/a/run/src/main.rs: it shows 1 callouts, and the numbered list directly below explains 0; give each `// (n)` an item n".to_owned())]
        );
        assert!(compare(&[1, 3], 2).is_err());
        assert!(compare(&[], 4).is_ok());
    }
}
