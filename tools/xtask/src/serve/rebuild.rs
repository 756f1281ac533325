//! The thread that builds: once at the start, then once for each bunch of
//! changes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::sources::Sources;
use super::status::Site;
use super::watch::Watcher;
use super::{Built, Options, Say};
use anyhow::{Context, Result};
use gate::Ran;
use session::Command;

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

/// How much older a file may look than what has written it: the clock that
/// stamps files ticks more slowly than others.
const TICK: Duration = Duration::from_millis(20);

/// How many builds in a row may be due to nothing but the build before.
const REPEATS: u32 = 1;

/// What wakes the build thread.
#[derive(Debug)]
pub enum Message {
    /// Something may have changed at this path, or anywhere.
    Touched(Option<PathBuf>),
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
        build: impl FnMut() -> Built + Send + 'static,
        first: impl FnOnce() + Send + 'static,
        say: &Say,
    ) -> Result<Self> {
        let (messages, changes) = channel();
        let sources = Sources::new(options)?;
        // Before the first build, so that a file saved during it counts.
        let watcher = Watcher::start(&sources, messages.clone(), say)?;
        let stopping = Arc::new(AtomicBool::new(false));
        let mut builder = Builder {
            site,
            build,
            stopping: Arc::clone(&stopping),
            say: Arc::clone(say),
            sources,
            watcher,
            ran: Vec::new(),
        };
        let thread = thread::Builder::new()
            .name("build".to_owned())
            .spawn(move || {
                let _abandoned = Abandoned(Arc::clone(&builder.site));
                builder.build();
                if !builder.is_stopping() {
                    first();
                }
                builder.build_again(&changes);
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
    sources: Sources,
    watcher: Watcher,
    /// The commands of the last build.
    ran: Vec<Ran>,
}

impl<Build: FnMut() -> Built> Builder<Build> {
    /// Builds after each bunch of changes, until the server ends.
    fn build_again(&mut self, changes: &Receiver<Message>) {
        let mut repeats = 0;
        loop {
            let Some(touched) = next_touched(changes, &self.sources) else {
                return;
            };
            // A file that was saved leaves the watched folders as they are.
            if !touched.iter().all(|path| path.is_file()) {
                self.rearm();
            }
            let before = self.sources.watched().count();
            let changed = self.sources.changed(&touched);
            // A new link leads to more.
            if self.sources.watched().count() > before {
                self.rearm();
            }
            if changed.is_empty() {
                continue;
            }
            let list = self.sources.list(&changed);
            let writers: Vec<_> = changed
                .iter()
                .map(|file| writers(file, &self.ran))
                .collect();
            if writers.iter().any(Vec::is_empty) {
                repeats = 0;
            } else if repeats == REPEATS {
                let writers: BTreeSet<_> = writers.into_iter().flatten().collect();
                let writers: Vec<_> = writers.into_iter().collect();
                (self.say)(&format!(
                    "not built again: each build changes {list}, and so did this one; what ran when it \
                     was written:\n  {}\nlet it write into a temporary folder, or save a file to build once more",
                    writers.join("\n  ")
                ));
                continue;
            } else {
                repeats += 1;
            }
            (self.say)(&format!("changed: {list}"));
            self.build();
        }
    }

    fn build(&mut self) {
        self.site.building();
        let start = Instant::now();
        let built = (self.build)();
        let seconds = start.elapsed().as_secs_f64();
        if built.outcome.is_err() {
            // Ctrl-C reaches what the build has started too, and may end that
            // before the server hears of it. Such an end is no failure.
            thread::sleep(AFTER_CTRL_C);
        }
        if self.is_stopping() {
            return;
        }
        self.ran = built.ran;
        if self.sources.add(&built.read) {
            self.rearm();
        }
        match built.outcome {
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

    fn rearm(&mut self) {
        if let Err(error) = self.watcher.arm(&self.sources) {
            (self.say)(&format!("{error:#}"));
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// What may have written a file as it is now: the commands that ran then, each
/// with its place. A file that is gone has left its mark on its folder.
fn writers(file: &Path, ran: &[Ran]) -> Vec<String> {
    let is = file
        .metadata()
        .or_else(|_| file.parent().unwrap_or(file).metadata());
    let Ok(written) = is.and_then(|is| is.modified()) else {
        return Vec::new();
    };
    let during = |ran: &&Ran| (ran.from - TICK..=ran.to).contains(&written);
    let name = |ran: &Ran| {
        let Command { file, line, text } = &ran.command;
        format!("{}:{line}: `{text}`", file.display())
    };
    ran.iter().filter(during).map(name).collect()
}

/// Waits until something at or below `sources` is touched and it is quiet again,
/// and tells where; `None` when the server ends. What happens during a build waits
/// in the channel and is returned together, so it leads to one more build.
pub fn next_touched(changes: &Receiver<Message>, sources: &Sources) -> Option<BTreeSet<PathBuf>> {
    let mut touched = BTreeSet::new();
    let mut message = changes.recv().ok()?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match message {
            Message::Stop => return None,
            Message::Touched(Some(path)) if sources.contain(&path) => {
                touched.insert(path);
            }
            Message::Touched(Some(_)) => {}
            Message::Touched(None) => touched.extend(sources.watched().map(Path::to_owned)),
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        message = match changes.recv_timeout(QUIET.min(left)) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return None,
        };
    }
    Some(touched)
}
