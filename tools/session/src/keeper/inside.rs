//! The keeper's own life. Its standard input is the socket on which the builder
//! asks.

use std::io;
use std::os::fd::OwnedFd;
use std::process::{self, Command, ExitCode};

use rustix::process::{self as proc, Pid, WaitOptions};

use super::below::end_below;
use super::wire::{ChildEnds, Request, say};
use super::{Folder, Word, warden};

/// A program's warden, and the socket for what is told of the program.
struct Charge {
    warden: Pid,
    told: OwnedFd,
}

/// Runs as the keeper until the builder is gone, and nothing is left to keep.
pub fn main() -> ExitCode {
    // Nobody listens to it but those who asked for something.
    keep().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

fn keep() -> io::Result<()> {
    // Out of the terminal's process group: a Ctrl-C is for the builder, and
    // what it kept ends when the socket closes.
    let _ = proc::setsid();
    proc::set_child_subreaper(Some(proc::getpid()))?;
    let child_ends = ChildEnds::take()?;
    let mut charges = Vec::new();
    let mut folders: Vec<Folder> = Vec::new();
    loop {
        let [child_ended, asked] = child_ends.or(io::stdin(), None)?;
        if child_ended {
            reap(&mut charges, WaitOptions::NOHANG);
        }
        if !asked {
            continue;
        }
        match Request::receive(io::stdin())? {
            Some((Request::Folder(path), with)) => {
                // The builder itself removes most of them.
                folders.retain(Folder::is_there);
                folders.extend(with.into_iter().map(|lock| Folder::of(&path, lock)));
            }
            Some((Request::Program(program), with)) => {
                charge(program.command(), with, &child_ends, &mut charges)?;
            }
            None => break,
        }
    }
    reap(&mut charges, WaitOptions::empty());
    Ok(())
}

/// Forks a warden for a program.
fn charge(
    program: Command,
    with: Vec<OwnedFd>,
    child_ends: &ChildEnds,
    charges: &mut Vec<Charge>,
) -> io::Result<()> {
    let [told, output, input] = <[OwnedFd; 3]>::try_from(with)
        .map_err(|_| io::Error::other("a program comes with three descriptors"))?;
    let keeper = proc::getpid();
    // SAFETY: this process has one thread, so a child may do what this one may.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // Its copies would hide the ends of the others.
        charges.clear();
        let done = warden::keep(program, &told, output, input, child_ends, keeper);
        process::exit(i32::from(done.is_err()));
    }
    match Pid::from_raw(child).filter(|_| child > 0) {
        Some(warden) => charges.push(Charge { warden, told }),
        None => {
            let error = io::Error::last_os_error();
            say(&told, &Word::NotStarted(error.to_string()));
            say(&told, &Word::Cleared);
        }
    }
    Ok(())
}

/// Takes note of the wardens that have ended. What one of them leaves, if it was
/// killed, is handed to this subreaper.
fn reap(charges: &mut Vec<Charge>, how: WaitOptions) {
    while !charges.is_empty()
        && let Ok(Some((pid, status))) = proc::wait(how)
    {
        let Some(at) = charges.iter().position(|charge| charge.warden == pid) else {
            continue;
        };
        let charge = charges.swap_remove(at);
        if status.exit_status() != Some(0) {
            let wardens: Vec<_> = charges.iter().map(|charge| Some(charge.warden)).collect();
            end_below(|child| !wardens.contains(&Pid::from_raw(child.pid)));
        }
        say(&charge.told, &Word::Cleared);
    }
}
