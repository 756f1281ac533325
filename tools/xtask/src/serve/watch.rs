//! Which files matter, and hearing from the kernel that they changed.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use anyhow::{Context, Result, anyhow};
use notify::event::{Event, EventKind};
use notify::{Config, ErrorKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::rebuild::Message;
use super::{Options, Say};

/// The files and folders that the book is made of.
#[derive(Debug)]
pub struct Sources {
    root: PathBuf,
    book: PathBuf,
    watched: Vec<PathBuf>,
}

impl Sources {
    /// Resolves the paths in `options`.
    ///
    /// # Errors
    ///
    /// When the root cannot be resolved.
    pub fn new(options: &Options) -> Result<Self> {
        // Events carry the paths that were asked for: canonical ones make them
        // comparable. They also tell when one contains another.
        let root = options.root.canonicalize().with_context(|| {
            format!(
                "cannot resolve the book's folder {}",
                options.root.display()
            )
        })?;
        let mut paths: Vec<_> = options
            .watch
            .iter()
            .map(|path| resolve(&root.join(path)))
            .collect();
        paths.sort();
        let mut watched: Vec<PathBuf> = Vec::new();
        for path in paths {
            // Sorted, a folder stands before all that is in it.
            if !watched.iter().any(|outer| path.starts_with(outer)) {
                watched.push(path);
            }
        }
        let book = resolve(&root.join(&options.book));
        Ok(Self {
            root,
            book,
            watched,
        })
    }

    /// Whether a change of `path` is a reason to build.
    pub fn contain(&self, path: &Path) -> bool {
        let Some(inside) = self
            .watched
            .iter()
            .find_map(|watched| path.strip_prefix(watched).ok())
        else {
            return false;
        };
        !path.starts_with(&self.book)
            && !inside.components().any(is_noise)
            && !in_target(&self.root, path)
    }

    /// `path` as a person would say it: relative to the root.
    pub fn name(&self, path: &Path) -> String {
        match path.strip_prefix(&self.root) {
            Ok(inside) if inside.as_os_str().is_empty() => "many files".to_owned(),
            Ok(inside) => inside.display().to_string(),
            Err(_) => path.display().to_string(),
        }
    }
}

/// The canonical form of `path`, whose last part need not exist yet.
fn resolve(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let parent = path.parent().and_then(|parent| parent.canonicalize().ok());
        match (parent, path.file_name()) {
            (Some(parent), Some(name)) => parent.join(name),
            _ => path.to_owned(),
        }
    })
}

/// Hidden files, and what editors write beside a file while they save it.
fn is_noise(component: Component) -> bool {
    let name = component.as_os_str();
    let bytes = name.as_bytes();
    let ends = |end: &str| bytes.ends_with(end.as_bytes());
    bytes.starts_with(b".")                              // Vim's .x.swp, Emacs' .#x, .git
        || bytes.starts_with(b"#") && ends("#")          // Emacs' autosave
        || name == OsStr::new("4913")                    // Vim's test for a writable folder
        || ["~", ".swp", ".swx", ".tmp", ".bak"].iter().any(|end| ends(end))
        || ends("___jb_tmp___") || ends("___jb_old___") // JetBrains
}

/// Whether `path` lies in a folder below `root` that cargo builds into. The name
/// alone does not say so: a chapter may be about a target.
fn in_target(root: &Path, path: &Path) -> bool {
    let inside = path.ancestors().take_while(|folder| *folder != root);
    inside.into_iter().any(|folder| {
        folder.file_name() == Some(OsStr::new("target"))
            && folder.with_file_name("Cargo.toml").exists()
    })
}

/// The watch on the sources. It ends when this is dropped.
pub struct Watcher {
    kernel: RecommendedWatcher,
    sources: Arc<Sources>,
    say: Say,
}

impl Watcher {
    /// Starts to send what changes in `sources` to `changes`. Trouble that
    /// comes later is said to the terminal: it stops no build.
    ///
    /// # Errors
    ///
    /// When the kernel refuses, as it does above its limits for inotify.
    pub fn start(sources: Arc<Sources>, changes: Sender<Message>, say: &Say) -> Result<Self> {
        let (judge, judge_say) = (Arc::clone(&sources), Arc::clone(say));
        let kernel = RecommendedWatcher::new(
            move |event| {
                for path in changed(&judge, event, &judge_say) {
                    // An error means that the server is ending.
                    let _ = changes.send(Message::Changed(path));
                }
            },
            // `src/listings` is a symlink to a folder that is watched anyway.
            Config::default().with_follow_symlinks(false),
        )
        .map_err(explain)?;
        let mut watcher = Self {
            kernel,
            sources,
            say: Arc::clone(say),
        };
        watcher.watch_parents()?;
        watcher.watch_sources().map_err(explain)?;
        Ok(watcher)
    }

    /// Watches the folder around each source too: an editor that saves by
    /// renaming a new file over the old one leaves a watch on the file behind,
    /// and a folder may be replaced as a whole.
    fn watch_parents(&mut self) -> Result<()> {
        let parents: BTreeSet<_> = self
            .sources
            .watched
            .iter()
            .filter_map(|path| path.parent())
            .filter(|parent| parent.is_dir())
            .collect();
        for parent in parents {
            self.kernel
                .watch(parent, RecursiveMode::NonRecursive)
                .map_err(explain)?;
        }
        Ok(())
    }

    fn watch_sources(&mut self) -> notify::Result<()> {
        for folder in self.sources.watched.iter().filter(|path| path.is_dir()) {
            match self.kernel.watch(folder, RecursiveMode::Recursive) {
                // Gone since it was listed; its removal is an event of its own.
                Err(error) if matches!(error.kind, ErrorKind::PathNotFound) => {}
                outcome => outcome?,
            }
        }
        Ok(())
    }

    /// Watches the folders that have been replaced, or were missing before.
    /// What is watched already stays so.
    pub fn rearm(&mut self) {
        if let Err(error) = self.watch_sources() {
            (self.say)(&format!("{:#}", explain(error)));
        }
    }
}

/// The paths in `event` that are a reason to build.
fn changed(sources: &Sources, event: notify::Result<Event>, say: &Say) -> Vec<PathBuf> {
    match event {
        Err(error) => {
            say(&format!("{:#}", explain(error)));
            Vec::new()
        }
        // The kernel's queue was full and events are lost.
        Ok(event) if event.need_rescan() => vec![sources.root.clone()],
        // Building reads every source.
        Ok(Event {
            kind: EventKind::Access(_),
            ..
        }) => Vec::new(),
        Ok(event) => event
            .paths
            .into_iter()
            .filter(|path| sources.contain(path))
            .collect(),
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
