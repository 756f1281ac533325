//! Tags of HTML, as far as the checks read them.

use std::sync::LazyLock;

use regex::Regex;

use crate::pattern;

/// The element of a tag.
pub fn name(tag: &str) -> &str {
    let tag = tag.trim_start_matches(['<', '/']);
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    &tag[..end.unwrap_or(tag.len())]
}

/// An attribute of a tag.
pub fn attribute<'t>(tag: &'t str, wanted: &str) -> Option<&'t str> {
    static ATTRIBUTE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"\s([A-Za-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#));
    ATTRIBUTE.captures_iter(tag).find_map(|captures| {
        let name = captures.get(1)?.as_str();
        let value = (2..=4).find_map(|group| captures.get(group))?;
        name.eq_ignore_ascii_case(wanted).then_some(value.as_str())
    })
}

/// Whether an element shows something as it is, rather than saying it.
pub fn quotes(element: &str) -> bool {
    let quoting = ["code", "kbd", "pre", "samp", "script", "style"];
    quoting
        .iter()
        .any(|each| each.eq_ignore_ascii_case(element))
}
