//! The frame of a listing: file name, command, download, callouts.

use std::ops::Range;

use pages::Language;
use session::Listings;
use text::escape;

use crate::include::{Include, Part};
use crate::structure::{Fence, List, Structure};

/// A listing, or a part of one, that a chapter includes as a code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The listing's name.
    pub listing: String,
    /// The file, below the book's root: `listings/CHAPTER/LISTING/src/main.rs`.
    pub file: String,
    /// The list below it that explains its callouts.
    pub explained: Option<Range<usize>>,
}

/// The frame of a block that holds one include alone, if that is a listing.
pub fn frame(
    include: &Include,
    fence: &Fence,
    structure: &Structure,
    listings: &Listings,
) -> Result<Option<Frame>, String> {
    // A file that is missing is reported where includes are read.
    let Some(file) = &include.file.path else {
        return Ok(None);
    };
    let Some(listing) = listings.owning(file) else {
        return Ok(None);
    };
    if file.extension().is_none_or(|extension| extension != "rs") {
        return Ok(None);
    }
    if fence.info.split(',').next() != Some("rust") {
        return Err(format!(
            "the listing `{}` is included in a block of `{}`; open the block with ```rust",
            listing.name, fence.info
        ));
    }
    if matches!(include.part, Part::Lines(..)) {
        return Err(
            "a listing is included whole or by an anchor: line numbers drift with every edit"
                .to_owned(),
        );
    }
    let body: String = fence
        .parts
        .iter()
        .map(|part| &structure.text[part.clone()])
        .collect();
    if body.trim() != structure.text[include.range.clone()].trim() {
        return Err(format!(
            "the listing `{}` is not alone in its block; what is shown is what is run, to the letter",
            listing.name
        ));
    }
    let text = include.resolve()?;
    let below = file.strip_prefix(listings.root()).unwrap_or(file);
    let file = below.to_string_lossy().into_owned();
    let list = list_below(structure, fence.range.end);
    let items = list.map_or(0, |list| list.items);
    let callouts = callouts(&text).map_err(|why| format!("{file}: {why}"))?;
    // A listing without callouts may be followed by a list of another kind.
    if callouts > 0 && callouts != items {
        return Err(format!(
            "{file}: it shows {callouts} callouts, and the numbered list directly below explains {items}; give each `// (n)` an item n"
        ));
    }
    Ok(Some(Frame {
        listing: listing.name.clone(),
        file,
        explained: list.filter(|_| callouts > 0).map(|list| list.range.clone()),
    }))
}

/// The ordered list that follows directly.
fn list_below<'s>(structure: &'s Structure, end: usize) -> Option<&'s List> {
    let follows = |at: usize| {
        let between = structure.text.get(end..at);
        between.is_some_and(|text| text.trim_matches([' ', '\n', '\t', '>']).is_empty())
    };
    let mut lists = structure.lists.iter();
    lists.find(|list| list.first == 1 && follows(list.range.start))
}

impl Frame {
    /// One line of HTML: it may stand in a list.
    pub fn figure(&self, text: &str, to_root: &str, repository: Option<&str>) -> String {
        let Self { listing, file, .. } = self;
        let html = Language::Rust.lines(text);
        let lines = text.lines().zip(html);
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
             </figcaption><pre tabindex=\"0\" role=\"group\" aria-label=\"Source of {listing}\"><code class=\"nohighlight\" data-language=\"rust\">{code}</code></pre></figure>"
        )
    }
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
fn callout(line: &str) -> Option<usize> {
    line.trim()
        .strip_prefix("// (")?
        .strip_suffix(')')?
        .parse()
        .ok()
}

/// How many callouts a listing has, which count 1, 2, 3.
fn callouts(text: &str) -> Result<usize, String> {
    let mut count = 0;
    for (number, line) in (1..).zip(text.lines()) {
        let Some(at) = line.rfind("// (") else {
            continue;
        };
        let Some(callout) = callout(&line[at..]) else {
            continue;
        };
        if !line[..at].trim().is_empty() {
            return Err(format!(
                "the callout `// ({callout})` stands behind code, in line {number} of what is shown; give it a line of its own, above what it is about"
            ));
        }
        count += 1;
        if callout != count {
            return Err(format!(
                "the callout `// ({callout})` stands where number {count} is due; count them 1, 2, 3 within what is shown"
            ));
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "fn main() {\n    // (1)\n    run::<u8>();\n}";

    fn figure(repository: Option<&str>) -> String {
        let frame = Frame {
            listing: "run".to_owned(),
            file: "listings/a/run/src/main.rs".to_owned(),
            explained: None,
        };
        frame.figure(CODE, "../", repository)
    }

    #[test]
    fn a_listing_gets_its_frame() {
        let framed = figure(None);
        assert!(framed.starts_with("<figure class=\"listing\">"), "{framed}");
        assert!(framed.contains("href=\"../listings/a/run/src/main.rs\" download=\"run.rs\""));
        assert!(
            framed.contains("    <span class=\"callout\" data-callout=\"1\">// (1)</span>&#10;")
        );
        assert!(
            framed.contains("run::&lt;<span class=\"t\">u8</span>&gt;();&#10;"),
            "{framed}"
        );
        assert!(!framed.contains("Repository"));
    }

    #[test]
    fn a_listing_is_found_in_the_repository() {
        let link = "<a href=\"https://example.org/a&amp;b/blob/HEAD/listings/a/run/src/main.rs\">Repository<";
        assert!(figure(Some("https://example.org/a&b/")).contains(link));
    }

    #[test]
    fn callouts_count_from_one_and_stand_alone() {
        assert_eq!(callouts("a\n// (1)\n  // (2)\nb"), Ok(2));
        assert!(callouts("// (1)\n// (3)\n").is_err());
        let told = callouts("a\ncode(); // (1)\n").unwrap_err();
        assert!(told.contains("stands behind code, in line 2"), "{told}");
        assert_eq!(callouts("f(x); // (see below)\n"), Ok(0));
    }

    #[test]
    fn the_list_below_is_that_of_the_text() {
        let list = |text: &str| {
            let structure = Structure::of(text);
            let list = list_below(&structure, structure.fences[0].range.end);
            list.map(|list| (text[list.range.clone()].to_owned(), list.items))
        };
        assert_eq!(
            list("```rust\n```\n\n1. a\n2. b\n   1. c\n\nd\n"),
            Some(("1. a\n2. b\n   1. c".to_owned(), 2))
        );
        assert_eq!(
            list("- x\n\n  ```rust\n  ```\n\n  1. a\n  2. b\n\n- y\n"),
            Some(("1. a\n  2. b".to_owned(), 2))
        );
        assert_eq!(list("```rust\n```\n\nText.\n\n1. a\n"), None);
        assert_eq!(list("```rust\n```\n\n- a\n"), None);
    }
}
