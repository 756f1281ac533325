//! All connections, in one thread that sleeps in poll(2) until one of them has
//! something to say. An open page costs a descriptor and no thread, and the
//! kernel tells at once when it goes away.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::answers;
use super::http::{HEAD, Request};
use super::status::Site;

/// How many connections are open at a time. Above it, the one that has been
/// silent for longest makes room; a page that listens connects again by itself.
pub const MOST: usize = 256;

/// How long a browser may take for a head, once it has begun it.
const FOR_A_HEAD: Duration = Duration::from_secs(10);

/// ... to take more of an answer.
const FOR_AN_ANSWER: Duration = Duration::from_secs(30);

/// ... to ask again on the same connection.
const FOR_ANOTHER: Duration = Duration::from_secs(60);

/// ... to hear that the connection has ended, while what it still sends is
/// thrown away: closing at once would take the answer from it.
const FOR_THE_END: Duration = Duration::from_secs(2);

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
        let ready = wait(listener, news, stop, &open).context("cannot wait for connections")?;
        let [stopped, told, came, pages @ ..] = ready.as_slice() else {
            continue;
        };
        if !stopped.is_empty() {
            return Ok(());
        }
        if !told.is_empty() {
            // It ends with the thread that builds.
            if news.read(&mut [0; 4096]).is_ok_and(|length| length == 0) {
                bail!("the build panicked; its message is above");
            }
        }
        let mut ready = pages.iter();
        open.retain_mut(|connection| {
            let ready = ready.next().copied().unwrap_or(PollFlags::empty());
            connection.advance(ready, site).unwrap_or(false)
        });
        if !came.is_empty() {
            accept(listener, &mut open);
        }
    }
}

/// Waits until something is ready, or a connection has been silent for too long,
/// and tells what is: the end, news, a new connection, then each in its order.
fn wait(
    listener: &TcpListener,
    news: &UnixStream,
    stop: &UnixStream,
    open: &[Connection],
) -> io::Result<Vec<PollFlags>> {
    let mut waited = Vec::from(
        [stop.as_fd(), news.as_fd(), listener.as_fd()]
            .map(|each| PollFd::from_borrowed_fd(each, PollFlags::IN)),
    );
    waited.extend(
        open.iter()
            .map(|each| PollFd::new(&each.socket, each.awaits())),
    );
    let first = open.iter().filter_map(Connection::deadline).min();
    let left = first.map(|first| first.saturating_duration_since(Instant::now()));
    let left = left.map(|left| Timespec::try_from(left + Duration::from_millis(1)));
    let left = left.transpose().map_err(io::Error::other)?;
    match poll(&mut waited, left.as_ref()) {
        Ok(_) | Err(Errno::INTR) => Ok(waited.iter().map(PollFd::revents).collect()),
        Err(error) => Err(error.into()),
    }
}

fn accept(listener: &TcpListener, open: &mut Vec<Connection>) {
    loop {
        match listener.accept() {
            Ok((socket, _)) => {
                if open.len() >= MOST {
                    let quietest = open.iter().enumerate().min_by_key(|each| each.1.since);
                    quietest.map(|(at, _)| at).map(|at| open.swap_remove(at));
                }
                open.extend(Connection::new(socket).ok());
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            // Out of descriptors, say, for a build has many: it is asked again.
            Err(_) => return thread::sleep(Duration::from_millis(20)),
        }
    }
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
    /// Waits for news; this was the last that it told.
    Listens { told: Option<u64> },
    /// Says that it has ended.
    Ends,
    /// Waits for the browser to have heard that.
    Ended,
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

    /// When it has been silent for too long.
    fn deadline(&self) -> Option<Instant> {
        let patience = match self.state {
            State::Ended => FOR_THE_END,
            _ if self.owes() => FOR_AN_ANSWER,
            State::Listens { .. } => return None,
            State::Asked if self.input.is_empty() => FOR_ANOTHER,
            State::Asked | State::Ends => FOR_A_HEAD,
        };
        Some(self.since + patience)
    }

    /// Does all that can be done without waiting, and tells whether the
    /// connection goes on.
    fn advance(&mut self, ready: PollFlags, site: &Site) -> io::Result<bool> {
        if !ready.is_empty() {
            self.receive()?;
        }
        while self.send()? {
            match self.state {
                State::Asked => {
                    if !self.respond(site) {
                        break;
                    }
                }
                State::Listens { told } if told == Some(site.status().version) => break,
                State::Listens { .. } => {
                    let (version, event) = answers::event(site);
                    self.output = event.into();
                    self.state = State::Listens {
                        told: Some(version),
                    };
                }
                State::Ends => {
                    self.socket.shutdown(Shutdown::Write)?;
                    self.state = State::Ended;
                    self.since = Instant::now();
                }
                State::Ended => break,
            }
        }
        let waits_in_vain = self.has_ended && !self.owes();
        Ok(!waits_in_vain && self.deadline().is_none_or(|end| Instant::now() < end))
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
                (answer, request.method == "HEAD", request.is_last)
            }
            Err(refusal) => (answers::guarded(refusal), false, true),
        };
        let is_last = is_last || answer.body.is_none();
        self.output = answer.bytes(head_only, is_last).into();
        if is_last {
            self.input = Vec::new();
        }
        self.state = match answer.body {
            None if !head_only => State::Listens { told: None },
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
