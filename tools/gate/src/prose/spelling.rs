//! British spelling, by the word lists of typos-cli.
//!
//! Its tokenizer is not used: what it looks out for, such as addresses, hashes
//! and names in code, is masked in the prose of a chapter already.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::Context;
use regex::Regex;
use typos_vars::{Category, CategorySet};
use unicase::UniCase;

use crate::comment::Fault;
use crate::pattern;
use crate::structure::Structure;

/// Where the terms stand that are spelt as they are, below the book's root.
pub const TERMS: &str = "tools/gate/terms.txt";

/// What is known of how words are spelt.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    /// In lowercase.
    terms: BTreeSet<String>,
}

/// The corrections of a word that is misspelt; `None` for any other.
pub type Corrections = fn(&str) -> Option<&'static [&'static str]>;

impl Rules {
    /// The rules of the book whose root this is: its terms, if it has any, are
    /// in `tools/gate/terms.txt`, one a line, behind `#` a comment.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let path = root.join(TERMS);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Self::of_terms(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => {
                Err(error).with_context(|| format!("cannot read the terms in {}", path.display()))
            }
        }
    }

    fn of_terms(text: &str) -> Self {
        let lines = text.lines().map(|line| line.split('#').next());
        let terms = lines.flatten().map(|term| term.trim().to_lowercase());
        Self {
            terms: terms.filter(|term| !term.is_empty()).collect(),
        }
    }
}

/// The British variants of a word that is another's.
pub fn british(word: &str) -> Option<&'static [&'static str]> {
    let variants = typos_vars::VARS.find(&UniCase::new(word))?;
    let (categories, options) = *variants.first()?;
    let is_british = CategorySet::from_bits_truncate(categories).contains(Category::BritishIse);
    (!is_british).then(|| typos_vars::corrections(Category::BritishIse, *options))
}

/// Words that are spelt otherwise, and are no terms.
pub fn check(source: &Structure, rules: &Rules, corrections: Corrections) -> Vec<Fault> {
    // With digits or underscores, it is a name, and in no list.
    static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"[\w\p{M}]+"));
    let found = WORD.find_iter(&source.prose).filter_map(|word| {
        let right = corrections(word.as_str())?;
        if rules.terms.contains(&word.as_str().to_lowercase()) {
            return None;
        }
        Some((
            word.start(),
            format!(
                "`{}` is not how a British dictionary spells it; write `{}`, or add it to {TERMS}",
                word.as_str(),
                right.join("` or `")
            ),
        ))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(chapter: &str, terms: &str) -> Vec<String> {
        let rules = Rules::of_terms(terms);
        let corrections: Corrections = |word| match word {
            "teh" => Some(&["the"]),
            _ => british(word),
        };
        crate::prose::tests::told(|source| check(source, &rules, corrections), chapter)
    }

    #[test]
    fn spelling_is_british() {
        let why = |word: &str, right: &str| {
            format!(
                "`{word}` is not how a British dictionary spells it; write {right}, or add it to tools/gate/terms.txt"
            )
        };
        assert_eq!(
            found("The *color* of\nmemory.\n", ""),
            [format!("color* of: {}", why("color", "`colour`"))]
        );
        assert_eq!(
            found("# Analyze\n", ""),
            [format!("Analyze: {}", why("Analyze", "`analyse`"))]
        );
        assert_eq!(
            found("See teh kernel.\n", ""),
            [format!("teh kernel.: {}", why("teh", "`the`"))]
        );
        assert_eq!(found("The colour behaves as initialised.\n", ""), [""; 0]);
        assert_eq!(found("color_1 color2 4color\n", ""), [""; 0]);
    }

    #[test]
    fn only_prose_is_spelt() {
        for text in [
            "`color`\n",
            "```\ncolor\n```\n",
            "[a](color.md) <span color=\"color\">a</span>\n",
            "<!-- cmdrun -0 color --> <!-- color -->\n",
            "{{#include color}}\n",
        ] {
            assert_eq!(found(text, ""), [""; 0], "{text}");
        }
        assert_eq!(found("<p>color</p>\n", "").len(), 1);
    }

    #[test]
    fn a_term_is_spelt_as_it_is() {
        let terms = "# ours\ncolor # a name\n\nteh\n";
        assert_eq!(found("Color and teh.\n", terms), [""; 0]);
        assert_eq!(found("Colors.\n", terms).len(), 1);
    }
}
