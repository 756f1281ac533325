//! Starts a second copy of this program and stops it directly after
//! execve, before its first instruction.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{self, Command, Stdio};
use std::{env, fs, ptr};

const NULL: *mut c_void = ptr::null_mut();

// ANCHOR: stop
fn main() {
    if env::args().any(|argument| argument == "child") {
        return checkpoint("begun", "end");
    }
    // SAFETY: getauxval only reads a table that the kernel has made.
    if unsafe { libc::getauxval(libc::AT_BASE) } == 0 {
        println!("skipped: needs a program that is linked dynamically");
        return;
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
    println!("directly after execve:");
    println!("files_stopped = {}", show_mappings(pid));
    checkpoint("stopped", "let the second copy run");

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
    println!("when main has begun:");
    println!("files_running = {}", show_mappings(pid));
    // (5)
    drop(child.stdin.take());
    child.wait().expect("the child should end");
}
// ANCHOR_END: stop

/// Prints the names in a process's maps, each with the permissions of its
/// lines; returns how many of the names are files.
fn show_mappings(pid: libc::pid_t) -> usize {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps"))
        .expect("the maps of an own child are readable");
    let mut names = BTreeMap::<_, Vec<_>>::new();
    for line in maps.lines() {
        // Behind five words and some spaces, all that is left is the path.
        let words: Vec<_> = line.splitn(6, ' ').collect();
        let path = words.get(5).map_or("", |path| path.trim_start());
        if !path.is_empty() {
            names.entry(path).or_default().push(words[1]);
        }
    }
    for (path, perms) in &names {
        let name = path.rsplit('/').next().unwrap_or(path);
        println!("  {name:22} {}", perms.join(" "));
    }
    names.keys().filter(|path| path.starts_with('/')).count()
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
