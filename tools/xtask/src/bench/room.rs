//! Copies of this repository to measure in, so that nobody's work is touched.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

/// Makes `room` a copy of the repository as it is now, without what git ignores.
/// A file that is there already with the same content stays, so that nothing is
/// compiled again; compiled programs stay too.
pub fn copy(root: &Path, room: &Path) -> anyhow::Result<()> {
    let files = files(root)?;
    for file in &files {
        let (from, to) = (root.join(file), room.join(file));
        copy_file(&from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    remove_others(room, Path::new(""), &files)
}

/// Every file of the repository that git knows or would take.
fn files(root: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root)
        .output()
        .context("cannot start git")?;
    if !output.status.success() {
        bail!(
            "`git ls-files` ended with {}: the bench copies what git knows; run it in a clone",
            output.status
        );
    }
    let names = String::from_utf8(output.stdout)?;
    let names = names.split('\0').filter(|name| !name.is_empty());
    // One that is removed and not committed is still known.
    let there = names.filter(|name| root.join(name).symlink_metadata().is_ok());
    Ok(there.map(PathBuf::from).collect())
}

/// A file or a symbolic link.
fn copy_file(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to.parent().unwrap_or(to))?;
    if from.symlink_metadata()?.is_symlink() {
        let target = fs::read_link(from)?;
        if fs::read_link(to).ok().as_ref() != Some(&target) {
            let _ = fs::remove_file(to);
            symlink(target, to)?;
        }
        return Ok(());
    }
    let content = fs::read(from)?;
    if fs::read(to).ok().as_ref() != Some(&content) {
        fs::write(to, content)?;
    }
    Ok(())
}

fn remove_others(room: &Path, folder: &Path, files: &BTreeSet<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(room.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_name() == "target" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            remove_others(room, &path, files)?;
        } else if !files.contains(&path) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_becomes_the_copy_and_keeps_what_is_compiled() {
        let folder = tempfile::tempdir().expect("a folder");
        let (root, room) = (folder.path().join("root"), folder.path().join("room"));
        fs::create_dir_all(root.join("src")).expect("made");
        fs::create_dir_all(room.join("target")).expect("made");
        fs::create_dir_all(room.join("old")).expect("made");
        let write = |path: PathBuf, text: &str| fs::write(path, text).expect("written");
        write(root.join("src/one.md"), "one");
        write(root.join(".gitignore"), "/left.md\n");
        write(root.join("left.md"), "ignored");
        symlink("src", root.join("link")).expect("a link");
        write(room.join("target/program"), "compiled");
        write(room.join("old/two.md"), "of yesterday");
        let git = Command::new("git")
            .arg("init")
            .arg("-q")
            .current_dir(&root)
            .status();
        assert!(git.expect("git starts").success());

        copy(&root, &room).expect("copied");
        let read = |name: &str| fs::read_to_string(room.join(name)).ok();
        assert_eq!(read("src/one.md").as_deref(), Some("one"));
        assert_eq!(read("link/one.md").as_deref(), Some("one"));
        assert_eq!(read("target/program").as_deref(), Some("compiled"));
        assert_eq!((read("left.md"), read("old/two.md")), (None, None));
    }
}
