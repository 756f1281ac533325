//! The builder's side of a keeper.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustix::net::{Shutdown, shutdown};
use rustix::process as proc;

use super::below::end_below;
use super::wire::{Program, Request, hear, readable, sockets};
use super::{Ending, KILLED, NAME, Word};

/// The most that a program may print: enough for any page, and a bound for a
/// program that floods.
pub const OUTPUT_LIMIT: usize = 1 << 20;

/// The keeper of this process, from the first request on.
static KEEPER: Mutex<Option<Keeper>> = Mutex::new(None);

struct Keeper {
    process: Child,
    requests: OwnedFd,
}

impl Keeper {
    fn start() -> io::Result<Self> {
        // If the keeper is killed, what it kept is handed to this process.
        proc::set_child_subreaper(Some(proc::getpid()))?;
        let (requests, theirs) = sockets()?;
        // The running binary, even if a newer one has taken its place on disk. In
        // the place of standard input the socket needs no number of its own, which
        // only code between fork and exec could hand on.
        let process = Command::new("/proc/self/exe")
            .arg0(NAME)
            .stdin(theirs)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { process, requests })
    }

    /// Waits until it has ended, and all that it kept.
    fn end(mut self) {
        drop(self.requests);
        let _ = self.process.wait();
    }

    /// Ends what it left when it was killed. What it had started is in sessions of
    /// their own; what this process starts is in that of this process.
    fn clear(self) {
        self.end();
        let own = proc::getsid(None).map(|own| own.as_raw_nonzero().get());
        end_below(|child| own.is_ok_and(|own| child.session != own));
    }
}

fn keeper() -> MutexGuard<'static, Option<Keeper>> {
    KEEPER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the keeper of this process. There is a new one for the next request.
pub fn end() {
    if let Some(keeper) = keeper().take() {
        keeper.end();
    }
}

/// Has the keeper keep something; tells the keeper's process id.
pub fn ask(request: &Request, with: &[BorrowedFd]) -> io::Result<u32> {
    let mut current = keeper();
    if let Some(dead) = current.take_if(|keeper| !matches!(keeper.process.try_wait(), Ok(None))) {
        dead.clear();
    }
    let keeper = match &mut *current {
        Some(keeper) => keeper,
        none => none.insert(Keeper::start()?),
    };
    request.send(&keeper.requests, with)?;
    Ok(keeper.process.id())
}

/// A program that runs under a keeper.
///
/// Dropping it ends the program, and everything that it started.
pub struct Kept {
    /// The process id of its keeper, and what is told of the program.
    keeper: u32,
    told: OwnedFd,
    /// Whether nothing is left of it.
    cleared: bool,
    /// The program's process id.
    pub pid: u32,
    /// The program's standard input; `None` when none was asked for.
    pub stdin: Option<PipeWriter>,
    /// What it prints, until nobody can print any more.
    output: Option<PipeReader>,
    printed: usize,
    ending: Option<Ending>,
}

/// Something that a kept program did.
#[derive(Debug)]
pub enum Event {
    /// It printed these bytes, on standard output or standard error.
    Printed(Vec<u8>),
    /// It printed more than [`OUTPUT_LIMIT`] bytes.
    Flooded,
    /// It ended but left this process behind: id and name.
    Left(u32, String),
    /// It has ended, and everything below it, and nobody can print any more.
    Ended(Ending),
    /// Its keeper was killed.
    KeeperGone,
    /// Nothing, for as long as was allowed.
    TimedOut,
}

impl Kept {
    /// Starts a program under a keeper.
    pub fn start(program: &Command, takes_input: bool) -> io::Result<Self> {
        let (output, writer) = io::pipe()?;
        let (stdin, input) = if takes_input {
            let (reader, writer) = io::pipe()?;
            (Some(writer), OwnedFd::from(reader))
        } else {
            (None, File::open("/dev/null")?.into())
        };
        let (told, theirs) = sockets()?;
        let with = [theirs.as_fd(), writer.as_fd(), input.as_fd()];
        let mut kept = Self {
            keeper: ask(&Request::Program(Program::of(program)?), &with)?,
            told,
            cleared: false,
            pid: 0,
            stdin,
            output: Some(output),
            printed: 0,
            ending: None,
        };
        drop((theirs, writer, input));
        match kept.hear() {
            Some(Word::Started(pid)) => kept.pid = pid,
            Some(Word::NotStarted(why)) => return Err(io::Error::other(why)),
            _ => return Err(io::Error::other(KILLED)),
        }
        Ok(kept)
    }

    /// What happens next, by then.
    pub fn next(&mut self, deadline: Instant) -> io::Result<Event> {
        loop {
            if let (Some(how), None) = (self.ending, &self.output) {
                return Ok(Event::Ended(how));
            }
            let told = (!self.cleared).then(|| self.told.as_fd());
            let output = self.output.as_ref().map(AsFd::as_fd);
            let left = deadline.saturating_duration_since(Instant::now());
            let [printed, heard] = readable([output, told], Some(left))?;
            if let Some(output) = self.output.as_mut().filter(|_| printed) {
                let mut chunk = vec![0; 16 << 10];
                let length = output.read(&mut chunk)?;
                chunk.truncate(length);
                self.printed += length;
                match self.printed {
                    _ if length == 0 => self.output = None,
                    ..=OUTPUT_LIMIT => return Ok(Event::Printed(chunk)),
                    _ => return Ok(Event::Flooded),
                }
                continue;
            }
            if !heard {
                return Ok(Event::TimedOut);
            }
            match self.hear() {
                Some(Word::Ended(how)) => self.ending = Some(how),
                Some(Word::Left(pid, name)) => return Ok(Event::Left(pid, name)),
                _ if self.ending.is_none() => return Ok(Event::KeeperGone),
                _ => {}
            }
        }
    }

    /// The next word; `None` when the keeper itself has been killed.
    fn hear(&mut self) -> Option<Word> {
        let word = hear(&self.told);
        self.cleared = matches!(word, None | Some(Word::Cleared));
        if word.is_none()
            && let Some(killed) = keeper().take_if(|keeper| keeper.process.id() == self.keeper)
        {
            killed.clear();
        }
        word
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = shutdown(&self.told, Shutdown::Write);
        while !self.cleared {
            self.hear();
        }
    }
}
