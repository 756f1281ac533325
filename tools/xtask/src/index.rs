//! `cargo xtask index`: the README's index of the listings, by chapter.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use session::Listings;

use crate::build;

const BEGIN: &str = "<!-- listings: written by `cargo xtask index` -->\n";
const END: &str = "<!-- /listings -->\n";

/// Writes the index into the README.
pub fn write(root: &Path) -> anyhow::Result<()> {
    let (_, now) = readme(root)?;
    fs::write(root.join("README.md"), now).context("cannot write README.md")
}

/// Fails if the index is not the one that would be written now.
pub fn check(root: &Path) -> anyhow::Result<()> {
    let (written, now) = readme(root)?;
    if written != now {
        bail!(
            "README.md: its index of the listings is old; run `cargo xtask index`, and commit README.md, too"
        );
    }
    Ok(())
}

/// The README as it is, and as it is with the index of now.
fn readme(root: &Path) -> anyhow::Result<(String, String)> {
    let text = fs::read_to_string(root.join("README.md")).context("cannot read README.md")?;
    let begin = text.split_once(BEGIN);
    let Some((before, (_, after))) =
        begin.and_then(|(before, rest)| Some((before, rest.split_once(END)?)))
    else {
        bail!(
            "README.md: no place for the index of the listings; it stands between {BEGIN:?} and {END:?}"
        );
    };
    let now = [before, BEGIN, &index(root)?, END, after].concat();
    Ok((text, now))
}

/// The listings of each chapter, in the order of the book. A chapter's listings
/// stand in the folder that has its name.
fn index(root: &Path) -> anyhow::Result<String> {
    let mut homes: BTreeMap<String, String> = BTreeMap::new();
    for listing in Listings::of(root)?.iter() {
        listing.session()?;
        let (name, description) = (&listing.name, &listing.description);
        let home = listing.folder.parent().and_then(Path::file_name);
        let home = home.unwrap_or_default().to_string_lossy().into_owned();
        if description.is_empty() {
            bail!("listings/{home}/{name}/Cargo.toml has no `description`");
        }
        let line = format!("- [`{name}`](listings/{home}/{name}/src/main.rs): {description}\n");
        *homes.entry(home).or_default() += &line;
    }
    let mut index = String::new();
    for chapter in build::load(root)?.book.chapters() {
        let file = chapter.source_path.as_deref().unwrap_or(Path::new(""));
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        if let Some(listings) = homes.remove(&*stem) {
            let mut lines = chapter.content.lines();
            let title = lines.find_map(|line| line.strip_prefix("# "));
            let (title, file) = (title.unwrap_or(&chapter.name), file.display());
            index += &format!("\n**[{title}](src/{file})**\n\n{listings}");
        }
    }
    if let Some(home) = homes.keys().next() {
        bail!(
            "listings/{home}: no chapter of src/SUMMARY.md has that folder's name; the listings of src/PART/NAME.md are in listings/NAME/"
        );
    }
    index.push('\n');
    Ok(index)
}
