//! Copies of files and folders.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::Context;

/// Copies a file, or a folder with all that is in it; links are followed.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let all = || -> io::Result<()> {
        if !from.is_dir() {
            return fs::copy(from, to).map(drop);
        }
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let name = entry?.file_name();
            copy(&from.join(&name), &to.join(&name)).map_err(io::Error::other)?;
        }
        Ok(())
    };
    all().with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}
