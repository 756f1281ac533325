//! Tags of HTML, as far as the checks read them.

use std::sync::LazyLock;

use regex::Regex;

use crate::pattern;

/// A tag of the author's own.
pub struct HtmlTag<'a> {
    pub at: usize,
    /// In lowercase, as are the names of its attributes.
    pub name: String,
    /// `</name>`
    pub closes: bool,
    /// `<name/>`
    pub ends_itself: bool,
    pub attributes: Vec<(String, &'a str)>,
}

impl<'a> HtmlTag<'a> {
    pub fn read(at: usize, tag: &'a str) -> Self {
        static PART: LazyLock<Regex> = LazyLock::new(|| {
            pattern(r#"([^\s=/>"'<]+)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]*)))?"#)
        });
        let mut parts = PART.captures_iter(tag).map(|part| {
            let value = (2..=4).find_map(|group| part.get(group));
            let value = value.map_or("", |value| value.as_str());
            (part[1].to_ascii_lowercase(), value)
        });
        Self {
            at,
            name: parts.next().unwrap_or_default().0,
            closes: tag.starts_with("</"),
            ends_itself: tag.ends_with("/>"),
            attributes: parts.collect(),
        }
    }

    /// The value of an attribute; empty without one.
    pub fn value(&self, attribute: &str) -> &'a str {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|(name, _)| name == attribute);
        found.map_or("", |(_, value)| value)
    }

    /// Whether its element shows something as it is, rather than saying it.
    pub fn quotes(&self) -> bool {
        matches!(&*self.name, "code" | "kbd" | "pre" | "samp")
    }
}
