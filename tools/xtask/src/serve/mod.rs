//! Serve the book on this machine while somebody writes it.
//!
//! One thread builds (`rebuild`), woken by what the kernel says about the
//! sources (`watch`); one for each connection (`connections`) answers requests
//! (`http`, `answers`) from the finished pages (`files`, `html`). They share nothing but what a page
//! has to know: whether the book is being built, is built, or could not be built
//! (`status`). Pages hear of it through server-sent events and `reload.js`.
//!
//! It knows nothing of mdBook: what builds is a function.

mod answers;
mod connections;
mod files;
mod html;
mod http;
mod rebuild;
mod sources;
mod status;
#[cfg(test)]
mod tests;
mod watch;

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use gate::Ran;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

use rebuild::{Builder, Message};
use sources::Sources;
use status::Site;

/// How long a running build may take to clean up when the server ends.
const FAREWELL: Duration = Duration::from_millis(500);

/// What to serve, and where.
#[derive(Debug, Clone)]
pub struct Options {
    /// The book's repository root. Changed files are named relative to it.
    pub root: PathBuf,
    /// The folder of the finished pages, absolute or relative to `root`. It may
    /// be missing at first, and may be replaced by a rename at any time: it is
    /// looked up for each request.
    pub book: PathBuf,
    /// The port on 127.0.0.1; with 0 the system picks a free one.
    pub port: u16,
    /// Files and folders whose change starts a build, absolute or relative to
    /// `root`. Folders count with all that is in them. One that does not exist
    /// yet counts from when it appears, if its parent folder exists.
    pub watch: Vec<PathBuf>,
}

/// What a build leaves.
pub struct Built {
    /// The text of the failures, which is in the terminal already.
    pub outcome: Result<(), String>,
    /// Files that it has read, which count as [`Options::watch`] does.
    pub read: Vec<PathBuf>,
    /// The commands that it has run.
    pub ran: Vec<Ran>,
}

/// Builds the book, serves it on 127.0.0.1 and builds it again whenever
/// something in [`Options::watch`] changes, until Ctrl-C or SIGTERM.
///
/// `build` builds the book and puts it in the place of [`Options::book`]
/// if all went well. Otherwise it leaves that folder alone and returns the text
/// of the failures, which the pages show to the reader. It runs on a thread of its
/// own. A build that is under way when the signal comes is given half a second to
/// end and is not waited for any longer.
///
/// # Errors
///
/// When the port cannot be had, which is found out before anything is built;
/// when the sources cannot be watched; when `build` panics.
pub fn run(options: Options, build: impl FnMut() -> Built + Send + 'static) -> Result<()> {
    let listener = listen(options.port)?;
    // The handlers stand before the first build.
    let (stop, signalled) = UnixStream::pair()?;
    for signal in [SIGINT, SIGTERM] {
        pipe::register(signal, signalled.try_clone()?).context("cannot wait for Ctrl-C")?;
    }
    let say: Say = Arc::new(crate::say);
    serve(&listener, &options, build, &stop, &say)
}

/// Takes the port, on the loopback interface only: a page under development is
/// nobody else's business.
fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| {
        let other = port.checked_add(1).unwrap_or(3000);
        format!(
            "cannot listen on port {port} of 127.0.0.1; another `cargo xtask serve` may have it: \
             take the next one with `cargo xtask serve --port {other}`, or let the system \
             pick one with `--port 0`"
        )
    })
}

/// Says one line to the person at the terminal.
type Say = Arc<dyn Fn(&str) + Send + Sync>;

/// Serves on `listener` until `stop` can be read or is closed.
fn serve(
    listener: &TcpListener,
    options: &Options,
    build: impl FnMut() -> Built + Send + 'static,
    stop: &UnixStream,
    say: &Say,
) -> Result<()> {
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let site = Arc::new(Site::new(options.root.join(&options.book)));
    let (messages, changes) = channel();
    let sources = Sources::new(options)?;
    let mut builder = Builder {
        site: Arc::clone(&site),
        build,
        say: Arc::clone(say),
        // Before the first build, so that a file saved during it counts.
        watcher: watch::start(&sources, messages.clone(), say)?,
        sources,
        ran: Vec::new(),
    };
    let serving = format!("serving http://{address}/ (Ctrl-C ends)");
    // Closed when the thread has ended, by a panic too.
    let (mut builds, held) = UnixStream::pair().context("cannot make a pair of sockets")?;
    builds.set_read_timeout(Some(FAREWELL))?;
    thread::spawn(move || {
        builder.run(&changes, &serving);
        drop(builder);
        drop(held);
    });

    let outcome = connections::answer(listener, &site, &builds, stop);
    site.ends.store(true, Ordering::Relaxed);
    // An error means that the thread has ended already, or takes too long.
    let _ = messages.send(Message::Stop);
    let _ = builds.read(&mut [0]);
    outcome
}
