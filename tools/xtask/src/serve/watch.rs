//! Hearing from the kernel that something may have changed.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::Sender;

use anyhow::{Result, anyhow};
use notify::event::Event;
use notify::{Config, ErrorKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::Say;
use super::rebuild::Message;
use super::sources::Sources;

/// Starts to send what is written in and around `sources` to `changes`, until what it
/// gives is dropped. Trouble that comes later is said to the terminal: it stops no
/// build.
///
/// # Errors
///
/// When the kernel refuses, as it does above its limits for inotify.
pub fn start(sources: &Sources, changes: Sender<Message>, say: &Say) -> Result<RecommendedWatcher> {
    let say = Say::clone(say);
    let heard = move |event: notify::Result<Event>| {
        let touched = match event {
            Err(error) => return say(&format!("{:#}", explain(error))),
            // The kernel's queue was full and events are lost.
            Ok(event) if event.need_rescan() => vec![None],
            // Building reads every source.
            Ok(event) if event.kind.is_access() => return,
            Ok(event) => event.paths.into_iter().map(Some).collect(),
        };
        for path in touched {
            // An error means that the server is ending.
            let _ = changes.send(Message::Touched(path));
        }
    };
    // What a link leads to is watched by itself.
    let config = Config::default().with_follow_symlinks(false);
    let mut watcher = RecommendedWatcher::new(heard, config).map_err(explain)?;
    arm(&mut watcher, sources)?;
    Ok(watcher)
}

/// Watches the folders that have been replaced, were missing before, or count
/// since a moment ago. What is watched already stays so.
pub fn arm(watcher: &mut RecommendedWatcher, sources: &Sources) -> Result<()> {
    // The folder around each source too: an editor that saves by renaming a
    // new file over the old one leaves a watch on the file behind, and a
    // folder may be replaced as a whole.
    let mut around: BTreeSet<&Path> = sources.watched().filter_map(Path::parent).collect();
    around.retain(|folder| !sources.contain(folder));
    let around = around
        .into_iter()
        .map(|folder| (folder, RecursiveMode::NonRecursive));
    let sources = sources
        .watched()
        .map(|folder| (folder, RecursiveMode::Recursive));
    for (folder, mode) in around.chain(sources).filter(|(folder, _)| folder.is_dir()) {
        match watcher.watch(folder, mode) {
            // Gone since it was looked at; its removal is an event of its own.
            Err(error) if matches!(error.kind, ErrorKind::PathNotFound) => {}
            outcome => outcome.map_err(explain)?,
        }
    }
    Ok(())
}

/// The kernel's refusal with what to do about it: inotify(7) has two limits.
fn explain(error: notify::Error) -> anyhow::Error {
    anyhow!(error).context(
        "cannot watch the sources for changes; where a limit is reached, end another \
         program that watches files, or raise it with `sudo sysctl \
         fs.inotify.max_user_watches=1048576 fs.inotify.max_user_instances=1024`",
    )
}
