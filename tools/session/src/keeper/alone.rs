//! `capture-keep SECONDS PROGRAM [ARGUMENT…]`: any command, with a time limit
//! and nothing left running.
//!
//! Passes on what the program prints and the status that it ends with. A
//! program that takes too long is ended, with status 124, as timeout(1) has it.

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rustix::process::{Signal, set_parent_process_death_signal};

use super::{Event, Kept, Program, outside};

/// The name under which the running binary becomes this command.
pub const NAME: &str = "capture-keep";

pub fn main() -> ExitCode {
    let outcome = keep();
    // Whoever waits for this one need not wait for its keeper as well.
    outside::end();
    match outcome {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            let _ = writeln!(io::stderr(), "{NAME}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn keep() -> io::Result<u8> {
    // A builder that is killed takes this along, and that is what the keeper
    // notices.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let mut words = env::args_os().skip(1);
    let seconds = words.next().and_then(|text| text.to_str()?.parse().ok());
    let (Some(seconds), words @ [_, ..]) = (seconds, &words.collect::<Vec<_>>()[..]) else {
        return Err(io::Error::other("needs SECONDS PROGRAM [ARGUMENT…]"));
    };
    let program = Program {
        words: words.to_owned(),
        ..Program::default()
    };
    let mut kept = Kept::start(program, false)?;
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        match kept.next(deadline)? {
            Event::Printed(bytes) => io::stdout().write_all(&bytes)?,
            Event::Left(..) => {}
            Event::Ended(how) => return Ok(how.status()),
            Event::TimedOut => {
                let _ = writeln!(io::stderr(), "timed out after {seconds} s");
                return Ok(124);
            }
        }
    }
}
