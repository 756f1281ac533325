//! Copies of files and folders.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Copies a file, or a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    copy_unless(&|_| false, from, to)
}

/// The settings of our book, for one of other pages: without their last table, which
/// leads from where our pages were to where they are.
pub fn settings(root: &Path) -> Result<String> {
    let text = fs::read_to_string(root.join("book.toml")).context("cannot read book.toml")?;
    let end = text.find("[output.html.redirect]");
    Ok(text[..end.unwrap_or(text.len())].to_owned())
}

/// Copies all but what has such a name. Links are followed; what is neither a file
/// nor a folder, such as a pipe, is left out.
pub fn copy_unless(is_left: &dyn Fn(&OsStr) -> bool, from: &Path, to: &Path) -> Result<()> {
    let failed = || format!("cannot copy {} to {}", from.display(), to.display());
    let is = from.metadata().with_context(failed)?;
    if is.is_file() {
        fs::copy(from, to).with_context(failed)?;
    } else if is.is_dir() {
        fs::create_dir_all(to).with_context(failed)?;
        for entry in fs::read_dir(from).with_context(failed)? {
            let name = entry?.file_name();
            if !is_left(&name) {
                copy_unless(is_left, &from.join(&name), &to.join(&name))?;
            }
        }
    }
    Ok(())
}
