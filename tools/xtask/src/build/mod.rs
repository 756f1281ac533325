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
use gate::{Claims, Gate, Outcome, Report};
use linkcheck::{Excerpt, Expected};
use mdbook_driver::MDBook;
use mdbook_driver::book::BookItem;
use mdbook_driver::config::Config;
use mdbook_preprocessor::Preprocessor;
use mdbook_renderer::{RenderContext, Renderer};
use session::{Progress, span};

use crate::lock;
use spans::Spans;
use staging::Staging;

/// How to build.
#[derive(Default, clap::Args)]
pub struct Options {
    /// So that a second build makes the same bytes: the pages show stand-ins for
    /// process ids, times and the day
    #[arg(long)]
    pub reproducible: bool,
    /// Tell where the time goes
    #[arg(long)]
    pub timings: bool,
    /// Fail where a listing is skipped on this machine
    #[arg(long)]
    pub deny_skips: bool,
    /// This listing may be skipped all the same
    #[arg(long, value_name = "LISTING", requires = "deny_skips")]
    pub except: Vec<String>,
    /// What builds before have left: while serving
    #[arg(skip)]
    pub memo: Option<Arc<Memo>>,
}

/// All that a process keeps from build to build, while it serves.
#[derive(Default)]
pub struct Memo {
    /// Records, and the pages that show them.
    pages: Arc<gate::Memo>,
    /// What the link check has read.
    html: linkcheck::Memo,
    /// The folders that books are made in.
    staging: Mutex<Option<Arc<Staging>>>,
    told: Arc<Mutex<Told>>,
}

/// What does not apply here, as it was told in the last build and in this one.
#[derive(Default)]
struct Told {
    last: BTreeSet<String>,
    now: BTreeSet<String>,
}

impl Memo {
    /// The files that the last build has read for its pages, and the commands
    /// that it has run.
    pub fn last(&self) -> (Vec<PathBuf>, Vec<gate::Ran>) {
        self.pages.last()
    }

    fn staging(&self, destination: &Path) -> anyhow::Result<Arc<Staging>> {
        let mut kept = lock(&self.staging);
        Ok(match &*kept {
            Some(staging) if staging.is_for(destination) => Arc::clone(staging),
            _ => Arc::clone(kept.insert(Arc::new(Staging::new(destination, true)?))),
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
        None => Arc::new(Staging::new(&destination, false)?),
    };
    let rendered = staging.rendered();
    if options.deny_skips {
        skips::can_be_told(root, &options.except)?;
    }
    let told = memo.map(|memo| Arc::clone(&memo.told)).unwrap_or_default();
    let report = report(Arc::clone(&spans), Arc::clone(&told));
    let outcome = Arc::<Mutex<Outcome>>::default();
    let gate = Gate {
        report: Arc::clone(&report),
        reproducible: options.reproducible,
        memo: memo.map(|memo| Arc::clone(&memo.pages)),
        outcome: Arc::clone(&outcome),
    };
    let book = warnings::are_failures(|| {
        let mut book = load(root, &rendered, gate)?;
        pages::stage_in(&rendered.with_file_name("theme"), &mut book.config)?;
        let outputs: BTreeMap<String, serde_json::Value> = book.config.outputs()?;
        if outputs.is_empty() || outputs.contains_key("html") {
            book.with_renderer(html::Html);
        }
        book.build()?;
        Ok(book)
    })?;
    let mut told = lock(&told);
    told.last = mem::take(&mut told.now);
    drop(told);
    let outcome = lock(&outcome).clone();
    if options.deny_skips {
        skips::check(&outcome.skipped, &options.except)?;
    }
    // All that was not told is mdBook's own work.
    spans.add("rendering", start.elapsed().saturating_sub(spans.total()));

    sitemap::write(&rendered, &book.config, &outcome.pages)?;
    let expected: Vec<Expected> = outcome.pages.iter().map(expected).collect();
    // Nobody sees it before it is checked and put in its place.
    let (checked, brought) = thread::scope(|scope| {
        let brought = scope.spawn(|| staging.bring());
        let check = || linkcheck::report(&rendered, &expected, memo.map(|memo| &memo.html));
        (span("checks", &*report, check), brought.join())
    });
    let checked = checked?;
    if !checked.findings.is_empty() {
        let order = chapters(&book);
        bail!(dead_links::failures(
            root,
            &order,
            &outcome.pages,
            &checked.findings
        ));
    }
    brought.unwrap_or_else(|panic| resume_unwind(panic))?;
    staging.put()?;
    let shown = destination.strip_prefix(root).unwrap_or(&destination);
    let Claims {
        hold, do_not_apply, ..
    } = outcome.claims;
    let _ = writeln!(
        io::stderr(),
        "  built {}/ in {:.2} s: {} pages, {} links checked\n  \
         {hold} claims hold, {do_not_apply} do not apply here ({} listings skipped), {} not looked at",
        shown.display(),
        start.elapsed().as_secs_f64(),
        checked.pages,
        checked.links,
        outcome.skipped.len(),
        outcome.claims.not_looked_at()
    );
    if options.timings {
        spans.add("in place", start.elapsed().saturating_sub(spans.total()));
        let _ = writeln!(io::stderr(), "{spans}");
    }
    Ok(())
}

/// Prints what a build tells, and adds up where its time goes. While serving, what
/// does not apply here is told once, and again when it is new.
fn report(spans: Arc<Spans>, told: Arc<Mutex<Told>>) -> Report {
    Arc::new(move |progress| {
        let line = progress.to_string();
        match progress {
            Progress::Spent(what, time) => return spans.add(what, time),
            Progress::Skipped(..) | Progress::Unshown(_) => {
                let mut told = lock(&told);
                if !told.now.insert(line.clone()) || told.last.contains(&line) {
                    return;
                }
            }
            _ => {}
        }
        let _ = writeln!(io::stderr(), "{line}");
    })
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
    // This mdBook is compiled without its search, and warns of every setting of it.
    if let Some(mut html) = config.get::<toml::Table>("output.html")?
        && let Some(search) = html.remove("search")
    {
        if search.get("enable").and_then(toml::Value::as_bool) != Some(false) {
            bail!(
                "book.toml switches mdBook's own search on, which `cargo xtask` is compiled without; write `search = {{ enable = false }}` below [output.html]"
            );
        }
        config.set("output.html", html)?;
    }
    Ok(config)
}

/// The chapters' files below the root, in the order of the book.
fn chapters(book: &MDBook) -> Vec<PathBuf> {
    let file = |item: &BookItem| match item {
        BookItem::Chapter(chapter) => chapter.source_path.clone(),
        _ => None,
    };
    let src = &book.config.book.src;
    book.iter()
        .filter_map(file)
        .map(|file| src.join(file))
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
