//! The staging folders: where a book is made before it takes its place.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process;

use anyhow::Context;
use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with, statvfs};
use rustix::io::Errno;
use session::Folder;

use super::mirror::mirror;

/// Memory that can be used as a folder; see shm_overview(7).
const MEMORY: &str = "/dev/shm";

/// What must be free there, in bytes: many times a book.
const ROOM: u64 = 64 << 20;

/// The folders that a book is made in. They are removed when this is dropped,
/// and also when this process is killed.
pub struct Staging {
    /// Beside the book's place, so that it can be renamed into place.
    beside: Folder,
    /// While serving, a book is rendered and checked in memory. On a disk, it is
    /// slow to make and remove hundreds of files again and again.
    memory: Option<Folder>,
}

impl Staging {
    pub fn new(destination: &Path, is_serving: bool) -> anyhow::Result<Self> {
        let parent = destination.parent().unwrap_or(Path::new("."));
        let made = fs::create_dir_all(parent);
        let beside = made.and_then(|()| within(parent)).with_context(|| {
            format!(
                "cannot make a folder in {}, where the finished book is to be; build in a copy of this repository that you may write to",
                parent.display()
            )
        })?;
        let in_memory = is_serving && has_room();
        let memory = in_memory.then(|| within(MEMORY.as_ref()).ok()).flatten();
        Ok(Self { beside, memory })
    }

    /// Whether another build can have it: somebody may have removed a folder, or
    /// used up the memory.
    pub fn is_there(&self) -> bool {
        let is_there = |folder: &Folder| folder.path().is_dir();
        let memory = self.memory.as_ref();
        is_there(&self.beside) && memory.is_none_or(|memory| is_there(memory) && has_room())
    }

    /// Where the book is rendered.
    pub fn rendered(&self) -> PathBuf {
        book(self.memory.as_ref().unwrap_or(&self.beside))
    }

    /// Brings the book beside its place, where nobody sees it yet.
    pub fn bring(&self) -> anyhow::Result<()> {
        let Some(memory) = &self.memory else {
            return Ok(());
        };
        let beside = book(&self.beside);
        mirror(&book(memory), &beside)
            .with_context(|| format!("cannot write the book into {}", beside.display()))
    }

    /// Puts the book in its place.
    pub fn put(&self, destination: &Path) -> anyhow::Result<()> {
        // Two builds may end at the same time. The folder itself can be locked: no
        // file is left behind.
        let lock = File::open(destination.parent().unwrap_or(Path::new(".")))?;
        flock(&lock, FlockOperation::LockExclusive)?;
        exchange(&book(&self.beside), destination)
            .with_context(|| format!("cannot put the book in {}", destination.display()))
    }
}

fn within(parent: &Path) -> io::Result<Folder> {
    Folder::make(parent, &format!(".book-{}", process::id()))
}

fn book(folder: &Folder) -> PathBuf {
    folder.path().join("book")
}

fn has_room() -> bool {
    statvfs(MEMORY).is_ok_and(|memory| memory.f_bavail.saturating_mul(memory.f_frsize) >= ROOM)
}

/// Exchanges the two folders in one step, so that a reader of the book never
/// finds half of one. What was there before is left in `finished`.
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
            exchange(&staged, &book).expect("put in place");
            assert_eq!(
                fs::read_to_string(book.join("index.html")).ok().as_deref(),
                Some(content)
            );
            let _ = fs::remove_dir_all(&staged);
        }
    }
}
