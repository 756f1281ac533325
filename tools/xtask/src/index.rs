//! `cargo xtask index`: the README's index of the listings, by chapter.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use gate::Gate;
use session::{Listing, Listings};

use crate::build;

const BEGIN: &str = "<!-- listings: written by `cargo xtask index` -->\n";
const END: &str = "<!-- /listings -->\n";

/// Writes the index into the README.
pub fn write(root: &Path) -> anyhow::Result<()> {
    let readme = root.join("README.md");
    let text = fs::read_to_string(&readme).context("cannot read README.md")?;
    let (before, _, after) = parts(&text)?;
    let text = [before, &index(root)?, after].concat();
    fs::write(&readme, text).context("cannot write README.md")
}

/// Fails if the index is not the one that would be written now.
pub fn check(root: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(root.join("README.md")).context("cannot read README.md")?;
    let (_, written, _) = parts(&text)?;
    if written != index(root)? {
        bail!("README.md: its index of the listings is old; run `cargo xtask index`");
    }
    Ok(())
}

/// The README before, in and behind the index.
fn parts(text: &str) -> anyhow::Result<(&str, &str, &str)> {
    let found = text.find(BEGIN).zip(text.find(END));
    let Some((begin, end)) = found.filter(|(begin, end)| begin < end) else {
        bail!(
            "README.md: no place for the index of the listings; it stands between {BEGIN:?} and {END:?}"
        );
    };
    let begin = begin + BEGIN.len();
    Ok((&text[..begin], &text[begin..end], &text[end..]))
}

/// The listings of each chapter, in the order of the book. A chapter's listings
/// stand in the folder that has its name.
fn index(root: &Path) -> anyhow::Result<String> {
    let book = build::load(root, Path::new("book"), Gate::new(Arc::new(|_| {})))?;
    let listings = Listings::of(root)?;
    let chapters = build::chapters(&book);
    for listing in listings.iter() {
        if !chapters.iter().any(|chapter| is_of(listing, chapter)) {
            bail!(
                "listings/{}/{}: no chapter has that folder's name; the listings of src/PART/NAME.md are in listings/NAME/",
                home(listing),
                listing.name
            );
        }
    }
    let mut index = String::new();
    for chapter in &chapters {
        let of_chapter: Vec<&Listing> = listings
            .iter()
            .filter(|each| is_of(each, chapter))
            .collect();
        if of_chapter.is_empty() {
            continue;
        }
        let title = title(&root.join("src").join(chapter))?;
        write!(index, "\n**[{title}](src/{})**\n\n", chapter.display())?;
        for listing in of_chapter {
            let Listing {
                name, description, ..
            } = listing;
            if description.is_empty() {
                bail!(
                    "listings/{}/{name}/Cargo.toml has no `description`",
                    home(listing)
                );
            }
            writeln!(
                index,
                "- [`{name}`](listings/{}/{name}/src/main.rs): {description}",
                home(listing)
            )?;
        }
    }
    index.push('\n');
    Ok(index)
}

fn is_of(listing: &Listing, chapter: &Path) -> bool {
    chapter
        .file_stem()
        .is_some_and(|stem| stem.to_string_lossy() == home(listing))
}

/// The folder of the listings of one chapter.
fn home(listing: &Listing) -> String {
    let folder: Option<PathBuf> = listing.folder.parent().map(Path::to_owned);
    let name = folder.as_deref().and_then(Path::file_name);
    name.map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn title(chapter: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(chapter)
        .with_context(|| format!("cannot read {}", chapter.display()))?;
    let title = text.lines().find_map(|line| line.strip_prefix("# "));
    title
        .map(str::to_owned)
        .with_context(|| format!("{} has no title", chapter.display()))
}
