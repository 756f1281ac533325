//! Settings of the whole system, restored whatever happens.
//!
//! A guardian is a shell that makes a setting, waits for the end of its standard
//! input, and then restores. That end comes when the builder lets go, and also when
//! it is killed: the kernel closes the pipe.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::bail;

/// Restores when it is dropped, and tells of it by [`Guardian::restore`].
pub struct Guardian {
    shell: Child,
}

/// A file of the kernel, and what is written to it. Another who wants the same has
/// to wait until it is restored.
pub const KNOB: &str = r#"
    value() { sed 's/.*\[\(.*\)\].*/\1/' "$1"; }
    exec 9>>"$1" && flock 9 && old=$(value "$1") || exit
    printf %s "$2" >"$1" && echo ready && cat >/dev/null
    printf %s "$old" >"$1" && [ "$(value "$1")" = "$old" ]"#;

/// A new file to swap to. What is made halfway is taken away as well.
pub const SWAP: &str = r#"
    dd if=/dev/zero of="$1" bs=1M count=64 status=none && chmod 600 "$1" &&
        mkswap --quiet "$1" && swapon "$1" && echo ready && cat >/dev/null
    swapoff "$1" 2>/dev/null; rm "$1"; ! grep -qF "$1" /proc/swaps"#;

impl Guardian {
    pub fn start(script: &str, file: &Path, value: &str) -> anyhow::Result<Self> {
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh"]).arg(file).arg(value);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped());
        // A Ctrl-C is for the builder.
        let mut shell = shell.process_group(0).spawn()?;
        let mut line = String::new();
        if let Some(output) = shell.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        if line != "ready\n" {
            bail!("cannot set {} to `{value}`", file.display());
        }
        Ok(Self { shell })
    }

    /// Restores, and tells whether that is so.
    pub fn restore(mut self) -> anyhow::Result<()> {
        // This closes the shell's input, as it is when this is dropped.
        let status = self.shell.wait()?;
        if !status.success() {
            bail!("a setting of the system is not restored: {:?}", self.shell);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::env;
    use std::fs::{self, File};
    use std::path::PathBuf;
    use std::process;

    use rustix::fs::{FlockOperation, flock};

    /// The variable that tells the test below which file to hold.
    const HELD: &str = "GUARDIAN_TEST_FILE";

    fn knob(value: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("knob");
        fs::write(&path, value).expect("written");
        (folder, path)
    }

    fn value_of(path: &Path) -> String {
        fs::read_to_string(path).expect("a value")
    }

    #[test]
    fn the_old_value_comes_back() {
        let (_folder, path) = knob("old");
        let knob = Guardian::start(KNOB, &path, "new").expect("set");
        assert_eq!(value_of(&path), "new");
        knob.restore().expect("restored");
        assert_eq!(value_of(&path), "old");
    }

    #[test]
    #[ignore = "the other half of the test below"]
    fn holds_until_killed() {
        let path = env::var_os(HELD).expect("the file");
        let _knob = Guardian::start(KNOB, Path::new(&path), "new").expect("set");
        std::thread::park();
    }

    #[test]
    fn the_old_value_comes_back_after_a_kill() {
        let (_folder, path) = knob("old");
        let mut holder = Command::new(env::current_exe().expect("this test"))
            .args([
                "--ignored",
                "--exact",
                "settings::guardian::tests::holds_until_killed",
            ])
            .env(HELD, &path)
            .stdout(Stdio::null())
            .spawn()
            .expect("started");
        while value_of(&path) != "new" {
            assert!(holder.try_wait().expect("a child").is_none(), "it ended");
            std::thread::yield_now();
        }
        holder.kill().expect("killed");
        holder.wait().expect("ended");
        // Whoever gets the lock sees what the guardian left.
        let file = File::open(&path).expect("opened");
        flock(&file, FlockOperation::LockExclusive).expect("locked");
        assert_eq!(value_of(&path), "old", "{}", process::id());
    }

    #[test]
    fn a_chosen_value_stands_in_brackets() {
        let (_folder, path) = knob("always [madvise] never\n");
        // The kernel would move the brackets; a file is what was written last.
        let guardian = Guardian::start(KNOB, &path, "never").expect("set");
        assert!(guardian.restore().is_ok());
        assert_eq!(value_of(&path), "madvise");
    }
}
