//! The connections, each in a thread of its own. A browser opens few, and an open
//! page costs a thread that sleeps; there is an end to both.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::retry_on_intr;

use super::answers;
use super::http::Request;
use super::status::Site;

/// How long a browser may take to ask, with a whole head, to take more of an answer,
/// and to hear that the connection has ended.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many may be open; one more is closed at once.
const MOST: usize = 256;

/// How long nothing is told to a page: only who writes hears that a page has gone.
const SILENCE: Duration = Duration::from_secs(5);

/// Answers whoever comes to `listener`, until `stop` can be read or is closed.
///
/// # Errors
///
/// When the thread that builds, which holds the other end of `builds`, has ended by
/// itself, or the kernel refuses to wait.
pub fn answer(
    listener: &TcpListener,
    site: &Arc<Site>,
    builds: &UnixStream,
    stop: &UnixStream,
) -> Result<()> {
    loop {
        let mut waited = [
            PollFd::new(stop, PollFlags::IN),
            PollFd::new(builds, PollFlags::IN),
            PollFd::new(listener, PollFlags::IN),
        ];
        retry_on_intr(|| poll(&mut waited, None)).context("cannot wait for connections")?;
        let [stops, panicked, comes] = waited.map(|each| !each.revents().is_empty());
        if stops {
            return Ok(());
        }
        if panicked {
            bail!("the build panicked; its message is above");
        }
        if comes && accept(listener, Arc::clone(site)).is_err() {
            // Out of descriptors, say, for a build has many: it is asked again.
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Takes one connection; the kernel tells of the next one at once.
fn accept(listener: &TcpListener, site: Arc<Site>) -> io::Result<()> {
    let (socket, _) = listener.accept()?;
    // Each has one.
    if Arc::strong_count(&site) > MOST {
        return Ok(());
    }
    // How it ends is nobody's business: browsers go away whenever they like.
    let answers = move || drop(converse(socket, &site));
    thread::Builder::new().spawn(answers).map(drop)
}

/// Answers one request after the other.
fn converse(mut socket: TcpStream, site: &Site) -> io::Result<()> {
    // A page asks for dozens of small files over few connections.
    socket.set_nodelay(true)?;
    socket.set_write_timeout(Some(PATIENCE))?;
    // What came in and is not answered yet.
    let mut input = Vec::new();
    let mut since = Instant::now();
    loop {
        let (answer, head_only, is_last) = match Request::take(&mut input) {
            Ok(None) => {
                let mut piece = [0; 16 << 10];
                match read_since(&mut socket, since, &mut piece)? {
                    0 => return Ok(()),
                    length => input.extend_from_slice(&piece[..length]),
                }
                continue;
            }
            Ok(Some(request)) => {
                let answer = answers::to(&request, site);
                let is_last = request.is_last() || answer.body.is_none();
                (answer, request.method == "HEAD", is_last)
            }
            Err(refusal) => (refusal, false, true),
        };
        socket.write_all(&answer.bytes(head_only, is_last))?;
        if answer.body.is_none() && !head_only {
            return tell(&mut socket, site);
        }
        if is_last {
            break;
        }
        since = Instant::now();
    }
    // What still comes is thrown away: closing at once would take the answer from
    // a browser that is still sending.
    socket.shutdown(Shutdown::Write)?;
    let since = Instant::now();
    while read_since(&mut socket, since, &mut [0; 16 << 10])? > 0 {}
    Ok(())
}

/// Reads what has come, while there is patience left: it is not gained byte by byte.
fn read_since(socket: &mut TcpStream, since: Instant, piece: &mut [u8]) -> io::Result<usize> {
    // No time at all is an error.
    socket.set_read_timeout(Some(PATIENCE.saturating_sub(since.elapsed())))?;
    socket.read(piece)
}

/// Tells a page where the work stands, whenever that has changed, until it goes.
fn tell(socket: &mut TcpStream, site: &Site) -> io::Result<()> {
    let mut told = None;
    loop {
        let status = site.news(told.as_ref(), SILENCE);
        let event = match told.as_ref() == Some(&status) {
            // A comment.
            true => ":\n\n".to_owned(),
            false => answers::event(&status),
        };
        socket.write_all(event.as_bytes())?;
        told = Some(status);
    }
}
