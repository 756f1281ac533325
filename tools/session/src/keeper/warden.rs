//! A warden's life: it keeps one program, or one folder alone.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::ptr;
use std::time::Duration;

use rustix::process::{self as proc, Pid, Signal, WaitOptions, WaitStatus};

use super::below::{below, end_below};
use super::wire::{Happening, Request, Signals, say};
use super::{Ending, Word};

/// How long what a program leaves behind may take to end by itself: a child
/// that its parent did not wait for is often on its way out.
const GRACE: Duration = Duration::from_millis(300);

/// Does what is asked until nothing is left to keep, or the builder lets go.
pub fn keep(
    request: Request,
    control: &OwnedFd,
    stdio: Vec<OwnedFd>,
    signals: &Signals,
    keeper: Pid,
) -> io::Result<()> {
    let _ = proc::setsid();
    proc::set_child_subreaper(Some(proc::getpid()))?;
    proc::set_parent_process_death_signal(Some(Signal::TERM))?;
    rustix::stdio::dup2_stdin(fs::File::open("/dev/null")?)?;
    // The keeper may have died before its death was to be told.
    if proc::getppid() == Some(keeper) {
        match request.program {
            Some(program) => keep_program(program, control, stdio, signals)?,
            None => {
                while !matches!(
                    signals.or(control, None)?,
                    Happening::Heard | Happening::Dismissed
                ) {}
            }
        }
    }
    if let Some(folder) = request.folder {
        // Somebody else may have removed it already.
        let _ = fs::remove_dir_all(folder);
    }
    Ok(())
}

fn keep_program(
    program: Command,
    control: &OwnedFd,
    stdio: Vec<OwnedFd>,
    signals: &Signals,
) -> io::Result<()> {
    let program = match start(program, stdio) {
        Ok(program) => program,
        Err(error) => {
            say(control, &Word::NotStarted(error.to_string()));
            return Ok(());
        }
    };
    say(control, &Word::Started(program));
    let mut ended = None;
    let mut childless = false;
    while !childless {
        // A moment for the rest.
        match signals.or(control, ended.map(|_| GRACE))? {
            Happening::ChildEnded => loop {
                match proc::wait(WaitOptions::NOHANG) {
                    Ok(Some((pid, status)))
                        if pid.as_raw_nonzero().get().unsigned_abs() == program =>
                    {
                        ended = ending(status);
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(_) => {
                        childless = true;
                        break;
                    }
                }
            },
            Happening::Heard | Happening::Dismissed | Happening::Nothing => break,
        }
    }
    if !childless {
        if ended.is_some() {
            for left in below(|_| true).into_iter().filter(|left| left.state != 'Z') {
                say(control, &Word::Left(left.pid.unsigned_abs(), left.comm));
            }
        }
        end_below(|_| true);
    }
    if let Some(ending) = ended {
        say(control, &Word::Ended(ending));
    }
    Ok(())
}

/// Starts the program; the builder would never see the end of the output while
/// anybody but the program held an end of it.
fn start(mut program: Command, stdio: Vec<OwnedFd>) -> io::Result<u32> {
    let Ok([output, input]) = <[OwnedFd; 2]>::try_from(stdio) else {
        return Err(io::Error::other("no input and output came with it"));
    };
    // A terminal shows both in the order of printing.
    program
        .stderr(output.try_clone()?)
        .stdout(output)
        .stdin(input);
    // As a shell starts it: a signal for its group is not for its warden.
    program.process_group(0);
    // SAFETY: these are bare system calls; nothing is allocated or locked between
    // fork and exec. sigemptyset(3) makes the set that sigprocmask(2) reads.
    unsafe {
        program.pre_exec(|| {
            let mut none = std::mem::MaybeUninit::uninit();
            libc::sigemptyset(none.as_mut_ptr());
            libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), ptr::null_mut());
            Ok(proc::set_parent_process_death_signal(Some(Signal::KILL))?)
        });
    }
    Ok(program.spawn()?.id())
}

fn ending(status: WaitStatus) -> Option<Ending> {
    let exit = status.exit_status().map(Ending::Exit);
    exit.or_else(|| status.terminating_signal().map(Ending::Signal))
}
