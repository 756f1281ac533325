//! Code as HTML, with the parts of speech marked while the book is built.
//!
//! Each line of the code becomes a line of HTML that stands for itself: what
//! spans lines is closed and opened again. Line feeds are the caller's, and so
//! are `pre` and `code`. The classes are one letter each; `theme/highlight.css`
//! has their colours.
//!
//! | class | what |
//! |---|---|
//! | `k` | keyword |
//! | `s` | string, character |
//! | `c` | comment |
//! | `n` | number, constant |
//! | `f` | macro, command, function where it is defined (in C where it is called, too) |
//! | `t` | type, variant |
//! | `a` | attribute, lifetime, label, option of a command |
//!
//! ```
//! use pages::Language;
//!
//! let language = Language::named("rust").expect("a language that the book uses");
//! assert_eq!(
//!     language.lines("let byte = 7;\n"),
//!     ["<span class=\"k\">let</span> byte = <span class=\"n\">7</span>;"]
//! );
//! ```

mod console;
mod grammar;

use grammar::Grammar;
use text::escape;

/// A language of a fenced block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Rust,
    C,
    Toml,
    Shell,
    /// Commands behind a prompt, and what they print.
    Console,
    /// Anything, without colours.
    Text,
}

impl Language {
    /// The words that may open a fenced block.
    pub const NAMES: [&str; 8] = [
        "rust", "c", "toml", "sh", "bash", "shell", "console", "text",
    ];

    /// By the word that opens a fenced block.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "rust" => Self::Rust,
            "c" => Self::C,
            "toml" => Self::Toml,
            "sh" | "bash" | "shell" => Self::Shell,
            "console" => Self::Console,
            "text" => Self::Text,
            _ => return None,
        })
    }

    /// Its name, in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::C => "C",
            Self::Toml => "TOML",
            Self::Shell => "Shell",
            Self::Console => "Console",
            Self::Text => "Text",
        }
    }

    /// HTML of each line, without line feeds.
    pub fn lines(self, text: &str) -> Vec<String> {
        let grammar = match self {
            Self::Rust => &grammar::RUST,
            Self::C => &grammar::C,
            Self::Toml => &grammar::TOML,
            Self::Shell => &grammar::SHELL,
            Self::Console => return console::lines(text),
            Self::Text => return text.lines().map(escape).collect(),
        };
        marked(grammar, text)
    }
}

fn marked(grammar: &Grammar, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    // As `str::lines` has it, a carriage return belongs to the line feed.
    let text = text.replace("\r\n", "\n");
    for (part, class) in grammar.parts(&text) {
        for piece in part.split_inclusive('\n') {
            line.push_str(&span(piece.trim_end_matches('\n'), class));
            if piece.ends_with('\n') {
                lines.push(std::mem::take(&mut line));
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

fn span(words: &str, class: Option<&str>) -> String {
    let html = escape(words);
    match class {
        // A space has no colour.
        Some(class) if !words.trim().is_empty() => {
            format!("<span class=\"{class}\">{html}</span>")
        }
        _ => html,
    }
}

#[cfg(test)]
mod tests;
