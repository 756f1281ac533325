//! Drives a listing from checkpoint to checkpoint.

mod command;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::page_text::{PageTextError, page_text_from};
use super::snapshot::{ProcError, ProcFiles, page_states, wait_until_asleep};
use super::{Checkpoint, Moment, Record};
use crate::compile::readers_environment;
use crate::environment::Environment;
use crate::keeper::{self, Ending, Event, Kept, Word};
use crate::session::Session;

/// Why a session left no record.
#[derive(Debug, thiserror::Error)]
pub enum SessionFailure {
    #[error("cannot start the session: {0}")]
    Start(#[from] io::Error),
    #[error(
        "timed out after {seconds} s, waiting for {waiting_for}; a checkpoint is a whole line such as `mapped: press Return to write one byte`, and `seconds = N` in session.toml allows more time{}",
        so_far(output)
    )]
    TimedOut {
        seconds: u64,
        waiting_for: String,
        output: String,
    },
    #[error(
        "printed more than {} bytes; a listing prints a few lines a reader can follow{}",
        keeper::OUTPUT_LIMIT,
        so_far(output)
    )]
    Flooded { output: String },
    #[error("{0}; a listing prints plain text")]
    Text(#[from] PageTextError),
    #[error(
        "ended with {ending} instead of {expected}, {whence}; if that is meant, session.toml says so with `exit-status = N` or `signal = \"SIG…\"`{}",
        so_far(output)
    )]
    WrongEnding {
        ending: Ending,
        expected: Ending,
        whence: String,
        output: String,
    },
    #[error(
        "left {} running when it ended; a listing waits for what it starts{}",
        processes.join(", "),
        so_far(output)
    )]
    LeftProcesses {
        processes: Vec<String>,
        output: String,
    },
    #[error(
        "reached the checkpoint `{0}` twice; each checkpoint of a listing has a name of its own"
    )]
    TwiceReached(String),
    #[error(
        "went on running after it announced the checkpoint `{0}`; it must wait for Return there"
    )]
    NotWaiting(String),
    #[error(transparent)]
    Proc(#[from] ProcError),
    #[error("the process that guards the session was killed")]
    KeeperGone,
}

fn so_far(output: &str) -> String {
    if output.is_empty() {
        return "\nit printed nothing".to_owned();
    }
    let lines: Vec<&str> = output.lines().collect();
    let shown = &lines[lines.len().saturating_sub(12)..];
    let cut = if shown.len() < lines.len() {
        "...\n"
    } else {
        ""
    };
    format!("\nit printed:\n{cut}{}", shown.join("\n"))
}

/// Runs one session of a listing.
///
/// `commands` are those of the chapters: at each checkpoint that a chapter
/// looks at, perhaps none.
pub fn record(
    listing: &str,
    program: &Path,
    session: &Session,
    environment: &Environment,
    commands: &BTreeMap<String, BTreeSet<String>>,
) -> Result<Record, SessionFailure> {
    if let Some(reason) = session.needs.missing(environment) {
        return Ok(Record {
            listing: listing.to_owned(),
            environment: environment.clone(),
            pid: 0,
            transcript: Vec::new(),
            checkpoints: Vec::new(),
            ending: Ending::Exit(0),
            skipped: Some(reason),
        });
    }
    let folder = tempfile::Builder::new()
        .prefix("session-")
        .tempdir()?
        .keep();
    for (name, text) in &session.files {
        fs::write(folder.join(name), text)?;
    }
    let mut like = keeper::command();
    like.current_dir(&folder);
    readers_environment(&mut like);
    let kept = Kept::start(
        like,
        program.as_os_str(),
        &session.arguments,
        Some(&folder),
        true,
    )?;
    let mut run = Run {
        session,
        folder: &folder,
        commands,
        page_size: environment.page_size,
        pid: kept.pid,
        kept,
        output: Vec::new(),
        read: 0,
        lines: 0,
        transcript: Vec::new(),
        addresses: BTreeMap::new(),
        checkpoints: Vec::new(),
        left: Vec::new(),
    };
    let ending = run.drive()?;
    let skipped = run.skipped(ending);
    Ok(Record {
        listing: listing.to_owned(),
        environment: environment.clone(),
        pid: run.pid,
        transcript: run.transcript,
        checkpoints: run.checkpoints,
        ending,
        skipped,
    })
}

/// A session under way.
struct Run<'a> {
    kept: Kept,
    session: &'a Session,
    folder: &'a Path,
    commands: &'a BTreeMap<String, BTreeSet<String>>,
    page_size: u64,
    pid: u32,
    /// Every byte printed so far, and how many of them were read as lines.
    output: Vec<u8>,
    read: usize,
    lines: usize,
    transcript: Vec<Moment>,
    addresses: BTreeMap<String, u64>,
    checkpoints: Vec<Checkpoint>,
    left: Vec<String>,
}

impl Run<'_> {
    fn drive(&mut self) -> Result<Ending, SessionFailure> {
        let mut deadline = self.deadline();
        let mut ending = None;
        let mut closed = false;
        while !(closed && ending.is_some()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.kept.events.recv_timeout(left) {
                Ok(Event::Printed(bytes)) => {
                    self.output.extend(bytes);
                    if self.take_lines()? {
                        deadline = self.deadline();
                    }
                }
                Ok(Event::OutputClosed) => {
                    closed = true;
                    if !self.output.ends_with(b"\n") && !self.output.is_empty() {
                        self.output.push(b'\n');
                        self.take_lines()?;
                    }
                }
                Ok(Event::Flooded) => {
                    return Err(SessionFailure::Flooded {
                        output: self.printed(),
                    });
                }
                Ok(Event::Keeper(Word::Started(_) | Word::NotStarted(_))) => {}
                Ok(Event::Keeper(Word::Left(pid, name))) => {
                    self.left.push(format!("`{name}` (process {pid})"));
                }
                Ok(Event::Keeper(Word::Ended(how))) => ending = Some(how),
                Ok(Event::KeeperGone) if ending.is_some() => {}
                Ok(Event::KeeperGone) | Err(RecvTimeoutError::Disconnected) => {
                    return Err(SessionFailure::KeeperGone);
                }
                Err(RecvTimeoutError::Timeout) => return Err(self.timed_out()),
            }
        }
        let ending = ending.ok_or(SessionFailure::KeeperGone)?;
        self.judge(ending)?;
        Ok(ending)
    }

    fn judge(&self, ending: Ending) -> Result<(), SessionFailure> {
        let expected = self.session.expected_ending();
        if ending != expected && self.skipped(ending).is_none() {
            return Err(SessionFailure::WrongEnding {
                ending,
                expected,
                whence: match self.checkpoints.last() {
                    Some(last) => format!("after the checkpoint `{}`", last.name),
                    None => "before any checkpoint".to_owned(),
                },
                output: self.printed(),
            });
        }
        if !self.left.is_empty() {
            return Err(SessionFailure::LeftProcesses {
                processes: self.left.clone(),
                output: self.printed(),
            });
        }
        Ok(())
    }

    /// The reason that a listing gave for doing nothing here.
    fn skipped(&self, ending: Ending) -> Option<String> {
        if ending != Ending::Exit(0) {
            return None;
        }
        self.transcript.iter().find_map(|moment| match moment {
            Moment::Printed(line) => line.strip_prefix("skipped: ").map(str::to_owned),
            Moment::Pressed(_) => None,
        })
    }

    /// Reads the lines that are complete; tells whether one was a checkpoint.
    fn take_lines(&mut self) -> Result<bool, SessionFailure> {
        let mut reached = false;
        while let Some(length) = self.output[self.read..].iter().position(|b| *b == b'\n') {
            let end = self.read + length;
            let line = self.output[self.read..end].to_vec();
            self.lines += 1;
            self.read = end + 1;
            let line = page_text_from(self.lines, line)?;
            self.transcript.push(Moment::Printed(line.clone()));
            if let Some((name, address)) = address(&line) {
                self.addresses.insert(name.to_owned(), address);
            }
            if let Some((name, next)) = checkpoint(&line) {
                self.look(name, next)?;
                self.press(name);
                reached = true;
            }
        }
        Ok(reached)
    }

    /// All that a second terminal sees while the listing waits.
    fn look(&mut self, name: &str, next: &str) -> Result<(), SessionFailure> {
        if self.checkpoints.iter().any(|reached| reached.name == name) {
            return Err(SessionFailure::TwiceReached(name.to_owned()));
        }
        if !wait_until_asleep(self.pid, self.session.time_limit())? {
            return Err(SessionFailure::NotWaiting(name.to_owned()));
        }
        let proc = ProcFiles::read(self.pid)?;
        let pages = page_states(self.pid, &self.addresses, &proc.smaps, self.page_size)?;
        let second_terminal = command::SecondTerminal {
            pid: self.pid,
            addresses: &self.addresses,
            folder: self.folder,
            limit: self.session.time_limit(),
            smaps: &proc.smaps,
        };
        let of_session = self.session.commands.get(name).into_iter().flatten();
        let of_chapters = self.commands.get(name).into_iter().flatten();
        let all: BTreeSet<&String> = of_session.chain(of_chapters).collect();
        let commands = all
            .into_iter()
            .map(|text| second_terminal.run(text))
            .collect();
        self.checkpoints.push(Checkpoint {
            name: name.to_owned(),
            next: next.to_owned(),
            addresses: self.addresses.clone(),
            proc,
            pages,
            commands,
        });
        Ok(())
    }

    fn press(&mut self, checkpoint: &str) {
        // A listing that has ended cannot read it: its ending tells the rest.
        if let Some(stdin) = &mut self.kept.stdin
            && stdin.write_all(b"\n").is_ok()
        {
            self.transcript.push(Moment::Pressed(checkpoint.to_owned()));
        }
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.session.time_limit()
    }

    fn timed_out(&self) -> SessionFailure {
        let reached = |name: &String| self.checkpoints.iter().any(|c| c.name == *name);
        let mut unreached = self.commands.keys().filter(|name| !reached(name));
        let after = match self.checkpoints.last() {
            Some(last) => format!(" after `{}`", last.name),
            None => String::new(),
        };
        SessionFailure::TimedOut {
            seconds: self.session.time_limit().as_secs(),
            waiting_for: match unreached.next() {
                Some(name) => format!("the checkpoint `{name}`{after}"),
                None => format!("the next checkpoint or the end{after}"),
            },
            output: self.printed(),
        }
    }

    fn printed(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }
}

/// `memory at 0x7f1571c00000`: a name and an address, perhaps with more behind.
fn address(line: &str) -> Option<(&str, u64)> {
    let (name, rest) = line.split_once(" at 0x")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty()
        || !name.starts_with(|c: char| c.is_ascii_lowercase())
        || !name.chars().all(plain)
    {
        return None;
    }
    let digits = rest
        .find(|c: char| !c.is_ascii_hexdigit())
        .unwrap_or(rest.len());
    Some((name, u64::from_str_radix(&rest[..digits], 16).ok()?))
}

/// `mapped: press Return to write one byte`: the name, and what comes next.
fn checkpoint(line: &str) -> Option<(&str, &str)> {
    let (name, next) = line.split_once(": press Return to ")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(plain))
        .then_some((name, next))
}

/// How long a command of the second terminal may take at the most.
const COMMAND_LIMIT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_an_address() {
        assert_eq!(
            address("memory at 0x7f1571c00000"),
            Some(("memory", 0x7f15_71c0_0000))
        );
        assert_eq!(address("page_1 at 0x1000, 4 KiB"), Some(("page_1", 0x1000)));
        assert_eq!(address("look at 0xzz"), None);
        assert_eq!(address("two words at 0x10"), None);
    }

    #[test]
    fn a_line_announces_a_checkpoint() {
        assert_eq!(
            checkpoint("mapped: press Return to write one byte"),
            Some(("mapped", "write one byte"))
        );
        assert_eq!(checkpoint("Press Return to go on"), None);
        assert_eq!(checkpoint("two words: press Return to go on"), None);
    }
}
