//! The files of a book.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Both books have the same files, of the same bytes.
#[track_caller]
pub fn assert_same_files(one: &Path, other: &Path) {
    let (one, other) = (files(one), files(other));
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        other.keys().collect::<Vec<_>>()
    );
    let both = one.iter().zip(other.values());
    let mut differing = both.filter(|((_, one), other)| one != other);
    if let Some(((name, one), other)) = differing.next() {
        let [one, other] = [one, other].map(|bytes| String::from_utf8_lossy(bytes));
        let mut lines = one.lines().zip(other.lines()).enumerate();
        let found = lines.find(|(_, (one, other))| one != other);
        panic!("{}: the first other line is {found:#?}", name.display());
    }
}

/// The content of every file below a folder.
pub fn files(book: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![book.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(book).expect("below").to_owned();
            files.insert(name, fs::read(&path).expect("a file"));
        }
    }
    files
}
