//! The builder's side of a keeper.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, PipeReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use super::{NAME, Word};

/// The most that a program may print: enough for any page, and a bound for a
/// program that floods.
pub const OUTPUT_LIMIT: usize = 1 << 20;

/// A keeper. Dropping it ends everything that it keeps.
pub struct Keeper {
    process: Child,
    control: UnixStream,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // The thread that reads from it holds a clone: closing is not enough.
        let _ = self.control.shutdown(std::net::Shutdown::Both);
        let _ = self.process.wait();
    }
}

/// A program that runs under a keeper of its own.
///
/// Dropping it ends the program, and everything that it started.
pub struct Kept {
    _keeper: Keeper,
    /// The program's process id.
    pub pid: u32,
    /// The program's standard input; `None` when none was asked for.
    pub stdin: Option<ChildStdin>,
    /// What the program does, as it does it.
    pub events: Receiver<Event>,
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
    /// What the keeper says.
    Keeper(Word),
    /// The keeper itself is gone.
    KeeperGone,
}

impl Kept {
    /// Starts `program` under a keeper, with the environment and the working
    /// directory of `like`. `folder` is removed when it ends.
    pub fn start(
        mut like: Command,
        program: &OsStr,
        arguments: &[String],
        folder: Option<&Path>,
        takes_input: bool,
    ) -> io::Result<Self> {
        let (output, writer) = io::pipe()?;
        // The keeper makes it the program's standard error as well: a terminal
        // shows both in the order of printing.
        like.stdout(writer);
        like.stdin(if takes_input {
            Stdio::piped()
        } else {
            Stdio::null()
        });
        let mut keeper = spawn(like, folder, Some((program, arguments)))?;
        let stdin = keeper.process.stdin.take();
        let mut words = BufReader::new(keeper.control.try_clone()?).lines();
        let pid = match words
            .next()
            .transpose()?
            .map(|line| serde_json::from_str(&line))
        {
            Some(Ok(Word::Started(pid))) => pid,
            Some(Ok(Word::NotStarted(why))) => return Err(io::Error::other(why)),
            _ => return Err(io::Error::other("the keeper did not start")),
        };

        let (tell, events) = mpsc::channel();
        let lines = tell.clone();
        thread::spawn(move || read_output(output, |event| lines.send(event).is_ok()));
        thread::spawn(move || {
            for line in words.map_while(Result::ok) {
                if let Ok(word) = serde_json::from_str(&line)
                    && tell.send(Event::Keeper(word)).is_err()
                {
                    return;
                }
            }
            let _ = tell.send(Event::KeeperGone);
        });
        Ok(Self {
            _keeper: keeper,
            pid,
            stdin,
            events,
        })
    }
}

/// Has a keeper remove `folder` when this process ends, however it ends, or
/// when the returned guard is dropped.
pub fn guard_folder(folder: &Path) -> io::Result<Keeper> {
    let mut like = Command::new(SELF);
    like.stdin(Stdio::null()).stdout(Stdio::null());
    spawn(like, Some(folder), None)
}

/// The running binary, even if a newer one has taken its place on disk.
const SELF: &str = "/proc/self/exe";

/// A command that becomes a keeper; its environment and folder are the
/// program's.
pub fn command() -> Command {
    Command::new(SELF)
}

fn spawn(
    mut keeper: Command,
    folder: Option<&Path>,
    program: Option<(&OsStr, &[String])>,
) -> io::Result<Keeper> {
    let (ours, theirs) = UnixStream::pair()?;
    keeper.arg0(NAME);
    keeper.arg(folder.map_or(OsStr::new("-"), Path::as_os_str));
    if let Some((program, arguments)) = program {
        keeper.arg(program).args(arguments);
    }
    // In the place of standard error it needs no number of its own, which only
    // code between fork and exec could hand on: without such code there is no
    // fork, and this process's page tables are not copied.
    keeper.stderr(OwnedFd::from(theirs));
    Ok(Keeper {
        process: keeper.spawn()?,
        control: ours,
    })
}

/// Hands the output on, as it comes.
fn read_output(mut output: PipeReader, mut hand_on: impl FnMut(Event) -> bool) {
    let mut total = 0;
    let mut chunk = [0; 16 * 1024];
    while let Ok(count @ 1..) = output.read(&mut chunk) {
        total += count;
        if total > OUTPUT_LIMIT {
            hand_on(Event::Flooded);
            return;
        }
        if !hand_on(Event::Printed(chunk[..count].to_vec())) {
            return;
        }
    }
    hand_on(Event::OutputClosed);
}
