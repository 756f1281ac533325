//! `cargo xtask new CHAPTER/LISTING DESCRIPTION`.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use reading::{Verb, answer};
use session::{Listings, Records};

use crate::say;

/// Both files of a new listing, with LISTING for its name and DESCRIPTION for what
/// the README's index says of it, as TOML has it.
pub const MANIFEST: &str = include_str!("Cargo.toml.in");
pub const PROGRAM: &str = include_str!("main.rs.in");
/// What a chapter needs to show it.
const CHAPTER: &str = include_str!("chapter.md.in");

/// Makes the listing, runs a first session of it, and tells what a chapter
/// needs to show it.
pub fn new(root: &Path, name: &str, description: &str) -> anyhow::Result<()> {
    if description.trim().is_empty() || description.contains('\n') {
        bail!("a description says in one line what the listing does; the README's index shows it");
    }
    let Some((chapter, listing)) = name
        .split_once('/')
        .filter(|(chapter, listing)| plain(chapter) && plain(listing))
    else {
        bail!(
            "`{name}` is no CHAPTER/LISTING, such as anonymous-memory/mmap-anon: both are small letters, digits and hyphens, and begin with a letter"
        );
    };
    let listings = Listings::of(root)?;
    if let Some(taken) = listings.iter().find(|other| other.name == listing) {
        let folder = taken.folder.strip_prefix(root).unwrap_or(&taken.folder);
        bail!(
            "there is a listing `{listing}` already, in {}; choose another name, since `cargo run -p {listing}` must mean one program",
            folder.display()
        );
    }
    let folder = root.join("listings").join(chapter).join(listing);
    let description = toml::Value::from(description).to_string();
    let fill = |text: &str| {
        let text = text.replace("LISTING", listing).replace("CHAPTER", chapter);
        text.replace("DESCRIPTION", &description)
    };
    fs::create_dir_all(folder.join("src"))
        .and_then(|()| fs::write(folder.join("Cargo.toml"), fill(MANIFEST)))
        .and_then(|()| fs::write(folder.join("src/main.rs"), fill(PROGRAM)))
        .with_context(|| format!("cannot write {}", folder.display()))?;

    let words = ["capture", "run", listing].map(str::to_owned);
    let verb = Verb::read(&words).map_err(anyhow::Error::msg)?;
    let listings = Listings::of(root)?;
    let records = Records::make(&listings, &verb.wants(), None, &|_| {})?;
    let session = answer(&verb, &records)?.text;
    say(&format!(
        "made listings/{chapter}/{listing}; with a chapter {chapter}.md, `cargo xtask index` names it in README.md\n\nits first session:\n\n{session}\n{}",
        fill(CHAPTER)
    ));
    Ok(())
}

fn plain(word: &str) -> bool {
    let sign = |c| matches!(c, 'a'..='z' | '0'..='9' | '-');
    word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(sign)
}
