//! What a page can show.
//!
//! A page is text. What a browser would change or drop (control characters,
//! bytes that are not UTF-8) is refused, so that the text on the page equals
//! the captured bytes, always; and so is what would show them in another order.

/// Captured bytes as text for a page: UTF-8 without control characters, except
/// the line feed and the tab; or why they cannot stand there.
pub fn page_text(bytes: Vec<u8>) -> Result<String, String> {
    page_text_from(1, bytes)
}

/// The same for a part of an output, whose first line has that number.
pub fn page_text_from(first: usize, bytes: Vec<u8>) -> Result<String, String> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let (valid, bad) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        let after = after(first, &String::from_utf8_lossy(valid));
        format!(
            "printed bytes that are not UTF-8, first {:#04x} {after}",
            bad[0]
        )
    })?;
    match text.char_indices().find(|(_, c)| !showable(*c)) {
        None => Ok(text),
        Some((at, character)) => Err(format!(
            "printed the control character {:#04x}, which a page cannot show, {}",
            u32::from(character),
            after(first, &text[..at])
        )),
    }
}

/// Whether a page, or a terminal, shows a character as one among others.
pub fn showable(c: char) -> bool {
    // Directional formatting characters, by the Unicode bidirectional
    // algorithm, UAX #9.
    let reorders = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (!c.is_control() || c == '\n' || c == '\t') && !reorders
}

/// A text for a terminal, to which its control characters would be commands.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if showable(c) {
            escaped.push(c);
        } else {
            escaped.extend(c.escape_default());
        }
    }
    escaped
}

/// A place in the output, by its line and the last few characters before it.
fn after(first: usize, before: &str) -> String {
    let line = first + before.matches('\n').count();
    let tail = before.rsplit('\n').next().unwrap_or_default();
    let skip = tail.chars().count().saturating_sub(20);
    let tail = tail.chars().skip(skip).filter(|c| showable(*c));
    format!(
        "after `{}` in line {line} of its output",
        tail.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::page_text;

    #[test]
    fn plain_text_is_kept_to_the_byte() {
        let text = "Rss:\t4 kB\n\n  *x* <b> {{#include}} é ≤\n";
        assert_eq!(page_text(text.into()).as_deref(), Ok(text));
    }

    #[test]
    fn the_place_of_a_bad_byte_is_named() {
        let error = page_text(b"one\nmemory at \xff\n".to_vec());
        assert_eq!(
            error,
            Err("printed bytes that are not UTF-8, first 0xff after `memory at ` in line 2 of its output".to_owned())
        );
        let error = page_text("a\u{202e}b".into());
        assert_eq!(
            error,
            Err("printed the control character 0x202e, which a page cannot show, after `a` in line 1 of its output".to_owned())
        );
        let error = page_text(b"red \x1b[31m".to_vec());
        assert_eq!(
            error,
            Err("printed the control character 0x1b, which a page cannot show, after `red ` in line 1 of its output".to_owned())
        );
    }
}
