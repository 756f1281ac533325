//! Puts a finished book in the place of the old one.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use anyhow::Context;
use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with};
use rustix::io::Errno;

/// Exchanges the two folders in one step, so that a reader of the book never
/// finds half of one. What was there before is left in `finished`.
pub fn put(finished: &Path, destination: &Path) -> anyhow::Result<()> {
    let folder = destination.parent().unwrap_or(Path::new("."));
    // Two builds may end at the same time. The folder itself can be locked:
    // no file is left behind.
    let lock = File::open(folder)?;
    flock(&lock, FlockOperation::LockExclusive)?;
    exchange(finished, destination)
        .with_context(|| format!("cannot put the book in {}", destination.display()))
}

fn exchange(finished: &Path, destination: &Path) -> io::Result<()> {
    match renameat_with(CWD, finished, CWD, destination, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(Errno::NOENT) => fs::rename(finished, destination),
        // Not every file system can exchange: renameat2(2).
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            let old = finished.with_extension("old");
            fs::rename(destination, &old)?;
            fs::rename(finished, destination)?;
            fs::rename(&old, finished)
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_book_takes_the_place_of_the_old() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (staged, book) = (folder.path().join("staged"), folder.path().join("book"));
        for content in ["first", "second"] {
            fs::create_dir_all(&staged).expect("a folder");
            fs::write(staged.join("index.html"), content).expect("a page");
            put(&staged, &book).expect("put in place");
            assert_eq!(
                fs::read_to_string(book.join("index.html")).ok().as_deref(),
                Some(content)
            );
            let _ = fs::remove_dir_all(&staged);
        }
    }
}
