//! Rows of one of the reader's terminals.

use text::escape;

use super::{Excerpt, proc_line};

/// So many columns fit a sheet of paper. A longer row says so, with its line
/// feed, for what wraps on paper is indented.
const PAPER: usize = 80;

/// A row as HTML and as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    html: String,
    text: String,
    /// What closes the HTML behind the row's line feed. A note holds it: on a narrow
    /// screen it is a block below its row, and leaves no empty line behind.
    close: &'static str,
}

impl Row {
    fn new(html: String, text: String) -> Self {
        let close = "";
        Self { html, text, close }
    }

    /// A command, typed at the prompt.
    pub fn command(command: &str) -> Self {
        let escaped = escape(command);
        Self::new(
            format!("<span class=\"prompt\">$ </span><kbd>{escaped}</kbd>"),
            format!("$ {command}"),
        )
    }

    /// A line that was printed in the terminal of that number; `pressed` where Return
    /// was pressed behind it, and the note in its margin.
    pub fn line(number: u8, text: &str, pressed: bool, note: Option<&str>) -> Self {
        // Terminal 2 is where the kernel speaks.
        let html = if number == 2 {
            proc_line::write(text)
        } else {
            escape(text)
        };
        let mut row = Self::new(html, text.to_owned());
        if pressed {
            row.html += "<span class=\"pressed\"> <kbd class=\"return\" title=\"Return was pressed here\">⏎</kbd></span>";
            row.text += " ⏎";
        }
        if let Some(note) = note {
            row.html = format!(
                "<mark>{}</mark><span class=\"note\">  ← {}",
                row.html,
                escape(note)
            );
            row.text += &format!("  ← {note}");
            row.close = "</span>";
        }
        row
    }

    /// Lines that are left out.
    pub fn elided() -> Self {
        let html = "<span class=\"elided\" title=\"lines left out\">...</span>";
        Self::new(html.to_owned(), "...".to_owned())
    }

    /// How the program ended, where that is not with exit status 0.
    pub fn ended(how: &str) -> Self {
        let html = format!("<span class=\"ended\">({})</span>", escape(how));
        Self::new(html, format!("({how})"))
    }
}

/// Terminal 1, of the listing, or another: what it shows, in a few words, and its
/// rows.
pub fn terminal(number: u8, caption: &str, rows: &[Row]) -> Excerpt {
    let caption = escape(caption);
    let mut html = format!(
        "<figure class=\"terminal terminal-{number}\"><figcaption><b>Terminal {number}</b> {caption}</figcaption>\
         <pre data-captured tabindex=\"0\" role=\"group\" aria-label=\"Terminal {number}: {caption}\"><code class=\"nohighlight\">"
    );
    for (index, row) in rows.iter().enumerate() {
        let end = if index + 1 < rows.len() { "&#10;" } else { "" };
        let line = [&row.html, end, row.close].concat();
        html += &match row.text.chars().count() {
            ..=PAPER => line,
            _ => format!("<span class=\"long\">{line}</span>"),
        };
    }
    Excerpt {
        html: html + "</code></pre></figure>\n",
        text: rows.iter().map(|row| format!("{}\n", row.text)).collect(),
    }
}
