//! Makes one folder what another is, and touches only what differs.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Makes `to` a copy of `from`, a folder of files and folders. A file that is
/// the same stays: to make and to remove files is what takes the time. One that
/// differs is made anew, never written over: somebody may be reading the old one,
/// and it may have another name.
pub fn mirror(from: &Path, to: &Path) -> io::Result<()> {
    if !to.symlink_metadata().is_ok_and(|is| is.is_dir()) {
        remove(to)?;
        fs::create_dir(to)?;
    }
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            mirror(&from, &to)?;
        } else if !is_same(&from, &to)? {
            remove(&to)?;
            fs::copy(&from, &to)?;
        }
    }
    for entry in fs::read_dir(to)? {
        let name = entry?.file_name();
        if !from.join(&name).exists() {
            remove(&to.join(&name))?;
        }
    }
    Ok(())
}

fn is_same(from: &Path, to: &Path) -> io::Result<bool> {
    let wanted = from.metadata()?;
    let alike = to
        .symlink_metadata()
        .is_ok_and(|is| is.is_file() && is.len() == wanted.len() && is.mode() == wanted.mode());
    Ok(alike && fs::read(from)? == fs::read(to)?)
}

fn remove(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(is) if is.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn read(path: &Path) -> Option<String> {
        fs::read_to_string(path).ok()
    }

    #[test]
    fn only_what_differs_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        write(&from.join("same"), "one");
        write(&from.join("a/other"), "two");
        mirror(&from, &to).expect("made");
        let inode = |name: &str| to.join(name).metadata().expect("there").ino();
        let same = inode("same");
        let mut reader = fs::File::open(to.join("a/other")).expect("there");

        write(&from.join("a/other"), "six");
        write(&from.join("new/file"), "new");
        write(&to.join("gone/file"), "");
        write(&to.join("a/gone"), "");
        mirror(&from, &to).expect("made");
        assert_eq!(inode("same"), same);
        let mut old = String::new();
        reader.read_to_string(&mut old).expect("read");
        assert_eq!(old, "two", "who has opened it reads it to its end");
        assert_eq!(read(&to.join("a/other")).as_deref(), Some("six"));
        assert_eq!(read(&to.join("new/file")).as_deref(), Some("new"));
        assert!(!to.join("gone").exists() && !to.join("a/gone").exists());
    }

    #[test]
    fn what_is_behind_a_link_stays_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        for name in ["soft", "hard", "folder/file", "file", "readonly"] {
            write(&from.join(name), "new");
        }
        let others = folder.path().join("others");
        write(&others.join("file"), "old");
        write(&to.join("file/is a folder"), "old");
        write(&to.join("readonly"), "old");
        let readonly = fs::Permissions::from_mode(0o444);
        fs::set_permissions(to.join("readonly"), readonly).expect("set");
        symlink(others.join("file"), to.join("soft")).expect("linked");
        fs::hard_link(others.join("file"), to.join("hard")).expect("linked");
        symlink(&others, to.join("folder")).expect("linked");
        mirror(&from, &to).expect("made");
        assert_eq!(read(&others.join("file")).as_deref(), Some("old"));
        for name in ["soft", "hard", "folder/file", "file", "readonly"] {
            assert_eq!(read(&to.join(name)).as_deref(), Some("new"), "{name}");
            assert!(!to.join(name).is_symlink(), "{name}");
        }
    }
}
