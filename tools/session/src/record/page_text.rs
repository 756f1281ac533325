//! What a page can show.
//!
//! A page is text. What a browser would change or drop (control characters,
//! bytes that are not UTF-8) is refused, so that the text on the page equals
//! the captured bytes, always; and so is what would show them in another order.

/// Why captured bytes cannot stand on a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageTextError {
    #[error(
        "printed bytes that are not UTF-8, first {byte:#04x} after {}",
        after(line, before)
    )]
    NotUtf8 {
        byte: u8,
        line: usize,
        before: String,
    },
    #[error("printed the control character {:#04x}, which a page cannot show, after {}", u32::from(*character), after(line, before))]
    Control {
        character: char,
        line: usize,
        before: String,
    },
}

fn after(line: &usize, before: &str) -> String {
    format!("`{before}` in line {line} of its output")
}

/// Captured bytes as text for a page: UTF-8 without control characters, except
/// the line feed and the tab.
pub fn page_text(bytes: Vec<u8>) -> Result<String, PageTextError> {
    page_text_from(1, bytes)
}

/// The same for a part of an output, whose first line has that number.
pub fn page_text_from(first: usize, bytes: Vec<u8>) -> Result<String, PageTextError> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let (line, before) = place(first, &String::from_utf8_lossy(&bytes[..valid]));
        PageTextError::NotUtf8 {
            byte: bytes[valid],
            line,
            before,
        }
    })?;
    match text.char_indices().find(|(_, c)| !showable(*c)) {
        None => Ok(text),
        Some((at, character)) => {
            let (line, before) = place(first, &text[..at]);
            Err(PageTextError::Control {
                character,
                line,
                before,
            })
        }
    }
}

/// Whether a page, or a terminal, shows a character as one among others.
pub fn showable(c: char) -> bool {
    // Directional formatting characters, by the Unicode bidirectional
    // algorithm, UAX #9.
    let reorders = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (!c.is_control() || c == '\n' || c == '\t') && !reorders
}

/// Line number and the last few characters before a place in the output.
fn place(first: usize, before: &str) -> (usize, String) {
    let line = first + before.matches('\n').count();
    let tail = before.rsplit('\n').next().unwrap_or_default();
    let skip = tail.chars().count().saturating_sub(20);
    let tail = tail.chars().skip(skip).filter(|c| showable(*c)).collect();
    (line, tail)
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
        let error = page_text(b"one\nmemory at \xff\n".to_vec()).map_err(|e| e.to_string());
        assert_eq!(
            error,
            Err("printed bytes that are not UTF-8, first 0xff after `memory at ` in line 2 of its output".to_owned())
        );
        let error = page_text("a\u{202e}b".into()).map_err(|e| e.to_string());
        assert_eq!(
            error,
            Err("printed the control character 0x202e, which a page cannot show, after `a` in line 1 of its output".to_owned())
        );
        let error = page_text(b"red \x1b[31m".to_vec()).map_err(|e| e.to_string());
        assert_eq!(
            error,
            Err("printed the control character 0x1b, which a page cannot show, after `red ` in line 1 of its output".to_owned())
        );
    }
}
