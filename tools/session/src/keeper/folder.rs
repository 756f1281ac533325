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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{chown, symlink};

    use super::*;

    /// A folder as a killed builder leaves it, or almost.
    fn left(parent: &Path, name: &str, mode: u32) -> PathBuf {
        let path = parent.join(name);
        fs::create_dir(&path).expect("a folder");
        fs::write(path.join("file"), "").expect("a file");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("a mode");
        path
    }

    #[test]
    fn what_a_killed_builder_left_is_removed_and_nothing_else() {
        let temporary = tempfile::tempdir().expect("a folder");
        let parent = temporary.path();
        let living = Folder::make(parent, "session-living").expect("a folder");
        let kept = [
            left(parent, "session-of-a-desktop", 0o700),
            left(parent, "sessions", MODE),
            left(parent, "target", MODE),
        ];
        symlink("target", parent.join("session-link")).expect("a link");
        fs::write(parent.join("book-file"), "").expect("a file");
        let foreign = left(parent, "session-foreign", MODE);
        // Only root can give it away; to others it is their own.
        let is_foreign = chown(&foreign, Some(65534), None).is_ok();
        let dead =
            [".book-7", "book-commands", "session-dead"].map(|name| left(parent, name, MODE));

        let next = Folder::make(parent, "session-next").expect("a folder");
        for path in &dead {
            assert!(!path.exists(), "{}", path.display());
        }
        for path in &kept {
            assert!(path.join("file").exists(), "{}", path.display());
        }
        assert!(parent.join("session-link").is_symlink());
        assert!(parent.join("book-file").exists());
        assert_eq!(foreign.exists(), is_foreign);
        assert!(living.path().exists());

        let path = next.path().to_owned();
        drop(next);
        assert!(!path.exists());
    }

    #[test]
    fn a_name_that_is_taken_gets_an_ending() {
        let temporary = tempfile::tempdir().expect("a folder");
        let parent = temporary.path();
        fs::create_dir(parent.join("target")).expect("a folder");
        symlink("target", parent.join("session-one")).expect("a link");
        let other = Folder::make(parent, "session-one").expect("a folder");
        let name = other.path().file_name().unwrap_or_default();
        assert!(
            name.to_string_lossy().starts_with("session-one."),
            "{name:?}"
        );
        let mode = fs::metadata(other.path()).expect("a folder").mode();
        assert_eq!(mode & 0o7777, MODE);
        // Two builds at the same time, again and again: neither takes the other's.
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let folder = Folder::make(parent, "session-two").expect("a folder");
                        assert!(folder.path().exists(), "{}", folder.path().display());
                    }
                });
            }
        });
    }
}
