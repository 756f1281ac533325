//! The keeper's own life. Its standard input is the socket on which the builder
//! asks.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{self, ExitCode};

use rustix::process::{self as proc, Pid, Signal, WaitOptions};

use super::Word;
use super::below::end_below;
use super::warden;
use super::wire::{Happening, Request, Signals, say};

/// What one request has become.
struct Charge {
    warden: Pid,
    control: OwnedFd,
    folder: Option<PathBuf>,
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
    let signals = Signals::take()?;
    let mut charges = Vec::new();
    loop {
        match signals.or(io::stdin(), None)? {
            Happening::ChildEnded => reap(&mut charges, WaitOptions::NOHANG),
            Happening::Heard => match Request::receive(io::stdin())? {
                Some((request, with)) => take(request, with, &signals, &mut charges),
                None => break,
            },
            Happening::Dismissed => break,
            Happening::Nothing => {}
        }
    }
    for charge in &charges {
        let _ = proc::kill_process(charge.warden, Signal::TERM);
    }
    reap(&mut charges, WaitOptions::empty());
    Ok(())
}

/// Forks a warden for a request.
fn take(request: Request, mut with: Vec<OwnedFd>, signals: &Signals, charges: &mut Vec<Charge>) {
    let control = with.remove(0);
    let keeper = proc::getpid();
    // SAFETY: this process has one thread, so a child may do what this one may.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // Its copies would hide the ends of the others.
        charges.clear();
        let done = warden::keep(request, &control, with, signals, keeper);
        process::exit(i32::from(done.is_err()));
    }
    match Pid::from_raw(child).filter(|_| child > 0) {
        Some(warden) => charges.push(Charge {
            warden,
            control,
            folder: request.folder,
        }),
        None => {
            let error = io::Error::last_os_error();
            say(control, &Word::NotStarted(error.to_string()));
        }
    }
}

/// Takes note of the wardens that have ended. What one of them leaves, if it was
/// killed, is handed to this subreaper.
fn reap(charges: &mut Vec<Charge>, how: WaitOptions) {
    while let Ok(Some((pid, status))) = proc::wait(how) {
        let Some(at) = charges.iter().position(|charge| charge.warden == pid) else {
            continue;
        };
        let charge = charges.swap_remove(at);
        if status.exit_status() != Some(0) {
            let is_warden = |pid| {
                charges
                    .iter()
                    .any(|charge| charge.warden.as_raw_nonzero().get() == pid)
            };
            end_below(|child| !is_warden(child.pid));
            if let Some(folder) = charge.folder {
                let _ = fs::remove_dir_all(folder);
            }
        }
        say(&charge.control, &Word::Cleared);
    }
}
