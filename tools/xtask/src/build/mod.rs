//! `cargo xtask build`: record, render, check, put in place.

mod dead_links;
mod html;
mod mirror;
mod place;
mod sitemap;
mod skips;
mod spans;
mod staging;
mod warnings;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::mem;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use anyhow::{Context, bail};
use gate::{Claims, Gate, Report};
use linkcheck::{Excerpt, Expected};
use mdbook_driver::MDBook;
use mdbook_driver::book::BookItem;
use mdbook_driver::config::Config;
use mdbook_preprocessor::Preprocessor;
use mdbook_renderer::{RenderContext, Renderer};
use session::{Progress, span};

use skips::Skips;
use spans::Spans;
use staging::Staging;

/// How to build.
#[derive(Default)]
pub struct Options {
    /// So that a second build makes the same bytes: addresses are not randomised,
    /// and stand-ins are shown for what is new in each session.
    pub reproducible: bool,
    /// Tell where the time went.
    pub timings: bool,
    /// Fail where a listing is skipped, other than these.
    pub deny_skips: Option<Vec<String>>,
    /// What builds before have left: while serving.
    pub memo: Option<Memo>,
}

/// All that a process keeps from build to build, while it serves.
#[derive(Default)]
pub struct Memo {
    /// Records, and the pages that show them.
    pages: Arc<gate::Memo>,
    /// What the link check has read.
    html: linkcheck::Memo,
    staging: Mutex<Option<Arc<Staging>>>,
    told: Arc<Mutex<Told>>,
}

/// What does not apply here, as it was told in the last build and in this one.
#[derive(Default)]
struct Told {
    last: BTreeSet<String>,
    now: BTreeSet<String>,
}

impl Told {
    /// Whether a line is news.
    fn is_new(&mut self, line: &str) -> bool {
        self.now.insert(line.to_owned()) && !self.last.contains(line)
    }
}

impl Memo {
    /// The files that the last build has read for its pages, and the commands
    /// that it has run.
    pub fn last(&self) -> (Vec<PathBuf>, Vec<gate::Ran>) {
        self.pages.last()
    }

    /// The folders that books are made in.
    fn staging(&self, destination: &Path) -> anyhow::Result<Arc<Staging>> {
        let Ok(mut kept) = self.staging.lock() else {
            return Ok(Arc::new(Staging::beside(destination)?));
        };
        Ok(match &*kept {
            Some(staging) if staging.is_for(destination) => Arc::clone(staging),
            _ => Arc::clone(kept.insert(Arc::new(Staging::serving(destination)?))),
        })
    }
}

/// Builds the book. The old one stays where it is until the new one is
/// finished and checked.
pub fn build(root: &Path, options: &Options) -> anyhow::Result<()> {
    if options.reproducible {
        session::without_address_randomisation()
            .context("cannot switch off the randomisation of addresses")?;
    }
    let start = Instant::now();
    let spans = Arc::new(Spans::default());
    let destination = destination(root)?;
    let memo = options.memo.as_ref();
    let staging = match memo {
        Some(memo) => memo.staging(&destination)?,
        None => Arc::new(Staging::beside(&destination)?),
    };
    let rendered = staging.rendered();
    let deny = options.deny_skips.as_deref();
    let skips = Arc::new(deny.map(|except| Skips::except(root, except)).transpose()?);

    let (spent, heard) = (Arc::clone(&spans), Arc::clone(&skips));
    let told = memo.map(|memo| Arc::clone(&memo.told));
    let is_old = move |line: &str| {
        let told = told.as_ref().and_then(|told| told.lock().ok());
        told.is_some_and(|mut told| !told.is_new(line))
    };
    let report: Report = Arc::new(move |progress| match progress {
        Progress::Spent(what, time) => spent.add(what, time),
        progress => {
            let line = progress.to_string();
            let stays = matches!(progress, Progress::Skipped(..) | Progress::Unshown(_));
            if !stays || !is_old(&line) {
                let _ = writeln!(io::stderr(), "{line}");
            }
            if let Some(skips) = &*heard {
                skips.hear(progress);
            }
        }
    });
    let outcome = Arc::<Mutex<gate::Outcome>>::default();
    let gate = Gate {
        report: Arc::clone(&report),
        reproducible: options.reproducible,
        memo: memo.map(|memo| Arc::clone(&memo.pages)),
        outcome: Arc::clone(&outcome),
    };
    let book = warnings::are_failures(|| {
        let mut book = load(root, &rendered, gate)?;
        pages::stage_in(&staging.theme(), &mut book.config)?;
        let outputs: BTreeMap<String, serde_json::Value> = book.config.outputs()?;
        if outputs.is_empty() || outputs.contains_key("html") {
            book.with_renderer(html::Html);
        }
        book.build()?;
        Ok(book)
    })?;
    if let Some(mut told) = memo.and_then(|memo| memo.told.lock().ok()) {
        told.last = mem::take(&mut told.now);
    }
    if let Some(skips) = &*skips {
        skips.check()?;
    }
    // All that was not told is mdBook's own work.
    spans.add("rendering", start.elapsed().saturating_sub(spans.total()));

    sitemap::write(&rendered, &book)?;
    let html = memo.map(|memo| &memo.html);
    let outcome = outcome.lock().map(|outcome| outcome.clone());
    let outcome = outcome.unwrap_or_default();
    let expected: Vec<Expected> = outcome.pages.iter().map(expected).collect();
    // Nobody sees it before it is checked and put in its place.
    let (report, brought) = thread::scope(|scope| {
        let brought = scope.spawn(|| staging.bring());
        let check = || linkcheck::report(&rendered, &expected, html);
        (span("checks", &*report, check), brought.join())
    });
    let report = report?;
    if !report.findings.is_empty() {
        let src = book.config.book.src.clone();
        bail!(dead_links::failures(
            root,
            &src,
            &chapters(&book),
            report.findings
        ));
    }
    brought.unwrap_or_else(|panic| resume_unwind(panic))?;
    staging.put()?;
    let shown = destination.strip_prefix(root).unwrap_or(&destination);
    let _ = writeln!(
        io::stderr(),
        "  built {}/ in {:.2} s: {} pages, {} links checked",
        shown.display(),
        start.elapsed().as_secs_f64(),
        report.pages,
        report.links
    );
    let Claims {
        hold, do_not_apply, ..
    } = outcome.claims;
    let _ = writeln!(
        io::stderr(),
        "  {hold} claims hold, {do_not_apply} do not apply here ({} listings skipped), {} not looked at",
        outcome.skipped.len(),
        outcome.claims.not_looked_at()
    );
    if options.timings {
        spans.add("in place", start.elapsed().saturating_sub(spans.total()));
        let _ = writeln!(io::stderr(), "{spans}");
    }
    Ok(())
}

/// What the link check must find on a page.
fn expected(shown: &gate::Shown) -> Expected {
    let excerpts = shown.excerpts.iter().map(|excerpt| Excerpt {
        file: shown.chapter.clone(),
        line: excerpt.line,
        html: excerpt.html.clone(),
    });
    Expected {
        page: shown.page.to_string_lossy().into_owned(),
        excerpts: excerpts.collect(),
    }
}

/// The book, with a preprocessor in this process.
pub fn load(
    root: &Path,
    destination: &Path,
    preprocessor: impl Preprocessor + 'static,
) -> anyhow::Result<MDBook> {
    let mut config = config(root)?;
    destination.clone_into(&mut config.build.build_dir);
    gate::check_summary(root, &config.book.src)?;
    let mut book = MDBook::load_with_config(root, config)?;
    book.with_preprocessor(preprocessor);
    Ok(book)
}

/// The folder that the finished book is put in.
pub fn destination(root: &Path) -> anyhow::Result<PathBuf> {
    Ok(root.join(config(root)?.build.build_dir))
}

/// What a book is made of, whatever its pages name.
pub fn sources(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let config = config(root)?;
    let html = config.html_config().unwrap_or_default();
    let theme = html.theme.clone().unwrap_or_else(|| "theme".into());
    let mut sources = vec![config.book.src, theme];
    sources.extend(["listings", "book.toml", "Cargo.toml", gate::TERMS].map(PathBuf::from));
    let own = html.additional_css.into_iter().chain(html.additional_js);
    // What a build writes is no source.
    sources.extend(own.filter(|file| !file.starts_with("target")));
    Ok(sources.iter().map(|source| root.join(source)).collect())
}

fn config(root: &Path) -> anyhow::Result<Config> {
    let mut config = Config::from_disk(root.join("book.toml")).context("cannot read book.toml")?;
    config.update_from_env()?;
    Ok(config)
}

/// The chapters' files below `src/`, in the order of the book.
pub fn chapters(book: &MDBook) -> Vec<PathBuf> {
    book.iter()
        .filter_map(|item| match item {
            BookItem::Chapter(chapter) => chapter.source_path.clone(),
            _ => None,
        })
        .collect()
}

/// Stands for a renderer of mdBook, and renders nothing. For one of HTML, files
/// of the theme would be written.
pub struct NoPages;

impl Renderer for NoPages {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn render(&self, _: &RenderContext) -> anyhow::Result<()> {
        Ok(())
    }
}
