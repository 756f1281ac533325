//! Settings of the whole system, restored whatever happens.
//!
//! A guardian is a shell that waits for the end of its standard input, and then
//! restores. That end comes when the builder lets go, and also when it is
//! killed: the kernel closes the pipe.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};
use rustix::fs::{FlockOperation, flock};

/// Dropping it restores.
pub struct Guardian {
    shell: Child,
}

impl Guardian {
    fn start(script: &str, word: &str, output: Stdio) -> anyhow::Result<Self> {
        let shell = Command::new("sh")
            .args(["-c", script, word])
            .stdin(Stdio::piped())
            .stdout(output)
            // A Ctrl-C is for the builder.
            .process_group(0)
            .spawn()
            .context("cannot start a shell")?;
        Ok(Self { shell })
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// A file of the kernel with another value in it.
pub struct Knob {
    path: PathBuf,
    old: String,
    guardian: Option<Guardian>,
}

impl Knob {
    /// Sets it. Another who wants the same has to wait until it is restored.
    pub fn set(path: &Path, value: &str) -> anyhow::Result<Self> {
        let shown = path.display();
        let file = File::options().write(true).open(path);
        let file = file.with_context(|| format!("cannot open {shown}"))?;
        flock(&file, FlockOperation::LockExclusive)?;
        let old = value_of(path)?;
        // It holds the open file, and with it the lock, until it has restored.
        let restore = "cat >/dev/null; printf %s \"$0\"";
        let guardian = Guardian::start(restore, &old, file.into())?;
        fs::write(path, value).with_context(|| format!("cannot write {value} to {shown}"))?;
        Ok(Self {
            path: path.to_owned(),
            old,
            guardian: Some(guardian),
        })
    }

    /// Restores it, and looks whether that is so.
    pub fn restore(mut self) -> anyhow::Result<()> {
        drop(self.guardian.take());
        let now = value_of(&self.path)?;
        if now != self.old {
            bail!("{} is `{now}` and was `{}`", self.path.display(), self.old);
        }
        Ok(())
    }
}

/// The value in a file such as `2` or `always [madvise] never`.
pub fn value_of(path: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(path);
    let text = text.with_context(|| format!("cannot read {}", path.display()))?;
    let chosen = text
        .split_once('[')
        .and_then(|(_, rest)| rest.split_once(']'));
    Ok(chosen.map_or(text.trim(), |(value, _)| value).to_owned())
}

/// Has the system swap to a new file.
pub fn swap_to(file: &Path) -> anyhow::Result<Guardian> {
    // What is made halfway is taken away as well.
    let script = "dd if=/dev/zero of=\"$0\" bs=1M count=64 status=none && chmod 600 \"$0\" && \
                  mkswap --quiet \"$0\" && swapon \"$0\" && echo ready && cat >/dev/null; \
                  swapoff \"$0\" 2>/dev/null; rm -f \"$0\"";
    let mut guardian = Guardian::start(script, &file.to_string_lossy(), Stdio::piped())?;
    let mut line = String::new();
    if let Some(output) = guardian.shell.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    if line != "ready\n" {
        bail!("cannot swap to {}", file.display());
    }
    Ok(guardian)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::env;
    use std::process;

    /// The variable that tells the test below which file to hold.
    const HELD: &str = "GUARDIAN_TEST_FILE";

    fn knob(value: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("knob");
        fs::write(&path, value).expect("written");
        (folder, path)
    }

    #[test]
    fn the_old_value_comes_back() {
        let (_folder, path) = knob("old");
        let knob = Knob::set(&path, "new").expect("set");
        assert_eq!(value_of(&path).expect("a value"), "new");
        knob.restore().expect("restored");
        assert_eq!(value_of(&path).expect("a value"), "old");
    }

    #[test]
    #[ignore = "the other half of the test below"]
    fn holds_until_killed() {
        let path = env::var_os(HELD).expect("the file");
        let _knob = Knob::set(Path::new(&path), "new").expect("set");
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
        while value_of(&path).expect("a value") != "new" {
            assert!(holder.try_wait().expect("a child").is_none(), "it ended");
            std::thread::yield_now();
        }
        holder.kill().expect("killed");
        holder.wait().expect("ended");
        // Whoever gets the lock sees what the guardian left.
        let file = File::open(&path).expect("opened");
        flock(&file, FlockOperation::LockExclusive).expect("locked");
        assert_eq!(
            value_of(&path).expect("a value"),
            "old",
            "{}",
            process::id()
        );
    }

    #[test]
    fn a_chosen_value_stands_in_brackets() {
        let (_folder, path) = knob("always [madvise] never\n");
        assert_eq!(value_of(&path).expect("a value"), "madvise");
    }
}
