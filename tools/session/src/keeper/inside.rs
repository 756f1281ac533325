//! The keeper's own life. Its standard input is the socket to the builder, which
//! asks for one program at a time.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::Duration;

use rustix::process::{self as proc, Signal, WaitOptions, WaitStatus};

use super::below::{below, end_below};
use super::wire::{ChildEnds, Request, receive, send};
use super::{Ending, Folder, Word};

/// How long what a program leaves behind may take to end by itself: a child
/// that its parent did not wait for is often on its way out.
const GRACE: Duration = Duration::from_millis(300);

/// How often a folder is removed, a hundredth of a second apart, in which another
/// keeper may be ending something.
const REMOVALS: u32 = 100;

/// Runs as the keeper until the builder is gone, and nothing is left to keep.
pub fn main() -> ExitCode {
    // Nobody listens to it but the builder.
    keep().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

fn keep() -> io::Result<()> {
    // Out of the terminal's process group: a Ctrl-C is for the builder, and
    // what it kept ends when the socket closes.
    let _ = proc::setsid();
    proc::set_child_subreaper(Some(proc::getpid()))?;
    let mut child_ends = ChildEnds::take()?;
    let mut folders: Vec<Folder> = Vec::new();
    while let Some((request, with)) = receive(io::stdin())? {
        match request {
            Request::Folder(path) => {
                // The builder itself removes most of them.
                folders.retain(Folder::is_there);
                let lock = with.into_iter().next();
                folders.extend(lock.map(|lock| Folder::of(path, lock)));
            }
            Request::LetGo => say(&Word::Cleared),
            Request::Program(program) => match start(program.command(), with) {
                Ok(program) => keep_program(program, &mut child_ends)?,
                Err(error) => say(&Word::NotStarted(error.to_string())),
            },
        }
    }
    for _ in 0..REMOVALS {
        folders.retain(|folder| !folder.remove());
        if folders.is_empty() {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Tells the builder. One that is gone need not be told.
fn say(word: &Word) {
    let _ = send(io::stdin(), word, &[]);
}

/// Starts the program; the builder would never see the end of the output while
/// anybody but the program held an end of it.
fn start(mut program: Command, with: Vec<OwnedFd>) -> io::Result<u32> {
    let [output, input] = <[OwnedFd; 2]>::try_from(with)
        .map_err(|_| io::Error::other("a program comes with its output and its input"))?;
    // A terminal shows both in the order of printing.
    program
        .stderr(output.try_clone()?)
        .stdout(output)
        .stdin(input);
    // As a shell starts it: a signal for its group is not for its keeper.
    program.process_group(0);
    // SAFETY: prctl(2) is a bare system call; nothing is allocated or locked between
    // fork and exec.
    unsafe {
        program.pre_exec(|| Ok(proc::set_parent_process_death_signal(Some(Signal::KILL))?));
    }
    Ok(program.spawn()?.id())
}

/// Waits until nothing is left of a program, or the builder lets go or is gone.
fn keep_program(program: u32, child_ends: &mut ChildEnds) -> io::Result<()> {
    say(&Word::Started(program));
    let mut ended = None;
    let mut childless = false;
    while !childless {
        // A moment for the rest.
        let [true, _] = child_ends.or(io::stdin(), ended.map(|_| GRACE))? else {
            break;
        };
        childless = loop {
            match proc::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid.as_raw_nonzero().get().unsigned_abs() == program => {
                    ended = ending(status);
                }
                Ok(Some(_)) => {}
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
    }
    if !childless {
        let left = below(|_| true).into_iter();
        for left in left.filter(|left| ended.is_some() && left.state != 'Z') {
            say(&Word::Left(left.pid.unsigned_abs(), left.comm));
        }
        end_below(|_| true);
    }
    if let Some(ending) = ended {
        say(&Word::Ended(ending));
    }
    Ok(())
}

fn ending(status: WaitStatus) -> Option<Ending> {
    let exit = status.exit_status().map(Ending::Exit);
    exit.or_else(|| status.terminating_signal().map(Ending::Signal))
}
