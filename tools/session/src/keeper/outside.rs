//! The builder's side of a keeper.

use std::fs::{self, File};
use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::net::{Shutdown, shutdown};
use rustix::process as proc;

use super::below::end_below;
use super::wire::{Request, hear, readable, sockets};
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

/// A folder or a program that a keeper keeps. Dropping it ends the program, and
/// everything that it started, and removes the folder.
pub struct Guard {
    control: OwnedFd,
    folder: Option<PathBuf>,
    /// The process id of its keeper.
    keeper: u32,
    /// Whether nothing is left to keep.
    cleared: bool,
}

impl Guard {
    /// Has a keeper remove `folder` when this process ends, however it ends, or
    /// when the guard is dropped.
    pub fn of(folder: &Path) -> io::Result<Self> {
        Self::ask(Some(folder), None, &[])
    }

    fn ask(
        folder: Option<&Path>,
        program: Option<Command>,
        with: &[BorrowedFd],
    ) -> io::Result<Self> {
        let (control, theirs) = sockets()?;
        let folder = folder.map(Path::to_owned);
        let request = Request {
            folder: folder.clone(),
            program,
        };
        let with = [&[theirs.as_fd()], with].concat();
        let mut current = keeper();
        if let Some(dead) = current.take_if(|keeper| !matches!(keeper.process.try_wait(), Ok(None)))
        {
            dead.clear();
        }
        let keeper = match &mut *current {
            Some(keeper) => keeper,
            none => none.insert(Keeper::start()?),
        };
        request.send(&keeper.requests, &with)?;
        Ok(Self {
            control,
            folder,
            keeper: keeper.process.id(),
            cleared: false,
        })
    }

    /// The next word; `None` when there is none any more.
    fn hear(&mut self) -> Option<Word> {
        let word = hear(&self.control).filter(|_| !self.cleared);
        if word == Some(Word::Cleared) {
            self.cleared = true;
        } else if word.is_none() && !self.cleared {
            // The keeper has been killed, or is about to end.
            self.cleared = true;
            if let Some(killed) = keeper().take_if(|keeper| keeper.process.id() == self.keeper) {
                killed.clear();
            }
            if let Some(folder) = &self.folder {
                let _ = fs::remove_dir_all(folder);
            }
        }
        word
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = shutdown(&self.control, Shutdown::Write);
        while !self.cleared {
            self.hear();
        }
    }
}

/// A program that runs under a keeper.
///
/// Dropping it ends the program, and everything that it started.
pub struct Kept {
    guard: Guard,
    /// The program's process id.
    pub pid: u32,
    /// The program's standard input; `None` when none was asked for.
    pub stdin: Option<PipeWriter>,
    /// What it prints, until nobody can print any more.
    output: Option<PipeReader>,
    printed: usize,
}

/// Something that a kept program did.
#[derive(Debug)]
pub enum Event {
    /// It printed these bytes, on standard output or standard error.
    Printed(Vec<u8>),
    /// It printed more than [`OUTPUT_LIMIT`] bytes.
    Flooded,
    /// Nobody can print any more.
    OutputClosed,
    /// It ended but left this process behind: id and name.
    Left(u32, String),
    /// It has ended, and everything below it.
    Ended(Ending),
    /// Its keeper was killed.
    KeeperGone,
    /// Nothing, for as long as was allowed.
    TimedOut,
}

impl Kept {
    /// Starts a program under a keeper. `folder` is removed when it ends.
    pub fn start(program: Command, folder: Option<&Path>, takes_input: bool) -> io::Result<Self> {
        let (output, writer) = io::pipe()?;
        let (stdin, input) = if takes_input {
            let (reader, writer) = io::pipe()?;
            (Some(writer), OwnedFd::from(reader))
        } else {
            (None, File::open("/dev/null")?.into())
        };
        let with = [writer.as_fd(), input.as_fd()];
        let mut guard = Guard::ask(folder, Some(program), &with)?;
        let pid = match guard.hear() {
            Some(Word::Started(pid)) => pid,
            Some(Word::NotStarted(why)) => return Err(io::Error::other(why)),
            _ => return Err(io::Error::other(KILLED)),
        };
        Ok(Self {
            guard,
            pid,
            stdin,
            output: Some(output),
            printed: 0,
        })
    }

    /// What happens next.
    pub fn next(&mut self, limit: Duration) -> io::Result<Event> {
        let words = (!self.guard.cleared).then(|| self.guard.control.as_fd());
        let output = self.output.as_ref().map(AsFd::as_fd);
        let [printed, told] = readable([output, words], Some(limit))?;
        if let Some(output) = self.output.as_mut().filter(|_| printed) {
            let mut chunk = vec![0; 16 << 10];
            let length = output.read(&mut chunk)?;
            chunk.truncate(length);
            self.printed += length;
            if length == 0 {
                self.output = None;
                return Ok(Event::OutputClosed);
            }
            return Ok(if self.printed > OUTPUT_LIMIT {
                Event::Flooded
            } else {
                Event::Printed(chunk)
            });
        }
        if !told {
            return Ok(Event::TimedOut);
        }
        Ok(match self.guard.hear() {
            Some(Word::Ended(how)) => Event::Ended(how),
            Some(Word::Left(pid, name)) => Event::Left(pid, name),
            _ => Event::KeeperGone,
        })
    }
}
