//! The book's own chapters, against all misspellings that typos-cli knows.
//!
//! The list compiles for 16 s. The build does without it, so that a reader's
//! first build does not wait for it.

use std::fs;
use std::path::{Path, PathBuf};

use gate::prose::{Rules, check_words};
use unicase::UniCase;

fn misspellings(word: &str) -> Option<&'static [&'static str]> {
    typos_dict::WORD.find(&UniCase::new(word)).copied()
}

#[test]
fn the_list_knows_what_is_misspelt() {
    let told = check_words("# Words\n\nTeh kernel.\n", &Rules::default(), misspellings);
    let told: Vec<String> = told.into_iter().map(|(_, message)| message).collect();
    assert_eq!(
        told,
        [
            "`Teh` is not how a British dictionary spells it; write `the`, or add it to tools/gate/terms.txt"
        ]
    );
}

#[test]
fn the_chapters_are_clean() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let rules = Rules::read(&root).expect("the terms can be read");
    let mut told = Vec::new();
    let chapters = chapters(&root.join("src"));
    assert!(!chapters.is_empty());
    for path in chapters {
        let text = fs::read_to_string(&path).expect("a chapter can be read");
        for (at, message) in check_words(&text, &rules, misspellings) {
            let line = text[..at].matches('\n').count() + 1;
            told.push(format!("{}:{line}: {message}", path.display()));
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// The Markdown files below a folder. Links to other folders are not followed.
fn chapters(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let entry = entry.expect("an entry can be read");
        let path = entry.path();
        let kind = entry.file_type().expect("an entry has a kind");
        if kind.is_dir() {
            found.extend(chapters(&path));
        } else if kind.is_file()
            && path.extension().is_some_and(|end| end == "md")
            && entry.file_name() != "SUMMARY.md"
        {
            found.push(path);
        }
    }
    found
}
