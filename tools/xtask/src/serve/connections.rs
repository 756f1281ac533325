//! All connections, in one thread that sleeps in poll(2) until one of them has
//! something to say. An open page costs a descriptor and no thread, and the
//! kernel tells at once when it goes away.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;

use super::answers;
use super::http::{HEAD, Request};
use super::status::Site;

/// How many connections are open at a time. Above it, the one that has been
/// silent for longest makes room; a page that listens connects again by itself.
pub const MOST: usize = 256;

/// How long a browser may take for a whole head, to take more of an answer, to ask
/// again, and to hear that the connection has ended.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long nothing may happen before the silent are looked for.
const TICK: Timespec = Timespec {
    tv_sec: 10,
    tv_nsec: 0,
};

/// Answers whoever comes to `listener`, until `stop` can be read or is closed.
/// `news` can be read whenever `site` has changed.
///
/// # Errors
///
/// When the thread that builds has ended by itself, or the kernel refuses to
/// wait.
pub fn answer(
    listener: &TcpListener,
    site: &Site,
    mut news: &UnixStream,
    stop: &UnixStream,
) -> Result<()> {
    let mut open: Vec<Connection> = Vec::new();
    loop {
        let mut waited = vec![
            PollFd::new(stop, PollFlags::IN),
            PollFd::new(news, PollFlags::IN),
            PollFd::new(listener, PollFlags::IN),
        ];
        let pages = open.iter();
        waited.extend(pages.map(|each| PollFd::new(&each.socket, each.awaits())));
        retry_on_intr(|| poll(&mut waited, Some(&TICK))).context("cannot wait for connections")?;
        let ready: Vec<PollFlags> = waited.iter().map(PollFd::revents).collect();

        if !ready[0].is_empty() {
            return Ok(());
        }
        // It ends with the thread that builds.
        if !ready[1].is_empty() && news.read(&mut [0; 4096]).is_ok_and(|length| length == 0) {
            bail!("the build panicked; its message is above");
        }
        let mut pages = ready[3..].iter();
        open.retain_mut(|connection| {
            let is_ready = pages.next().is_some_and(|ready| !ready.is_empty());
            connection.advance(is_ready, site).unwrap_or(false)
        });
        if !ready[2].is_empty() {
            accept(listener, &mut open);
        }
    }
}

/// Takes one connection; the kernel tells of the next one at once.
fn accept(listener: &TcpListener, open: &mut Vec<Connection>) {
    let came = listener.accept();
    let Ok(connection) = came.and_then(|(socket, _)| Connection::new(socket)) else {
        // Out of descriptors, say, for a build has many: it is asked again.
        return thread::sleep(Duration::from_millis(20));
    };
    let quietest = (0..open.len()).min_by_key(|at| open[*at].since);
    if let Some(quietest) = quietest.filter(|_| open.len() >= MOST) {
        open.swap_remove(quietest);
    }
    open.push(connection);
}

struct Connection {
    socket: TcpStream,
    /// What came in and is no whole head yet.
    input: Vec<u8>,
    /// What is to be sent.
    output: VecDeque<u8>,
    state: State,
    /// Since when it has been silent, or has owed the rest of a head.
    since: Instant,
    /// Whether the browser has closed its side.
    has_ended: bool,
}

/// What a connection does once all that it had to say is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Waits for a request.
    Asked,
    /// Waits for news; this version of the status was the last that it told.
    Listens { told: u64 },
    /// Says that it has ended, and waits for the browser to have heard that. What
    /// still comes is thrown away: closing at once would take the answer from it.
    Ends,
}

impl Connection {
    fn new(socket: TcpStream) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        // A page asks for dozens of small files over few connections.
        socket.set_nodelay(true)?;
        Ok(Self {
            socket,
            input: Vec::new(),
            output: VecDeque::new(),
            state: State::Asked,
            since: Instant::now(),
            has_ended: false,
        })
    }

    fn awaits(&self) -> PollFlags {
        let mut flags = PollFlags::empty();
        flags.set(PollFlags::OUT, self.owes());
        flags.set(PollFlags::IN, !self.has_ended && self.input.len() < HEAD);
        flags
    }

    /// Does all that can be done without waiting, and tells whether the
    /// connection goes on.
    fn advance(&mut self, is_ready: bool, site: &Site) -> io::Result<bool> {
        if is_ready {
            self.receive()?;
        }
        while self.send()? {
            match self.state {
                State::Asked => {
                    if !self.respond(site) {
                        break;
                    }
                }
                State::Listens { told } if told == site.status().version => break,
                State::Listens { .. } => {
                    let (told, event) = answers::event(site);
                    self.output = event.into();
                    self.state = State::Listens { told };
                }
                State::Ends => {
                    self.socket.shutdown(Shutdown::Write)?;
                    break;
                }
            }
        }
        let has_left = self.has_ended && !self.owes();
        let listens = matches!(self.state, State::Listens { .. }) && !self.owes();
        Ok(!has_left && (listens || self.since.elapsed() < PATIENCE))
    }

    /// Takes what has come in.
    fn receive(&mut self) -> io::Result<()> {
        let mut piece = [0; 16 << 10];
        let length = match self.socket.read(&mut piece) {
            Err(error) if is_early(&error) => return Ok(()),
            outcome => outcome?,
        };
        self.has_ended = length == 0;
        if self.state == State::Asked {
            if self.input.is_empty() && !self.owes() {
                self.since = Instant::now();
            }
            self.input.extend_from_slice(&piece[..length]);
        }
        Ok(())
    }

    /// Sends what the browser takes, and tells whether that was all.
    fn send(&mut self) -> io::Result<bool> {
        while self.owes() {
            match self.socket.write(self.output.as_slices().0) {
                Ok(length) => drop(self.output.drain(..length)),
                Err(error) if is_early(&error) => return Ok(false),
                Err(error) => return Err(error),
            }
            self.since = Instant::now();
        }
        Ok(true)
    }

    /// Whether there is more to be sent.
    fn owes(&self) -> bool {
        !self.output.is_empty()
    }

    /// Answers the next request, if it has come in.
    fn respond(&mut self, site: &Site) -> bool {
        let (answer, head_only, is_last) = match Request::take(&mut self.input) {
            Ok(None) => return false,
            Ok(Some(request)) => {
                let answer = answers::to(&request, site);
                (answer, request.method == "HEAD", request.is_last())
            }
            Err(refusal) => (refusal, false, true),
        };
        let is_last = is_last || answer.body.is_none();
        self.output = answer.bytes(head_only, is_last).into();
        if is_last {
            self.input = Vec::new();
        }
        self.state = match answer.body {
            None if !head_only => State::Listens { told: 0 },
            _ if is_last => State::Ends,
            _ => State::Asked,
        };
        true
    }
}

/// Whether there is nothing to be had yet.
fn is_early(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
