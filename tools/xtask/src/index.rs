//! `cargo xtask index`: the README's index of the listings, by chapter.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use gate::Gate;
use mdbook_driver::book::BookItem;
use session::{Listing, Listings};

use crate::build;

const BEGIN: &str = "<!-- listings: written by `cargo xtask index` -->\n";
const END: &str = "<!-- /listings -->\n";

/// Writes the index into the README.
pub fn write(root: &Path) -> anyhow::Result<()> {
    let [before, _, after] = parts(root)?;
    let text = [before, index(root)?, after].concat();
    fs::write(root.join("README.md"), text).context("cannot write README.md")
}

/// Fails if the index is not the one that would be written now.
pub fn check(root: &Path) -> anyhow::Result<()> {
    let [_, written, _] = parts(root)?;
    if written != index(root)? {
        bail!(
            "README.md: its index of the listings is old; run `cargo xtask index`, and commit README.md, too"
        );
    }
    Ok(())
}

/// The README up to the index, the index, and the rest.
fn parts(root: &Path) -> anyhow::Result<[String; 3]> {
    let text = fs::read_to_string(root.join("README.md")).context("cannot read README.md")?;
    let place = text
        .find(BEGIN)
        .map(|at| at + BEGIN.len())
        .zip(text.find(END));
    let Some((begin, end)) = place.filter(|(begin, end)| begin <= end) else {
        bail!(
            "README.md: no place for the index of the listings; it stands between {BEGIN:?} and {END:?}"
        );
    };
    Ok([&text[..begin], &text[begin..end], &text[end..]].map(str::to_owned))
}

/// The listings of each chapter, in the order of the book. A chapter's listings
/// stand in the folder that has its name.
fn index(root: &Path) -> anyhow::Result<String> {
    let book = build::load(root, Path::new("book"), Gate::new(Arc::new(|_| {})))?;
    let mut homes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for listing in Listings::of(root)?.iter() {
        listing.session()?;
        let Listing {
            name,
            folder,
            description,
            ..
        } = listing;
        let home = folder.parent().and_then(Path::file_name);
        let home = home.unwrap_or_default().to_string_lossy().into_owned();
        if description.is_empty() {
            bail!("listings/{home}/{name}/Cargo.toml has no `description`");
        }
        let line = format!("- [`{name}`](listings/{home}/{name}/src/main.rs): {description}\n");
        homes.entry(home).or_default().push(line);
    }
    let mut index = String::new();
    for item in book.iter() {
        if let BookItem::Chapter(chapter) = item
            && let Some(file) = &chapter.source_path
            && let Some(listings) = file
                .file_stem()
                .and_then(|stem| homes.remove(&*stem.to_string_lossy()))
        {
            let file = file.display();
            let mut lines = chapter.content.lines();
            let title = lines.find_map(|line| line.strip_prefix("# "));
            let title = title.with_context(|| format!("src/{file} has no title"))?;
            write!(
                index,
                "\n**[{title}](src/{file})**\n\n{}",
                listings.concat()
            )?;
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
