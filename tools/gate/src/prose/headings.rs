//! Headings and asides that a reader can tell apart.

use std::collections::BTreeSet;

use text::slug;

use crate::comment::Fault;
use crate::structure::{Heading, Structure};

/// What an aside begins with.
const ASIDE: &str = "<aside role=\"note\" class=\"…\" aria-label=\"…\">";

/// Headings of one id, asides of one label, asides without a label or a role.
pub fn check(source: &Structure) -> Vec<Fault> {
    let mut found = Vec::new();
    let mut ids = BTreeSet::new();
    let titles = source.headings.iter().filter(|each| each.level == 1);
    let titles: Vec<&Heading> = titles.collect();
    let first = source.headings.first().map(|first| first.at);
    match titles.as_slice() {
        [] => found.push((
            0,
            "this chapter has no title; begin it with a line `# Title`".to_owned(),
        )),
        [title] if first != Some(title.at) => found.push((
            title.at,
            "a chapter's title is its first heading; move it to the top".to_owned(),
        )),
        [_] => {}
        [first, second, ..] => {
            let (first, text) = (first.text.trim(), second.text.trim());
            let why =
                format!("this is a second title, and the first is `{first}`; write `## {text}`");
            found.push((second.at, why));
        }
    }
    for heading in &source.headings {
        let id = heading.id.clone().unwrap_or_else(|| slug(&heading.text));
        let text = heading.text.trim();
        let why = if id.is_empty() {
            format!(
                "no link can lead to the heading `{text}`: mdBook makes its id of letters and digits; use some, or give it one, such as `{{#why}}`"
            )
        } else if ids.insert(id.clone()) {
            continue;
        } else {
            format!(
                "this chapter has a heading with the id `{id}` already, so a link to `#{id}` leads to that one; give `{text}` other words"
            )
        };
        found.push((heading.at, why));
    }
    let mut labels = BTreeSet::new();
    let asides = source.tags.iter();
    for aside in asides.filter(|tag| tag.name == "aside" && !tag.closes) {
        let label = aside.value("aria-label").trim();
        let message = if label.is_empty() {
            format!("this aside has no label for those who hear the page; write `{ASIDE}`")
        } else if aside.value("role") != "note" {
            // The whole book on a page has many of one label: no landmarks.
            format!("this aside is no note for those who hear the page; write `{ASIDE}`")
        } else if labels.insert(label) {
            continue;
        } else {
            format!(
                "this chapter has an aside labelled `{label}` already; say in the label what this one is about"
            )
        };
        found.push((aside.at, message));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(chapter: &str) -> Vec<String> {
        crate::prose::tests::told(check, chapter)
    }

    #[test]
    fn headings_differ() {
        assert_eq!(
            found("# One\n\n## Why `it`?\n\n### Why *it*\n"),
            [
                "### Why *it*: this chapter has a heading with the id `why-it` already, so a link to `#why-it` leads to that one; give `Why it` other words"
            ]
        );
        assert_eq!(found("# One\n\n## One {#two}\n\n## Three\n"), [""; 0]);
        assert_eq!(found("# One {#two}\n\n## Two\n").len(), 1);
        assert_eq!(found("# One\n\n```\n# One\n```\n"), [""; 0]);
    }

    #[test]
    fn asides_have_labels_that_differ() {
        assert_eq!(
            found(
                "# A\n\n<aside role=\"note\" aria-label=\"See also\">\n\nOne.\n\n</aside>\n\n<aside aria-label='Documentation' role='note'>\n\nTwo.\n\n</aside>\n"
            ),
            [""; 0]
        );
        let none = "this aside has no label for those who hear the page; write `<aside role=\"note\" class=\"…\" aria-label=\"…\">`";
        assert_eq!(
            found("# A\n\n<aside class=\"see-also\">\n\n</aside>\n\n<ASIDE aria-label=\" \">\n"),
            [
                format!("<aside class=\"see-also\">: {none}"),
                format!("<ASIDE aria-label=\" \">: {none}")
            ]
        );
        assert_eq!(
            found("# A\n\n<aside aria-label=\"a\"></aside>\n"),
            [
                "<aside aria-label=\"a\"></aside>: this aside is no note for those who hear the page; write `<aside role=\"note\" class=\"…\" aria-label=\"…\">`"
            ]
        );
        let note = "<aside role=\"note\" aria-label=\"a\"></aside>";
        assert_eq!(
            found(&format!("# A\n\n{note}\n{note}\n")),
            [
                "<aside role=\"note\" aria-label=\"a\"></aside>: this chapter has an aside labelled `a` already; say in the label what this one is about"
            ]
        );
        assert_eq!(found("# A\n\n`<aside>`\n\n<!-- <aside> -->\n"), [""; 0]);
    }

    #[test]
    fn a_chapter_has_one_title_and_ids() {
        for (chapter, why) in [
            ("Text.\n", "has no title"),
            ("## Two\n", "has no title"),
            ("## Two\n\n# One\n", "is its first heading"),
            ("# One\n\n# Two\n", "a second title, and the first is `One`"),
            ("# One\n\n## ::\n", "no link can lead to the heading `::`"),
            ("# ¿?\n", "no link can lead to"),
        ] {
            let told = found(chapter);
            assert!(told.len() == 1 && told[0].contains(why), "{told:?}");
        }
        assert_eq!(found("# One\n\n## :: {#colons}\n"), [""; 0]);
    }
}
