//! The thread that builds: once at the start, then once for each bunch of
//! changes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use gate::Ran;
use notify::RecommendedWatcher;
use session::Command;

use super::sources::Sources;
use super::status::{Phase, Site};
use super::watch;
use super::{Built, Say};

/// A build starts when no change has come for this long: an editor that saves
/// one file makes several events, and `git checkout` makes thousands.
const QUIET: Duration = Duration::from_millis(10);

/// ... but no later than this after the first change, for the file that is
/// written all the time.
const PATIENCE: Duration = Duration::from_secs(1);

/// How much later than a build the server may hear of Ctrl-C.
const AFTER_CTRL_C: Duration = Duration::from_millis(20);

/// How much older a file may look than what has written it: the clock that
/// stamps files ticks more slowly than others.
const TICK: Duration = Duration::from_millis(20);

/// What wakes the build thread.
#[derive(Debug)]
pub enum Message {
    /// Something may have changed at this path, or anywhere.
    Touched(Option<PathBuf>),
    /// The server ends.
    Stop,
}

/// Builds, and tells the pages and the terminal how it went.
pub struct Builder<Build> {
    pub site: Arc<Site>,
    pub build: Build,
    pub say: Say,
    pub sources: Sources,
    pub watcher: RecommendedWatcher,
    /// The commands of the last build.
    pub ran: Vec<Ran>,
}

impl<Build: FnMut() -> Built> Builder<Build> {
    /// Builds, says where the book is served, and builds after each bunch of
    /// changes, until the server ends.
    pub fn run(&mut self, changes: &Receiver<Message>, serving: &str) {
        self.build();
        if !self.site.ends.load(Ordering::Relaxed) {
            (self.say)(serving);
        }
        // Whether the last build was due to nothing but the build before.
        let mut is_repeat = false;
        while let Some(touched) = next_touched(changes, &self.sources) {
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
            let writers = changed.iter().map(|file| writers(file, &self.ran));
            let writers: Vec<BTreeSet<String>> = writers.collect();
            let by_build = !writers.iter().any(BTreeSet::is_empty);
            if by_build && is_repeat {
                let writers: BTreeSet<String> = writers.into_iter().flatten().collect();
                let writers = Vec::from_iter(writers).join("\n  ");
                (self.say)(&format!(
                    "not built again: each build changes {list}, and so did this one; what ran when it \
                     was written:\n  {writers}\nlet it write into a temporary folder, or save a file to build once more"
                ));
                continue;
            }
            is_repeat = by_build;
            (self.say)(&format!("changed: {list}"));
            self.build();
        }
    }

    fn build(&mut self) {
        self.site.tell(Phase::Building);
        let start = Instant::now();
        let built = (self.build)();
        let seconds = start.elapsed().as_secs_f64();
        if built.outcome.is_err() {
            // Ctrl-C reaches what the build has started too, and may end that
            // before the server hears of it. Such an end is no failure.
            thread::sleep(AFTER_CTRL_C);
        }
        if self.site.ends.load(Ordering::Relaxed) {
            return;
        }
        self.ran = built.ran;
        if self.sources.add(&built.read) {
            self.rearm();
        }
        match built.outcome {
            Ok(()) => {
                self.site.tell(Phase::Built);
                (self.say)(&format!("built in {seconds:.2} s"));
            }
            Err(text) => {
                self.site.tell(Phase::Failed(text.into()));
                (self.say)(if self.site.book.is_dir() {
                    "failed; the last good book is still served"
                } else {
                    "failed; there is no book yet, the page shows the failure"
                });
            }
        }
    }

    fn rearm(&mut self) {
        if let Err(error) = watch::arm(&mut self.watcher, &self.sources) {
            (self.say)(&format!("{error:#}"));
        }
    }
}

/// What may have written a file as it is now: the commands that ran then, each
/// with its place. A file that is gone has left its mark on its folder.
fn writers(file: &Path, ran: &[Ran]) -> BTreeSet<String> {
    let folder = file.parent().unwrap_or(file);
    let is = file.metadata().or_else(|_| folder.metadata());
    let Ok(written) = is.and_then(|is| is.modified()) else {
        return BTreeSet::new();
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
            Message::Touched(None) => touched.extend(sources.watched().map(Path::to_owned)),
            Message::Touched(path) => touched.extend(path.filter(|path| sources.contain(path))),
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Some(touched);
        }
        message = match changes.recv_timeout(QUIET.min(left)) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => return Some(touched),
            Err(RecvTimeoutError::Disconnected) => return None,
        };
    }
}
