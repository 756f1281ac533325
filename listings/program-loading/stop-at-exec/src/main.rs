//! Starts a second copy of this program and stops it directly after
//! execve, before its first instruction.

use std::collections::BTreeSet;
use std::ffi::c_void;
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{self, Command, Stdio};
use std::{env, fs, ptr};

const NULL: *mut c_void = ptr::null_mut();

// ANCHOR: stop
fn main() {
    if env::args().any(|argument| argument == "child") {
        return checkpoint("child", "end");
    }
    println!("process id {}", process::id());
    let mut command = Command::new("/proc/self/exe");
    command.arg("child");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    // (1)
    let trace_me = || {
        // SAFETY: the request uses none of its arguments.
        match unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, NULL, NULL) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    };
    // SAFETY: between fork and execve, `trace_me` makes one system call;
    // it takes no lock and allocates nothing.
    let command = unsafe { command.pre_exec(trace_me) };
    let mut child = match command.spawn() {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            println!("skipped: needs ptrace, which is forbidden here");
            return;
        }
        result => result.expect("this program should start once more"),
    };
    // (2)
    let pid = child.id() as libc::pid_t;
    let mut status = 0;
    // SAFETY: waitpid writes to `status` and nowhere else.
    if unsafe { libc::waitpid(pid, &mut status, 0) } != pid {
        fail("waitpid");
    }
    assert!(libc::WIFSTOPPED(status), "the child should have stopped");
    println!("child is process {pid}");
    println!("files_stopped = {}", mapped_files(pid));
    checkpoint("stopped", "let the child run");

    // (3)
    // SAFETY: the child is stopped, and this process traces it.
    if unsafe { libc::ptrace(libc::PTRACE_DETACH, pid, NULL, NULL) } != 0 {
        fail("ptrace");
    }
    // (4)
    let output = child.stdout.take().expect("its output is a pipe");
    BufReader::new(output)
        .read_line(&mut String::new())
        .expect("the child should print a line");
    println!("files_running = {}", mapped_files(pid));
    checkpoint("running", "end");
    // (5)
    drop(child.stdin.take());
    child.wait().expect("the child should end");
}
// ANCHOR_END: stop

/// How many different files a process has in its maps.
fn mapped_files(pid: libc::pid_t) -> usize {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps"))
        .expect("the maps of an own child should be readable");
    let path = |line: &str| line.find('/').map(|at| line[at..].to_owned());
    maps.lines().filter_map(path).collect::<BTreeSet<_>>().len()
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
