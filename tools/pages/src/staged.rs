//! A folder that mdBook reads as the theme: our own, and what a build adds to it.
//!
//! mdBook reads its theme when it renders, after the preprocessors. A build must not
//! write into `theme/`, which git tracks and `serve` watches, so book.toml names
//! another folder, and this makes it what it must be.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;

use walkdir::{DirEntry, WalkDir};

/// Files by their paths in a folder.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// The file that tells a folder that was made here, by how it begins.
pub const MARK: (&str, &str) = ("head.hbs", "{{!-- Written in each build. --}}\n");

/// Whether a build may make this folder what it wants: one that is not there or
/// empty, or that a build has made.
pub fn may_be(folder: &Path) -> bool {
    let (file, begins) = MARK;
    match fs::read_to_string(folder.join(file)) {
        Ok(text) => text.starts_with(begins),
        Err(_) => names(folder).map_or(true, |names| names.is_empty()),
    }
}

/// Makes a folder hold these files and no others. Only those that differ are
/// written, each as a whole: another build may be reading them.
pub fn write(folder: &Path, files: &Files) -> io::Result<()> {
    let new = folder.join(format!(".{}", process::id()));
    // The mark first, should this be the last that is written.
    let marked = files.get_key_value(Path::new(MARK.0));
    for (path, bytes) in marked.into_iter().chain(files) {
        let path = folder.join(path);
        if fs::read(&path).is_ok_and(|old| old == *bytes) {
            continue;
        }
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(&new, bytes)?;
        fs::rename(&new, &path)?;
    }
    for stale in names(folder)?
        .iter()
        .filter(|name| !files.contains_key(*name))
    {
        fs::remove_file(folder.join(stale))?;
    }
    Ok(())
}

/// All files below a folder.
pub fn read(folder: &Path) -> io::Result<Files> {
    let names = names(folder)?.into_iter();
    names
        .map(|name| Ok((name.clone(), fs::read(folder.join(name))?)))
        .collect()
}

/// Hidden files are an editor's, or another build's.
fn names(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let is_hidden = |entry: &DirEntry| entry.file_name().as_encoded_bytes().starts_with(b".");
    let walk = WalkDir::new(folder).follow_links(true).into_iter();
    let mut found = Vec::new();
    for entry in walk.filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry)) {
        let entry = entry?;
        if !entry.file_type().is_dir() {
            let below = entry.path().strip_prefix(folder);
            found.push(below.map_err(io::Error::other)?.to_owned());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> Files {
        let files = files.iter();
        files
            .map(|(name, text)| (PathBuf::from(name), text.as_bytes().to_owned()))
            .collect()
    }

    #[test]
    fn only_what_differs_is_written_and_what_is_stale_goes() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("a/theme");
        assert!(may_be(&folder));
        let first = files(&[(MARK.0, MARK.1), ("css/a.css", "one"), ("b.js", "two")]);
        write(&folder, &first).expect("written");
        assert_eq!(read(&folder).expect("read"), first);
        assert!(may_be(&folder));

        let inode = |name: &str| {
            let file = folder.join(name).metadata().expect("there");
            std::os::unix::fs::MetadataExt::ino(&file)
        };
        let kept = inode("b.js");
        let second = files(&[(MARK.0, MARK.1), ("css/c.css", "one"), ("b.js", "two")]);
        write(&folder, &second).expect("written");
        assert_eq!(read(&folder).expect("read"), second);
        assert_eq!(inode("b.js"), kept);
    }

    #[test]
    fn a_folder_of_somebody_else_is_left_alone() {
        let root = tempfile::tempdir().expect("a folder");
        fs::write(root.path().join(".1"), "of a build that was killed").expect("written");
        assert!(may_be(root.path()));
        fs::write(root.path().join("mine"), "").expect("written");
        assert!(!may_be(root.path()));
        fs::write(root.path().join(MARK.0), "mine").expect("written");
        assert!(!may_be(root.path()));
    }
}
