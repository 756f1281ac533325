//! Which files matter, and which of them hold something else than before.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gate::is_leaving;

use super::Options;

/// How many changed files a line names.
const NAMES: usize = 3;

/// The files and folders that the book is made of.
#[derive(Debug)]
pub struct Sources {
    root: PathBuf,
    book: PathBuf,
    watched: BTreeSet<PathBuf>,
    /// What each file held when it was last looked at.
    seen: BTreeMap<PathBuf, u64>,
}

impl Sources {
    /// Resolves the paths in `options`, and looks at all that is there.
    ///
    /// # Errors
    ///
    /// When the root cannot be resolved.
    pub fn new(options: &Options) -> Result<Self> {
        // Events carry the paths that were asked for: canonical ones make them
        // comparable. They also tell when one contains another.
        let root = options.root.canonicalize();
        let root = root.context("cannot resolve the book's folder")?;
        let mut sources = Self {
            book: resolve(&root.join(&options.book)),
            root,
            watched: BTreeSet::new(),
            seen: BTreeMap::new(),
        };
        sources.add(&options.watch);
        Ok(sources)
    }

    /// The files and folders to be watched, with all that is in them.
    pub fn watched(&self) -> impl Iterator<Item = &Path> {
        self.watched.iter().map(PathBuf::as_path)
    }

    /// Lets these count from now on, and what the links among them lead to; tells
    /// whether that is more than before.
    pub fn add(&mut self, paths: &[PathBuf]) -> bool {
        let before = self.watched.len();
        let mut paths: Vec<PathBuf> = paths.iter().map(|path| self.root.join(path)).collect();
        while let Some(path) = paths.pop() {
            // A link counts, and what it leads to.
            let (link, target) = (resolve_folder(&path), resolve(&path));
            for path in BTreeSet::from([link, target]) {
                // A link to a folder around the book leads to everything.
                if self.contain(&path) || self.root.starts_with(&path) {
                    continue;
                }
                let mut files = BTreeSet::new();
                self.collect(&path, &mut files);
                paths.extend(files.iter().filter(|file| file.is_symlink()).cloned());
                let look = |file: PathBuf| digest(&file).map(|digest| (file, digest));
                self.seen.extend(files.into_iter().filter_map(look));
                self.watched.insert(path);
            }
        }
        self.watched.len() > before
    }

    /// Whether a change of `path` may be a reason to build.
    pub fn contain(&self, path: &Path) -> bool {
        let is_in = |watched: &PathBuf| {
            let inside = path.strip_prefix(watched);
            inside.is_ok_and(|inside| !inside.iter().any(is_leaving))
        };
        self.watched.iter().any(is_in)
            && !path.starts_with(&self.book)
            && !path
                .ancestors()
                .take_while(|folder| *folder != self.root)
                .any(is_target)
    }

    /// Which files at or below these paths hold something else than they did: not
    /// those that were only written again, and none that came and went.
    pub fn changed(&mut self, touched: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::new();
        for path in touched {
            self.collect(path, &mut files);
            let known = self.seen.range(path.clone()..).map(|(file, _)| file);
            files.extend(known.take_while(|file| file.starts_with(path)).cloned());
        }
        files.retain(|file| match digest(file) {
            Some(digest) => self.seen.insert(file.clone(), digest) != Some(digest),
            None => self.seen.remove(file).is_some(),
        });
        let links = files.iter().filter(|file| file.is_symlink());
        self.add(&links.cloned().collect::<Vec<_>>());
        files
    }

    /// The files at or below a path that count. A link is one of them.
    fn collect(&self, path: &Path, files: &mut BTreeSet<PathBuf>) {
        if path.is_symlink() || !path.is_dir() {
            files.insert(path.to_owned());
        } else if path != self.book && !is_target(path) {
            for entry in fs::read_dir(path).into_iter().flatten().flatten() {
                if !is_leaving(&entry.file_name()) {
                    self.collect(&entry.path(), files);
                }
            }
        }
    }

    /// The names of the first changed files, relative to the root, and how many
    /// more there are.
    pub fn list(&self, changed: &BTreeSet<PathBuf>) -> String {
        let name = |path: &PathBuf| {
            let path = path.strip_prefix(&self.root).unwrap_or(path);
            path.display().to_string()
        };
        let names: Vec<_> = changed.iter().take(NAMES).map(name).collect();
        match changed.len().saturating_sub(NAMES) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    }
}

/// The canonical form of `path`, whose last part need not exist yet.
fn resolve(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| resolve_folder(path))
}

/// The same, but what a link leads to is not looked for.
fn resolve_folder(path: &Path) -> PathBuf {
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    let whole = folder.and_then(|folder| Some(folder.join(path.file_name()?)));
    whole.unwrap_or_else(|| path.to_owned())
}

/// Whether cargo builds into this folder. The name alone does not say so: a
/// chapter may be about a target.
fn is_target(folder: &Path) -> bool {
    folder.file_name() == Some(OsStr::new("target")) && folder.with_file_name("Cargo.toml").exists()
}

/// Tells what a file holds from anything else; `None` if it is not there.
fn digest(file: &Path) -> Option<u64> {
    file.symlink_metadata().ok()?;
    let mut hasher = DefaultHasher::new();
    fs::read_link(file).ok().hash(&mut hasher);
    // Reading a pipe would never end.
    let content = file.is_file().then(|| fs::read(file).ok());
    content.hash(&mut hasher);
    Some(hasher.finish())
}
