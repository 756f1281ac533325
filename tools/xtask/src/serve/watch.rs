//! Hearing from the kernel that something may have changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use anyhow::{Result, anyhow};
use notify::event::{Event, EventKind};
use notify::{Config, ErrorKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::Say;
use super::rebuild::Message;
use super::sources::Sources;

/// The watch on the sources. It ends when this is dropped.
pub struct Watcher {
    kernel: RecommendedWatcher,
}

impl Watcher {
    /// Starts to send what is written in and around `sources` to `changes`.
    /// Trouble that comes later is said to the terminal: it stops no build.
    ///
    /// # Errors
    ///
    /// When the kernel refuses, as it does above its limits for inotify.
    pub fn start(sources: &Sources, changes: Sender<Message>, say: &Say) -> Result<Self> {
        let say = Say::clone(say);
        let kernel = RecommendedWatcher::new(
            move |event| {
                for path in touched(event, &say) {
                    // An error means that the server is ending.
                    let _ = changes.send(Message::Touched(path));
                }
            },
            // What a link leads to is watched by itself.
            Config::default().with_follow_symlinks(false),
        )
        .map_err(explain)?;
        let mut watcher = Self { kernel };
        watcher.arm(sources)?;
        Ok(watcher)
    }

    /// Watches the folders that have been replaced, were missing before, or count
    /// since a moment ago. What is watched already stays so.
    pub fn arm(&mut self, sources: &Sources) -> Result<()> {
        // The folder around each source too: an editor that saves by renaming a
        // new file over the old one leaves a watch on the file behind, and a
        // folder may be replaced as a whole.
        let around: BTreeSet<&Path> = sources.watched().filter_map(Path::parent).collect();
        for folder in around {
            if !sources.contain(folder) {
                self.watch(folder, RecursiveMode::NonRecursive)?;
            }
        }
        for folder in sources.watched() {
            self.watch(folder, RecursiveMode::Recursive)?;
        }
        Ok(())
    }

    fn watch(&mut self, folder: &Path, mode: RecursiveMode) -> Result<()> {
        if !folder.is_dir() {
            return Ok(());
        }
        match self.kernel.watch(folder, mode) {
            // Gone since it was looked at; its removal is an event of its own.
            Err(error) if matches!(error.kind, ErrorKind::PathNotFound) => Ok(()),
            outcome => outcome.map_err(explain),
        }
    }
}

/// The paths in `event` at which something may be new.
fn touched(event: notify::Result<Event>, say: &Say) -> Vec<Option<PathBuf>> {
    match event {
        Err(error) => {
            say(&format!("{:#}", explain(error)));
            Vec::new()
        }
        // The kernel's queue was full and events are lost.
        Ok(event) if event.need_rescan() => vec![None],
        // Building reads every source.
        Ok(Event {
            kind: EventKind::Access(_),
            ..
        }) => Vec::new(),
        Ok(event) => event.paths.into_iter().map(Some).collect(),
    }
}

/// The kernel's refusal with what to do about it.
fn explain(error: notify::Error) -> anyhow::Error {
    let limit = match &error.kind {
        ErrorKind::MaxFilesWatch => Some("max_user_watches"),
        // inotify_init(2): EMFILE stands for that limit too.
        ErrorKind::Io(error) if error.raw_os_error() == Some(EMFILE) => Some("max_user_instances"),
        _ => None,
    };
    match limit {
        Some(limit) => anyhow!(error).context(format!(
            "cannot watch the sources: the limit fs.inotify.{limit} is reached; end another \
             program that watches files, or raise the limit with \
             `sudo sysctl fs.inotify.{limit}=1048576`"
        )),
        None => anyhow!(error).context("cannot watch the sources for changes"),
    }
}

/// "Too many open files", the same number on every Linux architecture.
const EMFILE: i32 = 24;
