//! What is wanted of the sessions of a build, before they run.

use std::collections::BTreeSet;

/// A session of a listing, and perhaps something to look at in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Want {
    pub listing: String,
    /// A checkpoint that is looked at, and a command to run there.
    pub at: Option<(String, Option<String>)>,
}

impl Want {
    /// A session of a listing, with nothing more to look at.
    pub fn of(listing: &str) -> Self {
        Self {
            listing: listing.to_owned(),
            at: None,
        }
    }
}

/// The names of the listings that are wanted.
pub fn wanted(wants: &[Want]) -> BTreeSet<&str> {
    wants.iter().map(|want| want.listing.as_str()).collect()
}

/// A word for the shell in which `$name` is still a variable.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./,:=+@%^$~".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let mut text = String::from("\"");
    for c in word.chars() {
        if matches!(c, '"' | '\\' | '`') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
    text
}
