//! Chapter files that SUMMARY.md does not name: mdBook passes over them without
//! a word.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::leavings::{is_leaving, is_secret};

/// A failure for each Markdown file below `src` that is no chapter.
pub fn check(root: &Path, src: &Path, chapters: &[PathBuf]) -> Vec<Failure> {
    markdown(root, src)
        .into_iter()
        .filter(|file| !chapters.contains(file))
        .map(|file| Failure {
            message: format!(
                "{} does not name this file, so no page is made of it; add it there or remove the file",
                src.join("SUMMARY.md").display()
            ),
            chapter: file,
            line: 0,
        })
        .collect()
}

/// A failure for each hidden file below `src` that mdBook alone would publish:
/// it copies whatever lies there.
pub fn secrets(root: &Path, src: &Path) -> Vec<Failure> {
    let mut found = Vec::new();
    let entries = fs::read_dir(root.join(src)).into_iter().flatten().flatten();
    for entry in entries {
        let path = src.join(entry.file_name());
        if is_secret(&entry.file_name()) {
            found.push(Failure {
                chapter: path,
                line: 0,
                message: "mdBook would publish this hidden file; move it out of the sources, or build with `cargo xtask build`, which leaves it out".to_owned(),
            });
        } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(secrets(root, &path));
        }
    }
    found
}

/// Markdown files, without the two that mdBook itself knows. A linked folder,
/// such as the listings, holds none.
pub fn markdown(root: &Path, src: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(root, src, &mut files);
    files
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(root.join(folder))
        .into_iter()
        .flatten()
        .flatten();
    for entry in entries {
        let path = folder.join(entry.file_name());
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if is_leaving(&entry.file_name()) {
            continue;
        }
        if kind.is_dir() {
            collect(root, &path, files);
        } else if kind.is_file()
            && path.extension().is_some_and(|extension| extension == "md")
            && entry.file_name() != "SUMMARY.md"
            && entry.file_name() != "404.md"
        {
            files.push(path);
        }
    }
}
