//! Code as HTML, with the parts of speech marked while the book is built.
//!
//! Each line of the code becomes a line of HTML that stands for itself: what
//! spans lines is closed and opened again. Line feeds are the caller's, and so
//! are `pre` and `code`. The classes are one letter each; `theme/code.css` has
//! their colours. Chapters show listings, so Rust alone has them.
//!
//! | class | what |
//! |---|---|
//! | `k` | keyword |
//! | `s` | string, character |
//! | `c` | comment |
//! | `n` | number, constant |
//! | `f` | macro, function where it is defined |
//! | `t` | type, variant |
//! | `a` | attribute, lifetime, label |
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

mod rust;

use text::escape;

/// A language of a fenced block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Rust,
    /// Commands behind a prompt, and what they print.
    Console,
    /// Without colours, by its name in a sentence.
    Plain(&'static str),
}

impl Language {
    /// Each by the words that open a fenced block.
    pub const ALL: [(&str, Self); 8] = [
        ("rust", Self::Rust),
        ("console", Self::Console),
        ("c", Self::Plain("C")),
        ("toml", Self::Plain("TOML")),
        ("sh", Self::Plain("Shell")),
        ("bash", Self::Plain("Shell")),
        ("shell", Self::Plain("Shell")),
        ("text", Self::Plain("Text")),
    ];

    pub fn named(word: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find_map(|(name, language)| (name == word).then_some(language))
    }

    /// Its name, in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::Console => "Console",
            Self::Plain(name) => name,
        }
    }

    /// HTML of each line, without line feeds.
    pub fn lines(self, text: &str) -> Vec<String> {
        match self {
            Self::Rust => rust(text),
            Self::Console => text.lines().map(console).collect(),
            Self::Plain(_) => text.lines().map(escape).collect(),
        }
    }
}

fn rust(text: &str) -> Vec<String> {
    // As `str::lines` has it, a carriage return belongs to the line feed.
    let text = text.replace("\r\n", "\n");
    let mut html = String::with_capacity(text.len() * 2);
    let mut done = 0;
    for (part, class) in rust::marked(&text) {
        html.push_str(&escape(&text[done..part.start]));
        for line in text[part.clone()].split_inclusive('\n') {
            let words = line.trim();
            let (indent, end) = line.split_once(words).unwrap_or((line, ""));
            html.push_str(&escape(indent));
            if !words.is_empty() {
                html.push_str(&format!("<span class=\"{class}\">{}</span>", escape(words)));
            }
            html.push_str(&escape(end));
        }
        done = part.end;
    }
    html.push_str(&escape(&text[done..]));
    // A line feed is escaped, too.
    html.split_terminator("&#10;").map(str::to_owned).collect()
}

fn console(line: &str) -> String {
    match line.strip_prefix("$ ") {
        Some(command) => {
            let command = escape(command);
            format!("<span class=\"prompt\">$ </span><kbd>{command}</kbd>")
        }
        None => escape(line),
    }
}

#[cfg(test)]
mod tests;
