//! The listings of a book: small crates under `listings/CHAPTER/LISTING/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use text::nearest;

use crate::error::RecordsError;
use crate::session::{Package, Session};

/// One small crate under `listings/`: a complete program, its checkpoints and
/// perhaps a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The package's name, which is its folder's name too.
    pub name: String,
    /// The crate's folder, absolute.
    pub folder: PathBuf,
    /// What its manifest says that it is.
    pub description: String,
    /// The text of its manifest.
    pub manifest: String,
    session: Result<Session, RecordsError>,
}

impl Listing {
    /// How it is run, or what is wrong with its manifest.
    pub fn session(&self) -> Result<&Session, RecordsError> {
        self.session.as_ref().map_err(Clone::clone)
    }
}

/// All listings of one book, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listings {
    root: PathBuf,
    by_name: BTreeMap<String, Listing>,
}

impl Listings {
    /// Finds the book that `start` lies in: the nearest folder upwards that
    /// holds both `listings/` and `Cargo.toml`.
    pub fn above(start: &Path) -> Result<Self, RecordsError> {
        let is_root = |at: &&Path| at.join("listings").is_dir() && at.join("Cargo.toml").is_file();
        match start.ancestors().find(is_root) {
            Some(root) => Self::of(root),
            None => Err(RecordsError(format!(
                "no book above {}: looked for a folder that holds both `listings/` and `Cargo.toml`; run this inside the repository",
                start.display()
            ))),
        }
    }

    /// Reads the names of all crates under `root/listings/*/*/`.
    pub fn of(root: &Path) -> Result<Self, RecordsError> {
        let root = fs::canonicalize(root).map_err(|why| RecordsError::cannot("read", root, why))?;
        let mut by_name: BTreeMap<String, Listing> = BTreeMap::new();
        for chapter in folders(&root.join("listings"))? {
            for folder in folders(&chapter)? {
                if !folder.join("Cargo.toml").is_file() {
                    continue;
                }
                let listing = read(folder, &root)?;
                if let Some(first) = by_name.get(&listing.name) {
                    return Err(RecordsError(format!(
                        "two listings are named `{name}`: {} and {}; rename one, since `cargo run -p {name}` must mean one program",
                        below(&root, &first.folder).display(),
                        below(&root, &listing.folder).display(),
                        name = listing.name
                    )));
                }
                by_name.insert(listing.name.clone(), listing);
            }
        }
        Ok(Self { root, by_name })
    }

    /// The folder that holds `listings/`, `Cargo.toml` and the book, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The listing of that name; an unknown name's error tells the nearest.
    pub fn get(&self, name: &str) -> Result<&Listing, RecordsError> {
        self.by_name.get(name).ok_or_else(|| {
            let near = nearest(name, self.by_name.keys().map(String::as_str));
            RecordsError(format!("no listing is named `{name}`{near}"))
        })
    }

    /// Every listing, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = &Listing> {
        self.by_name.values()
    }

    /// The listing that a source file belongs to.
    pub fn owning(&self, file: &Path) -> Option<&Listing> {
        self.iter()
            .find(|listing| file.starts_with(&listing.folder))
    }
}

/// Reads a listing of the book at `root`. What is wrong with its manifest is told by
/// whoever needs its session.
fn read(folder: PathBuf, root: &Path) -> Result<Listing, RecordsError> {
    let path = folder.join("Cargo.toml");
    let manifest =
        fs::read_to_string(&path).map_err(|why| RecordsError::cannot("read", &path, why))?;
    let is = folder.file_name().unwrap_or_default().to_string_lossy();
    let elsewhere = folder.join("session.toml");
    let package = match elsewhere.exists() {
        true => Err(RecordsError(format!(
            "{}: a session stands in its listing's manifest: write these keys below `[package.metadata.session]` in Cargo.toml, `[commands]` as `[package.metadata.session.commands]`, and remove this file",
            below(root, &elsewhere).display()
        ))),
        false => Package::parse(below(root, &path), &manifest),
    };
    if let Ok(Package { name, .. }) = &package
        && *name != is
    {
        return Err(RecordsError(format!(
            "{}: the package is named `{name}` but its folder `{is}`; give both the same name, so that `cargo run -p {is}` is what a reader types",
            path.display()
        )));
    }
    let description = package.as_ref().map(|package| package.description.clone());
    Ok(Listing {
        name: is.into_owned(),
        description: description.unwrap_or_default(),
        session: package.map(|package| package.metadata.session),
        manifest,
        folder,
    })
}

/// A path as the book's authors write it.
pub fn below<'a>(root: &Path, path: &'a Path) -> &'a Path {
    path.strip_prefix(root).unwrap_or(path)
}

/// The folders inside a folder, if there is one; sorted, so that every message is
/// repeatable.
fn folders(path: &Path) -> Result<Vec<PathBuf>, RecordsError> {
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(|why| RecordsError::cannot("read", path, why))?;
    let paths = entries.into_iter().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = paths.filter(|path| path.is_dir()).collect();
    found.sort();
    Ok(found)
}
