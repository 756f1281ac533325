//! The staging folders: where a book is made before it takes its place.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;

use anyhow::Context;
use rustix::fs::statvfs;
use session::Folder;

use super::mirror::mirror;
use super::place;

/// Memory that can be used as a folder; see shm_overview(7).
const MEMORY: &str = "/dev/shm";

/// What must be free there, in bytes: many times a book.
const ROOM: u64 = 64 << 20;

/// The folders that a book is made in. They are removed when this is dropped,
/// and also when this process is killed.
pub struct Staging {
    destination: PathBuf,
    /// Beside the destination, so that it can be renamed into place.
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
        let memory = is_serving && has_room();
        Ok(Self {
            destination: destination.to_owned(),
            beside,
            memory: memory.then(|| within(MEMORY.as_ref()).ok()).flatten(),
        })
    }

    /// Whether another build can have it: somebody may have removed a folder, or
    /// used up the memory.
    pub fn is_for(&self, destination: &Path) -> bool {
        let is_there = |folder: &Folder| folder.path().is_dir();
        let memory = self.memory.as_ref();
        self.destination == destination
            && is_there(&self.beside)
            && memory.is_none_or(|memory| is_there(memory) && has_room())
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
    pub fn put(&self) -> anyhow::Result<()> {
        place::put(&book(&self.beside), &self.destination)
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
