//! Text that more than one room writes: HTML's characters, ids of headings, names
//! that are near, numbers of lines.
//!
//! It knows nothing of the book, of mdBook or of `/proc`.

mod nearest;

pub use nearest::{meant, nearest};

/// Text as HTML that stands in Markdown, in an element or an attribute: neither
/// Markdown nor mdBook's `{{#…}}` reads it.
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '{' => html.push_str("&#123;"),
            '\n' => html.push_str("&#10;"),
            '\r' => html.push_str("&#13;"),
            _ => html.push(c),
        }
    }
    html
}

/// The number of the line in which a byte of a text stands.
pub fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// The id that mdBook makes of a heading's text, before it makes ids differ by a
/// number (`id_from_content` of mdbook-html 0.5.4, which is private).
pub fn slug(heading: &str) -> String {
    let lower = heading.trim().to_lowercase();
    let kept = lower.chars().filter_map(|c| match c {
        c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c),
        c if c.is_whitespace() => Some('-'),
        _ => None,
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sign_of_markup_is_left() {
        assert_eq!(
            escape("a < \"b\" & {{#c}}\r\n"),
            "a &lt; &quot;b&quot; &amp; &#123;&#123;#c}}&#13;&#10;"
        );
    }

    #[test]
    fn a_line_ends_with_its_line_feed() {
        let lines = [0, 1, 2, 3].map(|at| line_of("a\n\n", at));
        assert_eq!(lines, [1, 1, 2, 3]);
    }

    #[test]
    fn a_heading_s_id_is_mdbook_s() {
        assert_eq!(slug(" `mmap()`: a Call_2 "), "mmap-a-call_2");
        assert_eq!(slug("::"), "");
    }
}
