//! Whether a process waits, and whose it is: what `/proc` says of it meanwhile.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::keeper::stat;

/// What one thread of a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    /// It waits for bytes on standard input.
    Reads,
    /// It waits for something else.
    Waits,
    /// It has a processor, or wants one, now or when its time has passed.
    Runs,
}

/// Whether a listing waits for Return: its first thread reads standard input, or
/// waits until another thread does that has begun to read. `None` where the system
/// does not say what a process waits for.
pub fn reads_input(pid: u32) -> Option<bool> {
    match does(format!("/proc/{pid}/syscall").as_ref())? {
        Does::Reads => Some(true),
        Does::Waits => Some(another_thread_reads(pid)),
        Does::Runs => Some(false),
    }
}

fn another_thread_reads(pid: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let mut threads = threads.into_iter().flatten().flatten();
    threads.any(|thread| does(&thread.path().join("syscall")) == Some(Does::Reads))
}

fn does(path: &Path) -> Option<Does> {
    fs::read_to_string(path).ok().map(|text| call(&text))
}

/// The text of `/proc/PID/syscall`, see proc_pid_syscall(5): `running`, or the
/// number of the system call and its arguments.
fn call(text: &str) -> Does {
    let mut words = text.split_ascii_whitespace();
    let number = words.next().and_then(|word| word.parse().ok());
    match (number, words.next()) {
        (Some(libc::SYS_read | libc::SYS_readv), Some("0x0")) => Does::Reads,
        // -1: it is blocked, but not in a system call.
        (None | Some(-1 | libc::SYS_nanosleep | libc::SYS_clock_nanosleep), _) => Does::Runs,
        (Some(_), _) => Does::Waits,
    }
}

/// Whether `pid` is a process that `listing` started, or one of its descendants
/// did. What has lost its parent is handed to the listing's own parent, the keeper.
pub fn started_by(listing: u32, pid: u32) -> bool {
    let keeper = parent(listing);
    let mut above = (pid != listing).then(|| parent(pid)).flatten();
    while let Some(process) = above.filter(|process| *process > 1) {
        if process == listing || Some(process) == keeper {
            return true;
        }
        above = parent(process);
    }
    false
}

fn parent(pid: u32) -> Option<u32> {
    stat(pid).ok()?.ppid.try_into().ok()
}

/// Whether a process is there, and no zombie.
pub fn is_alive(pid: u32) -> bool {
    stat(pid).is_ok_and(|stat| stat.state != 'Z')
}

/// Whether a process is at rest, or comes to rest in time.
pub fn wait_until_asleep(pid: u32, limit: Duration) -> Result<bool, String> {
    let start = Instant::now();
    loop {
        let state = stat(pid).map_err(|error| format!("cannot read /proc/{pid}/stat: {error}"))?;
        // A child that is traced stops in another state.
        if matches!(state.state, 'S' | 't' | 'T') {
            return Ok(true);
        }
        if start.elapsed() > limit || state.state == 'Z' {
            return Ok(false);
        }
        thread::sleep(Duration::from_micros(200));
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio, id};

    use super::*;

    #[test]
    fn a_call_is_told_by_its_number_and_its_file() {
        let read = libc::SYS_read;
        for (text, expected) in [
            (
                format!("{read} 0x0 0x7f 0x1 0x0 0x0 0x0 0x7ffe 0x7f\n"),
                Does::Reads,
            ),
            (
                format!("{read} 0x3 0x7f 0x1 0x0 0x0 0x0 0x7ffe 0x7f\n"),
                Does::Waits,
            ),
            (
                format!("{} 0x0 0x0 0x7f\n", libc::SYS_clock_nanosleep),
                Does::Runs,
            ),
            ("running\n".to_owned(), Does::Runs),
            ("-1 0x7ffe 0x7f\n".to_owned(), Does::Runs),
            (String::new(), Does::Runs),
        ] {
            assert_eq!(call(&text), expected, "{text}");
        }
    }

    #[test]
    fn a_process_is_its_parent_s() {
        let mut sleeps = Command::new("sleep")
            .arg("60")
            .stdin(Stdio::null())
            .spawn()
            .expect("started");
        let other = sleeps.id();
        assert!(started_by(id(), other));
        assert!(!started_by(other, id()));
        assert!(!started_by(other, 1));
        assert!(!started_by(id(), id()));
        assert!(!started_by(id(), u32::MAX));
        sleeps.kill().expect("ended");
        sleeps.wait().expect("waited for");
    }
}
