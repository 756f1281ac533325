//! Temporary folders, and what becomes of those of builders that were killed.

use std::fs::{self, DirEntry, File, Metadata, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::outside::keep_folder;

/// For one user alone. The sticky bit, which says nothing in a folder of one's own,
/// tells it from folders that others gave such a name.
const MODE: u32 = 0o1700;

/// How the names begin of all folders that are made here.
const NAMES: [&str; 3] = ["session-", "book-", ".book-"];

/// A temporary folder. It is removed when this is dropped, and also when this
/// process is killed.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Locked while its builder lives, or its keeper.
    lock: File,
}

impl Folder {
    /// Makes `parent/NAME`, or `parent/NAME.1` where there is one already, of another
    /// build perhaps, and has a keeper remove it if this process cannot.
    pub fn make(parent: &Path, name: &str) -> io::Result<Self> {
        let folder = Self::alone(parent, name)?;
        keep_folder(&folder.path, &folder.lock)?;
        Ok(folder)
    }

    fn alone(parent: &Path, name: &str) -> io::Result<Self> {
        debug_assert!(NAMES.iter().any(|begin| name.starts_with(begin)));
        sweep(parent);
        let mut path = parent.join(name);
        for other in 1.. {
            match fs::DirBuilder::new().mode(MODE).create(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => {
                    made?;
                    // Before it was locked, another builder may have taken it for
                    // one that was left.
                    if let Some(folder) = lock(&path)? {
                        return Ok(folder);
                    }
                }
            }
            path = parent.join(format!("{name}.{other}"));
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// A folder of the builder.
    pub fn of(path: PathBuf, lock: OwnedFd) -> Self {
        let lock = lock.into();
        Self { path, lock }
    }

    /// Whether that path still leads to it.
    pub fn is_there(&self) -> bool {
        let id = |file: Metadata| (file.dev(), file.ino());
        let own = self.lock.metadata().map(id).ok();
        own.is_some() && fs::symlink_metadata(&self.path).map(id).ok() == own
    }

    /// Removes it; tells whether it is gone.
    pub fn remove(&self) -> bool {
        !self.is_there() || fs::remove_dir_all(&self.path).is_ok()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Locks a folder; `None` if somebody else has, or if it is gone.
fn lock(path: &Path) -> io::Result<Option<Folder>> {
    let flags = (OFlags::DIRECTORY | OFlags::NOFOLLOW).bits().cast_signed();
    let open = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let lock = match open {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        open => open?,
    };
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => return Ok(None),
        locked => locked?,
    }
    let path = path.to_owned();
    Ok(Some(Folder { path, lock }).filter(Folder::is_there))
}

/// Removes what builders left that were killed together with their keepers: folders
/// of this user, made here, that nobody has locked.
fn sweep(parent: &Path) {
    let is_left = |entry: &DirEntry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let found = entry.metadata();
        NAMES.iter().any(|begin| name.starts_with(begin))
            && found.is_ok_and(|found| {
                let mode = found.mode() & 0o7777;
                found.is_dir() && mode == MODE && found.uid() == geteuid().as_raw()
            })
    };
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries.filter(is_left) {
        // To be dropped.
        let _ = lock(&entry.path());
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

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
        let living = Folder::alone(parent, "session-living").expect("a folder");
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

        sweep(parent);
        let next = Folder::alone(parent, "session-next").expect("a folder");
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
        // One of the same name, of another builder, is not its own.
        fs::remove_dir(living.path()).expect("an empty folder");
        let other = left(parent, "session-living", 0o700);
        drop(living);
        assert!(other.exists());
    }

    #[test]
    fn a_name_that_is_taken_gets_an_ending() {
        let temporary = tempfile::tempdir().expect("a folder");
        let parent = temporary.path();
        fs::create_dir(parent.join("target")).expect("a folder");
        symlink("target", parent.join("session-one")).expect("a link");
        let other = Folder::alone(parent, "session-one").expect("a folder");
        let name = other.path().file_name().unwrap_or_default();
        assert!(
            name.to_string_lossy().starts_with("session-one.1"),
            "{name:?}"
        );
        let mode = fs::metadata(other.path()).expect("a folder").mode();
        assert_eq!(mode & 0o7777, MODE);
        // Two builds at the same time, again and again: neither takes the other's.
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        sweep(parent);
                        let folder = Folder::alone(parent, "session-two").expect("a folder");
                        assert!(folder.path().exists(), "{}", folder.path().display());
                    }
                });
            }
        });
    }
}
