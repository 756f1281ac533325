//! `capture-keep SECONDS PROGRAM [ARGUMENT…]`: any command, with a time limit
//! and nothing left running.
//!
//! Passes on what the program prints and the status that it ends with. A
//! program that takes too long is ended, with status 124, as timeout(1) has it.

use std::env;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rustix::process::{Signal, set_parent_process_death_signal};

use super::{Ending, Event, Kept, OUTPUT_LIMIT, Word, command};

/// The name under which the running binary becomes this command.
pub const NAME: &str = "capture-keep";

pub fn main() -> ExitCode {
    match keep() {
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
    let mut words = env::args().skip(1);
    let seconds = words.next().and_then(|text| text.parse().ok());
    let (Some(seconds), Some(program)) = (seconds, words.next()) else {
        return Err(io::Error::other("needs SECONDS PROGRAM [ARGUMENT…]"));
    };
    let arguments: Vec<String> = words.collect();
    let kept = Kept::start(command(), OsStr::new(&program), &arguments, None, false)?;
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let mut ending = None;
    let mut closed = false;
    while !(closed && ending.is_some()) {
        let left = deadline.saturating_duration_since(Instant::now());
        match kept.events.recv_timeout(left) {
            Ok(Event::Printed(bytes)) => io::stdout().write_all(&bytes)?,
            Ok(Event::OutputClosed) => closed = true,
            Ok(Event::Flooded) => {
                return Err(io::Error::other(format!(
                    "it printed more than {OUTPUT_LIMIT} bytes; a page shows a few lines"
                )));
            }
            Ok(Event::Keeper(Word::Ended(how))) => ending = Some(how),
            Ok(Event::Keeper(_)) => {}
            Ok(Event::KeeperGone) if ending.is_some() => {}
            Ok(Event::KeeperGone) => return Err(io::Error::other("its keeper was killed")),
            Err(_) => {
                let _ = writeln!(io::stderr(), "timed out after {seconds} s");
                return Ok(124);
            }
        }
    }
    Ok(match ending {
        Some(Ending::Exit(status)) => u8::try_from(status).unwrap_or(u8::MAX),
        // As a shell tells it.
        Some(Ending::Signal(number)) => u8::try_from(128 + number).unwrap_or(u8::MAX),
        None => 1,
    })
}
