//! The listings of a book: small crates under `listings/CHAPTER/LISTING/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use text::nearest;

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
}

/// All listings of one book, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listings {
    root: PathBuf,
    by_name: BTreeMap<String, Listing>,
}

/// What is wrong with the folder of listings, or with a name that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ListingsError {
    #[error(
        "no book above {}: looked for a folder that holds both `listings/` and `Cargo.toml`; run this inside the repository",
        .0.display()
    )]
    NoRoot(PathBuf),
    #[error("cannot read {}: {source}", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot parse {}: {source}", path.display())]
    Manifest {
        path: PathBuf,
        source: Box<toml::de::Error>,
    },
    #[error(
        "{}: the package is named `{package}` but its folder `{folder}`; give both the same name, so that `cargo run -p {folder}` is what a reader types",
        path.display()
    )]
    NameDiffers {
        path: PathBuf,
        package: String,
        folder: String,
    },
    #[error(
        "two listings are named `{name}`: {} and {}; rename one, since `cargo run -p {name}` must mean one program",
        first.display(), second.display()
    )]
    Twice {
        name: String,
        first: PathBuf,
        second: PathBuf,
    },
    #[error("no listing is named `{name}`{}", nearest(name, known.iter().map(String::as_str)))]
    Unknown { name: String, known: Vec<String> },
}

#[derive(Deserialize)]
struct Manifest {
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    #[serde(default)]
    description: String,
}

impl Listings {
    /// Finds the book that `start` lies in: the nearest folder upwards that
    /// holds both `listings/` and `Cargo.toml`.
    pub fn above(start: &Path) -> Result<Self, ListingsError> {
        start
            .ancestors()
            .find(|folder| folder.join("listings").is_dir() && folder.join("Cargo.toml").is_file())
            .ok_or_else(|| ListingsError::NoRoot(start.to_owned()))
            .and_then(Self::of)
    }

    /// Reads the names of all crates under `root/listings/*/*/`.
    pub fn of(root: &Path) -> Result<Self, ListingsError> {
        let root = fs::canonicalize(root).map_err(|source| ListingsError::Read {
            path: root.to_owned(),
            source,
        })?;
        let mut by_name: BTreeMap<String, Listing> = BTreeMap::new();
        let top = root.join("listings");
        let chapters = if top.is_dir() {
            folders(&top)?
        } else {
            Vec::new()
        };
        for chapter in chapters {
            for folder in folders(&chapter)? {
                if !folder.join("Cargo.toml").is_file() {
                    continue;
                }
                let listing = read_listing(folder)?;
                if let Some(first) = by_name.get(&listing.name) {
                    return Err(ListingsError::Twice {
                        name: listing.name,
                        first: relative(&root, &first.folder),
                        second: relative(&root, &listing.folder),
                    });
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
    pub fn get(&self, name: &str) -> Result<&Listing, ListingsError> {
        self.by_name
            .get(name)
            .ok_or_else(|| ListingsError::Unknown {
                name: name.to_owned(),
                known: self.by_name.keys().cloned().collect(),
            })
    }

    /// Every listing, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = &Listing> {
        self.by_name.values()
    }

    /// The listing that a source file belongs to.
    pub fn owning(&self, file: &Path) -> Option<&Listing> {
        self.by_name
            .values()
            .find(|listing| file.starts_with(&listing.folder))
    }
}

fn read_listing(folder: PathBuf) -> Result<Listing, ListingsError> {
    let path = folder.join("Cargo.toml");
    let text = fs::read_to_string(&path).map_err(|source| ListingsError::Read {
        path: path.clone(),
        source,
    })?;
    let manifest: Manifest = toml::from_str(&text).map_err(|source| ListingsError::Manifest {
        path: path.clone(),
        source: Box::new(source),
    })?;
    let Package { name, description } = manifest.package;
    let folder_name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    if name != folder_name {
        return Err(ListingsError::NameDiffers {
            path,
            package: name,
            folder: folder_name,
        });
    }
    Ok(Listing {
        name,
        folder,
        description,
    })
}

/// The folders inside a folder, sorted, so that every message is repeatable.
fn folders(path: &Path) -> Result<Vec<PathBuf>, ListingsError> {
    let read_error = |source| ListingsError::Read {
        path: path.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(read_error)? {
        let entry = entry.map_err(read_error)?.path();
        if entry.is_dir() {
            found.push(entry);
        }
    }
    found.sort();
    Ok(found)
}

fn relative(root: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(root).unwrap_or(path).to_owned()
}
