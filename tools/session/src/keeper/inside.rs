//! The keeper's own life. Its arguments are written by [`super::outside`]:
//! `capture-keeper FOLDER [PROGRAM [ARGUMENT…]]`, where FOLDER is what to remove
//! at the end, or `-`. Its standard error is the socket to the builder.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use procfs_core::FromRead;
use procfs_core::process::Stat;
use rustix::process::{self as proc, Pid, Signal, WaitOptions, WaitStatus};

use super::{Ending, Word};

/// How long what a program leaves behind may take to end by itself: a child
/// that its parent did not wait for is often on its way out.
const GRACE: Duration = Duration::from_millis(300);

enum Happening {
    /// A child, or a process that was handed to this subreaper, ended.
    Reaped(Pid, Ending),
    /// Nothing is left to wait for.
    Childless,
    /// The builder is gone, or has enough.
    Released,
}

/// Runs as the keeper until nothing is left to keep.
pub fn main() -> ExitCode {
    match keep() {
        Ok(()) => ExitCode::SUCCESS,
        // Standard error is the listing's: there is nobody to tell.
        Err(_) => ExitCode::FAILURE,
    }
}

fn keep() -> io::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let control = control()?;
    let folder = arguments.next().filter(|folder| folder != "-");
    // Out of the terminal's process group: a Ctrl-C is for the builder, and
    // what it kept ends when the socket closes.
    let _ = proc::setsid();
    proc::set_child_subreaper(Some(proc::getpid()))?;

    let (tell, happenings) = mpsc::channel();
    let result = match arguments.next() {
        Some(program) => keep_program(&control, program, arguments, &tell, &happenings),
        None => {
            until_released(&control);
            Ok(())
        }
    };
    if let Some(folder) = folder {
        // Somebody else may have removed it already.
        let _ = fs::remove_dir_all(folder);
    }
    result
}

/// Takes the socket from where standard error was, which becomes the output's.
fn control() -> io::Result<UnixStream> {
    // A copy that the program does not inherit: its end is how the builder is
    // noticed.
    let control = io::stderr().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stderr(io::stdout())?;
    Ok(UnixStream::from(control))
}

fn keep_program(
    control: &UnixStream,
    program: OsString,
    arguments: impl Iterator<Item = OsString>,
    tell: &Sender<Happening>,
    happenings: &Receiver<Happening>,
) -> io::Result<()> {
    let mut command = Command::new(&program);
    command.args(arguments);
    // SAFETY: prctl(2) is a bare system call; nothing is allocated or locked
    // between fork and exec.
    unsafe {
        command.pre_exec(|| Ok(proc::set_parent_process_death_signal(Some(Signal::KILL))?));
    }
    let started = command.spawn();
    // The program has its own copies of these; while the keeper holds any, the
    // builder would never see the end of the output.
    let null = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    let child = match started {
        Ok(child) => child,
        Err(error) => {
            say(control, &Word::NotStarted(error.to_string()));
            return Ok(());
        }
    };
    say(control, &Word::Started(child.id()));

    let reaper = tell.clone();
    thread::spawn(move || reap(&reaper));
    let (listener, released) = (control.try_clone()?, tell.clone());
    thread::spawn(move || {
        until_released(&listener);
        let _ = released.send(Happening::Released);
    });
    if let Some(ending) = wait_for(child.id(), happenings) {
        await_children(control, happenings);
        say(control, &Word::Ended(ending));
    } else {
        end_all(happenings);
    }
    Ok(())
}

/// The program's end, or nothing when the builder let go first.
fn wait_for(program: u32, happenings: &Receiver<Happening>) -> Option<Ending> {
    let program = i32::try_from(program).ok()?;
    loop {
        match happenings.recv().ok()? {
            Happening::Reaped(pid, ending) if pid.as_raw_nonzero().get() == program => {
                return Some(ending);
            }
            Happening::Reaped(..) => {}
            Happening::Childless | Happening::Released => return None,
        }
    }
}

/// Lets the rest end by itself for a moment; then names it, and ends it.
fn await_children(control: &UnixStream, happenings: &Receiver<Happening>) {
    loop {
        match happenings.recv_timeout(GRACE) {
            Ok(Happening::Childless) | Err(RecvTimeoutError::Disconnected) => return,
            Ok(Happening::Reaped(..)) => {}
            Ok(Happening::Released) | Err(RecvTimeoutError::Timeout) => break,
        }
    }
    for (pid, name) in descendants() {
        say(control, &Word::Left(pid, name));
    }
    end_all(happenings);
}

/// Kills everything below until nothing is left. What a killed process leaves
/// is handed to this subreaper, so that each round reaches further down.
fn end_all(happenings: &Receiver<Happening>) {
    loop {
        for (pid, _) in descendants() {
            if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
                let _ = proc::kill_process(pid, Signal::KILL);
            }
        }
        match happenings.recv_timeout(Duration::from_millis(5)) {
            Ok(Happening::Childless) | Err(RecvTimeoutError::Disconnected) => return,
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Every living process below this one, with its name.
fn descendants() -> Vec<(u32, String)> {
    let stats: Vec<_> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            // Only a process has a number for a name, and it may be gone
            // between the listing and the reading.
            entry.file_name().to_str()?.parse::<i32>().ok()?;
            Stat::from_file(entry.path().join("stat")).ok()
        })
        .collect();
    let mut below = vec![i32::try_from(std::process::id()).unwrap_or_default()];
    let mut found = Vec::new();
    while let Some(parent) = below.pop() {
        for stat in stats.iter().filter(|stat| stat.ppid == parent) {
            below.push(stat.pid);
            if stat.state != 'Z' {
                found.push((stat.pid.unsigned_abs(), stat.comm.clone()));
            }
        }
    }
    found
}

fn reap(tell: &Sender<Happening>) {
    loop {
        let happening = match proc::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) => match ending(status) {
                Some(ending) => Happening::Reaped(pid, ending),
                None => continue,
            },
            Ok(None) | Err(rustix::io::Errno::INTR) => continue,
            Err(_) => Happening::Childless,
        };
        let last = matches!(happening, Happening::Childless);
        if tell.send(happening).is_err() || last {
            return;
        }
    }
}

fn ending(status: WaitStatus) -> Option<Ending> {
    let exit = status.exit_status().map(Ending::Exit);
    exit.or_else(|| status.terminating_signal().map(Ending::Signal))
}

/// Returns when the other end of the socket is closed.
fn until_released(control: &UnixStream) {
    let mut control = control;
    let mut byte = [0];
    while let Ok(1..) = control.read(&mut byte) {}
}

fn say(control: &UnixStream, word: &Word) {
    let mut control = control;
    if let Ok(mut line) = serde_json::to_vec(word) {
        line.push(b'\n');
        // A builder that is gone need not be told.
        let _ = control.write_all(&line);
    }
}
