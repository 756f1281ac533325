//! The grammars, and what their names mean here.

use std::fmt::Debug;
use std::sync::LazyLock;

use tree_sitter_highlight::{HighlightConfiguration, HighlightEvent, Highlighter};

/// The names that the grammars' queries give, and our class for each. The
/// longest name that fits counts: `function.macro` is a `function`.
const CLASSES: &[(&str, &str)] = &[
    ("attribute", "a"),
    ("boolean", "n"),
    ("comment", "c"),
    ("constant", "n"),
    ("constructor", "t"),
    ("escape", "s"),
    ("function", "f"),
    ("keyword", "k"),
    ("label", "a"),
    ("number", "n"),
    ("option", "a"),
    ("string", "s"),
    ("type", "t"),
    ("variable.builtin", "k"),
];

pub static RUST: LazyLock<Grammar> = LazyLock::new(|| {
    // The last counts. Functions have a colour where they are defined, none where
    // they are called: calls are half of what a listing says. The grammar's own
    // patterns for variants that are called, and for constants, never match.
    const OURS: &str = r#"
(call_expression function: [
    (identifier) @call
    (scoped_identifier name: (identifier) @call)
    (field_expression field: (field_identifier) @call)
])
(generic_function function: [
    (identifier) @call
    (scoped_identifier name: (identifier) @call)
    (field_expression field: (field_identifier) @call)
])
((identifier) @constructor (#match? @constructor "^[A-Z]"))
((identifier) @constant (#match? @constant "^[A-Z][A-Z\\d_]+$"))
"#;
    let query = [tree_sitter_rust::HIGHLIGHTS_QUERY, OURS].concat();
    let language = tree_sitter_rust::LANGUAGE.into();
    Grammar::of(HighlightConfiguration::new(
        language, "rust", &query, "", "",
    ))
});

pub static C: LazyLock<Grammar> = LazyLock::new(|| {
    let query = tree_sitter_c::HIGHLIGHT_QUERY;
    let language = tree_sitter_c::LANGUAGE.into();
    Grammar::of(HighlightConfiguration::new(language, "c", query, "", ""))
});

pub static TOML: LazyLock<Grammar> = LazyLock::new(|| {
    let query = tree_sitter_toml_ng::HIGHLIGHTS_QUERY;
    let language = tree_sitter_toml_ng::LANGUAGE.into();
    Grammar::of(HighlightConfiguration::new(language, "toml", query, "", ""))
});

pub static SHELL: LazyLock<Grammar> = LazyLock::new(|| {
    // A word that begins with a dash is an option, no constant.
    let query = tree_sitter_bash::HIGHLIGHT_QUERY.replace("@constant", "@option");
    let language = tree_sitter_bash::LANGUAGE.into();
    Grammar::of(HighlightConfiguration::new(
        language, "bash", &query, "", "",
    ))
});

/// A language's grammar, made once: that takes some milliseconds.
pub struct Grammar(HighlightConfiguration);

impl Grammar {
    fn of<E: Debug>(made: Result<HighlightConfiguration, E>) -> Self {
        let mut configuration = made.expect("the query should fit the grammar that it comes with");
        let names: Vec<&str> = CLASSES.iter().map(|(name, _)| *name).collect();
        configuration.configure(&names);
        Self(configuration)
    }

    /// All of a text, in order, each part with its class. Neighbours differ.
    pub fn parts<'t>(&self, text: &'t str) -> Vec<(&'t str, Option<&'static str>)> {
        let mut highlighter = Highlighter::new();
        let events = highlighter.highlight(&self.0, text.as_bytes(), None, |_| None);
        let mut ends: Vec<(usize, Option<&'static str>)> = Vec::new();
        let mut add = |end, class| match ends.last_mut() {
            Some((last, same)) if *same == class => *last = end,
            _ => ends.push((end, class)),
        };
        // Names lie in one another, such as an escape in a string.
        let mut open: Vec<&'static str> = Vec::new();
        for event in events.into_iter().flatten().map_while(Result::ok) {
            match event {
                HighlightEvent::HighlightStart(name) => open.push(CLASSES[name.0].1),
                HighlightEvent::HighlightEnd => {
                    open.pop();
                }
                HighlightEvent::Source { end, .. } => add(end, open.last().copied()),
            }
        }
        // Whatever the grammar has to say, the text is whole.
        add(text.len(), None);
        let mut done = 0;
        let parts = ends.into_iter().map(|(end, class)| {
            let part = &text[done..end];
            done = end;
            (part, class)
        });
        parts.collect()
    }
}
