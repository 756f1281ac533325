//! Temporary folders, and what becomes of those of builders that were killed.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::Guard;

/// For one user alone. The sticky bit, which says nothing in a folder of one's own,
/// tells it from folders that others gave such a name.
const MODE: u32 = 0o1700;

/// How the names begin of all folders that are made here.
const NAMES: [&str; 3] = ["session-", "book-", ".book-"];

/// A temporary folder. It is removed when this is dropped, and also when this
/// process is killed.
pub struct Folder {
    path: PathBuf,
    guard: Option<Guard>,
    /// Locked while its builder lives.
    _lock: File,
}

impl Folder {
    /// Makes `parent/NAME`, or `parent/NAME.XXXXXX` where there is one already, of
    /// another build perhaps.
    pub fn make(parent: &Path, name: &str) -> io::Result<Self> {
        debug_assert!(NAMES.iter().any(|begin| name.starts_with(begin)));
        sweep(parent);
        let mut path = parent.join(name);
        let mut made = fs::DirBuilder::new().mode(MODE).create(&path);
        loop {
            match made {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    path = tempfile::Builder::new()
                        .prefix(&format!("{name}."))
                        .permissions(Permissions::from_mode(MODE))
                        .tempdir_in(parent)?
                        .keep();
                }
                made => made?,
            }
            // Before it was locked, another builder may have taken it for one that
            // was left.
            if let Some(lock) = lock(&path)? {
                let guard = None;
                return Ok(Self {
                    path,
                    guard,
                    _lock: lock,
                });
            }
            made = Err(io::ErrorKind::AlreadyExists.into());
        }
    }

    /// Has a keeper remove it, if this process cannot.
    pub fn guarded(mut self) -> io::Result<Self> {
        self.guard = Some(Guard::of(&self.path)?);
        Ok(self)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A guard removes it, and so does the keeper of its program.
        drop(self.guard.take());
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Locks a folder; `None` if somebody else has, or if it is gone.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let flags = (OFlags::DIRECTORY | OFlags::NOFOLLOW).bits().cast_signed();
    let folder = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        folder => folder?,
    };
    match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => return Ok(None),
        locked => locked?,
    }
    let ino = folder.metadata()?.ino();
    let is_there = fs::symlink_metadata(path).is_ok_and(|there| there.ino() == ino);
    Ok(is_there.then_some(folder))
}

/// Removes what builders left that were killed together with their keepers: folders
/// of this user, made here, that nobody has locked.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if NAMES.iter().any(|begin| name.starts_with(begin))
            && let Ok(Some(lock)) = lock(&entry.path())
            && let Ok(found) = lock.metadata()
            && found.uid() == geteuid().as_raw()
            && found.mode() & 0o7777 == MODE
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
