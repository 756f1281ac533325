//! The thread that builds: once at the start, then once for each bunch of
//! changes.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::status::Site;
use super::watch::{Sources, Watcher};
use super::{Options, Say};
use anyhow::{Context, Result};

/// A build starts when no change has come for this long: an editor that saves
/// one file makes several events, and `git checkout` makes thousands.
const QUIET: Duration = Duration::from_millis(10);

/// ... but no later than this after the first change, for the file that is
/// written all the time.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a running build may take to clean up when the server ends.
const FAREWELL: Duration = Duration::from_millis(500);

/// How much later than a build the server may hear of Ctrl-C.
const AFTER_CTRL_C: Duration = Duration::from_millis(20);

/// How many changed files a line names.
const NAMES: usize = 3;

/// What wakes the build thread.
#[derive(Debug)]
pub enum Message {
    /// This path has changed.
    Changed(PathBuf),
    /// The server ends.
    Stop,
}

/// The running build thread.
pub struct Rebuilder {
    messages: Sender<Message>,
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Rebuilder {
    /// Watches the sources and starts the first build. `first` is called when
    /// that build is over, whether it went well or not.
    pub fn start(
        options: &Options,
        site: Arc<Site>,
        build: impl FnMut() -> Result<(), String> + Send + 'static,
        first: impl FnOnce() + Send + 'static,
        say: &Say,
    ) -> Result<Self> {
        let (messages, changes) = channel();
        let sources = Arc::new(Sources::new(options)?);
        // Before the first build, so that a file saved during it counts.
        let mut watcher = Watcher::start(Arc::clone(&sources), messages.clone(), say)?;

        let stopping = Arc::new(AtomicBool::new(false));
        let mut builder = Builder {
            site,
            build,
            stopping: Arc::clone(&stopping),
            say: Arc::clone(say),
        };
        let abandoned = Abandoned(Arc::clone(&builder.site));
        let thread = thread::Builder::new()
            .name("build".to_owned())
            .spawn(move || {
                let _abandoned = abandoned;
                builder.build();
                if !builder.is_stopping() {
                    first();
                }
                while let Some(changed) = next_changes(&changes) {
                    (builder.say)(&format!("changed: {}", list(&sources, &changed)));
                    // A file that was saved leaves the watched folders as they are.
                    if !changed.iter().all(|path| path.is_file()) {
                        watcher.rearm();
                    }
                    builder.build();
                }
            })
            .context("cannot start the thread that builds the book")?;
        Ok(Self {
            messages,
            stopping,
            thread,
        })
    }

    /// Ends the thread, giving a running build a moment to clean up.
    pub fn stop(self) {
        self.stopping.store(true, Ordering::Relaxed);
        // An error means that the thread has ended already.
        let _ = self.messages.send(Message::Stop);
        let deadline = Instant::now() + FAREWELL;
        while !self.thread.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Tells the server when the thread ends, by a panic too.
struct Abandoned(Arc<Site>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// Builds, and tells the pages and the terminal how it went.
struct Builder<Build> {
    site: Arc<Site>,
    build: Build,
    stopping: Arc<AtomicBool>,
    say: Say,
}

impl<Build: FnMut() -> Result<(), String>> Builder<Build> {
    fn build(&mut self) {
        self.site.building();
        let start = Instant::now();
        let outcome = (self.build)();
        let seconds = start.elapsed().as_secs_f64();
        if outcome.is_err() {
            // Ctrl-C reaches what the build has started too, and may end that
            // before the server hears of it. Such an end is no failure.
            thread::sleep(AFTER_CTRL_C);
        }
        if self.is_stopping() {
            return;
        }
        match outcome {
            Ok(()) => {
                self.site.built();
                (self.say)(&format!("built in {seconds:.2} s"));
            }
            Err(text) => {
                self.site.failed(&text);
                (self.say)(if self.site.has_book() {
                    "failed; the last good book is still served"
                } else {
                    "failed; there is no book yet, the page shows the failure"
                });
            }
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// Waits for changes and returns what has changed, once it is quiet; `None`
/// when the server ends. What changes during a build waits in the channel and
/// is returned together, so it leads to one more build.
pub fn next_changes(changes: &Receiver<Message>) -> Option<BTreeSet<PathBuf>> {
    let mut changed = BTreeSet::new();
    let mut message = changes.recv().ok()?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match message {
            Message::Stop => return None,
            Message::Changed(path) => changed.insert(path),
        };
        if Instant::now() >= deadline {
            return Some(changed);
        }
        message = match changes.recv_timeout(QUIET) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => return Some(changed),
            Err(RecvTimeoutError::Disconnected) => return None,
        };
    }
}

/// The names of the first changed files, and how many more there are.
pub fn list(sources: &Sources, changed: &BTreeSet<PathBuf>) -> String {
    let names: Vec<_> = changed
        .iter()
        .take(NAMES)
        .map(|path| sources.name(path))
        .collect();
    let names = names.join(", ");
    match changed.len().saturating_sub(NAMES) {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}
