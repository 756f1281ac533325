//! A warden's life: it keeps one program.

use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::ptr;
use std::time::Duration;

use rustix::process::{self as proc, Pid, Signal, WaitOptions, WaitStatus};

use super::below::{below, end_below};
use super::wire::{ChildEnds, say};
use super::{Ending, Word};

/// How long what a program leaves behind may take to end by itself: a child
/// that its parent did not wait for is often on its way out.
const GRACE: Duration = Duration::from_millis(300);

/// Runs a program until nothing is left of it, or the builder lets go, or the
/// keeper is gone.
pub fn keep(
    program: Command,
    told: &OwnedFd,
    output: OwnedFd,
    input: OwnedFd,
    child_ends: &ChildEnds,
    keeper: Pid,
) -> io::Result<()> {
    let _ = proc::setsid();
    proc::set_child_subreaper(Some(proc::getpid()))?;
    // The keeper's death is told as a child's is.
    proc::set_parent_process_death_signal(Some(Signal::CHILD))?;
    // A copy of the keeper's socket would hide its death from the builder.
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    let program = match start(program, output, input) {
        Ok(program) => program,
        Err(error) => {
            say(told, &Word::NotStarted(error.to_string()));
            return Ok(());
        }
    };
    say(told, &Word::Started(program));
    let mut ended = None;
    let mut childless = false;
    while !childless && proc::getppid() == Some(keeper) {
        // A moment for the rest.
        let [true, _] = child_ends.or(told, ended.map(|_| GRACE))? else {
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
            say(told, &Word::Left(left.pid.unsigned_abs(), left.comm));
        }
        end_below(|_| true);
    }
    if let Some(ending) = ended {
        say(told, &Word::Ended(ending));
    }
    Ok(())
}

/// Starts the program; the builder would never see the end of the output while
/// anybody but the program held an end of it.
fn start(mut program: Command, output: OwnedFd, input: OwnedFd) -> io::Result<u32> {
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
            let mut none = MaybeUninit::uninit();
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
