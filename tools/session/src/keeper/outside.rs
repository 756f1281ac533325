//! The builder's side of a keeper.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read};
use std::mem;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustix::process as proc;

use super::below::{end_below, stat};
use super::wire::{Program, Request, readable, receive, send, sockets};
use super::{Ending, NAME, Word};

/// The most that a program may print: enough for any page, and a bound for a
/// program that floods.
const OUTPUT_LIMIT: usize = 1 << 20;

/// The keepers of this process.
static KEEPERS: Mutex<Keepers> = Mutex::new(Keepers {
    idle: Vec::new(),
    living: BTreeSet::new(),
});

struct Keepers {
    idle: Vec<Keeper>,
    /// The process ids of all, the busy ones among them.
    living: BTreeSet<u32>,
}

struct Keeper {
    process: Child,
    socket: OwnedFd,
}

fn keepers() -> MutexGuard<'static, Keepers> {
    KEEPERS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Keeper {
    /// An idle one, or a new one.
    fn take() -> io::Result<Self> {
        let mut keepers = keepers();
        while let Some(mut idle) = keepers.idle.pop() {
            if matches!(idle.process.try_wait(), Ok(None)) {
                return Ok(idle);
            }
            keepers.living.remove(&idle.process.id());
        }
        // If a keeper is killed, what it kept is handed to this process.
        proc::set_child_subreaper(Some(proc::getpid()))?;
        let (socket, theirs) = sockets()?;
        // The running binary, even if a newer one has taken its place on disk. In
        // the place of standard input the socket needs no number of its own, which
        // only code between fork and exec could hand on.
        let process = Command::new("/proc/self/exe")
            .arg0(NAME)
            .stdin(theirs)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        keepers.living.insert(process.id());
        Ok(Self { process, socket })
    }

    /// Waits until it has ended, and all that it kept. If it was killed, what it kept
    /// is below this process now, in sessions of its own; what this process itself
    /// started is in that of this process.
    fn end(mut self) {
        drop(self.socket);
        let status = self.process.wait();
        let mut keepers = keepers();
        keepers.living.remove(&self.process.id());
        if !status.is_ok_and(|status| status.success()) {
            // 0 in a container whose session began outside: no number for rustix.
            let own = stat(std::process::id()).map(|own| own.session);
            end_below(|child| {
                own.as_ref().is_ok_and(|own| child.session != *own)
                    && !keepers.living.contains(&child.pid.unsigned_abs())
            });
        }
    }
}

/// Has a keeper keep a folder.
pub fn keep_folder(path: &Path, lock: &File) -> io::Result<()> {
    let keeper = Keeper::take()?;
    send(
        &keeper.socket,
        &Request::Folder(path.into()),
        &[lock.as_fd()],
    )?;
    keepers().idle.push(keeper);
    Ok(())
}

/// Ends the keepers of this process that keep no program.
pub fn end() {
    let idle = mem::take(&mut keepers().idle);
    idle.into_iter().for_each(Keeper::end);
}

/// A program that runs under a keeper.
///
/// Dropping it ends the program, and everything that it started.
pub struct Kept {
    /// `None` when it has nothing to keep any more.
    keeper: Option<Keeper>,
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
    /// It ended but left this process behind: id and name.
    Left(u32, String),
    /// It has ended, and everything below it, and nobody can print any more.
    Ended(Ending),
    /// Nothing, for as long as was allowed.
    TimedOut,
}

impl Kept {
    /// Starts a program under a keeper.
    pub fn start(program: Program, takes_input: bool) -> io::Result<Self> {
        let (output, writer) = io::pipe()?;
        let (stdin, input) = if takes_input {
            let (reader, writer) = io::pipe()?;
            (Some(writer), OwnedFd::from(reader))
        } else {
            (None, File::open("/dev/null")?.into())
        };
        let keeper = Keeper::take()?;
        let with = [writer.as_fd(), input.as_fd()];
        let sent = send(&keeper.socket, &Request::Program(program), &with);
        let mut kept = Self {
            keeper: Some(keeper),
            pid: 0,
            stdin,
            output: Some(output),
            printed: 0,
            ending: None,
        };
        sent?;
        match kept.hear() {
            Some(Word::Started(pid)) => kept.pid = pid,
            Some(Word::NotStarted(why)) => {
                kept.rest();
                return Err(io::Error::other(why));
            }
            _ => return Err(keeper_gone()),
        }
        Ok(kept)
    }

    /// What happens next, by then.
    pub fn next(&mut self, deadline: Instant) -> io::Result<Event> {
        loop {
            if let (Some(how), None) = (self.ending, &self.output) {
                return Ok(Event::Ended(how));
            }
            let words = self.keeper.as_ref().map(|keeper| keeper.socket.as_fd());
            let output = self.output.as_ref().map(AsFd::as_fd);
            let left = deadline.saturating_duration_since(Instant::now());
            let [printed, heard] = readable([output, words], Some(left))?;
            if let Some(output) = self.output.as_mut().filter(|_| printed) {
                let mut chunk = vec![0; 16 << 10];
                let length = output.read(&mut chunk)?;
                chunk.truncate(length);
                self.printed += length;
                if self.printed > OUTPUT_LIMIT {
                    return Err(io::Error::other(format!(
                        "printed more than {OUTPUT_LIMIT} bytes; a page shows a few lines"
                    )));
                }
                if length > 0 {
                    return Ok(Event::Printed(chunk));
                }
                self.output = None;
                continue;
            }
            if !heard {
                return Ok(Event::TimedOut);
            }
            match self.hear() {
                Some(Word::Ended(how)) => {
                    self.ending = Some(how);
                    self.rest();
                }
                Some(Word::Left(pid, name)) => return Ok(Event::Left(pid, name)),
                _ => return Err(keeper_gone()),
            }
        }
    }

    /// The next word; `None` when the keeper has been killed.
    fn hear(&mut self) -> Option<Word> {
        let heard = receive(&self.keeper.as_ref()?.socket).ok().flatten();
        heard.map(|(word, _)| word)
    }

    /// Leaves the keeper to whoever wants one next.
    fn rest(&mut self) {
        keepers().idle.extend(self.keeper.take());
    }
}

fn keeper_gone() -> io::Error {
    io::Error::other(
        "did not end by itself: its keeper was killed, by hand or for want of memory (`dmesg` tells), and what it kept was ended",
    )
}

impl Drop for Kept {
    fn drop(&mut self) {
        let Some(keeper) = &self.keeper else {
            return;
        };
        // That it was killed is heard.
        let _ = send(&keeper.socket, &Request::LetGo, &[]);
        while let Some(word) = self.hear() {
            if word == Word::Cleared {
                self.rest();
                return;
            }
        }
        if let Some(keeper) = self.keeper.take() {
            keeper.end();
        }
    }
}
