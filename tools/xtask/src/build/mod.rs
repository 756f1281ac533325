//! `cargo xtask build`: record, render, check, put in place.

mod dead_links;
mod html;
mod mirror;
mod sitemap;
mod skips;
mod staging;
mod warnings;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use anyhow::{Context, bail};
use gate::{Gate, Outcome, Report};
use linkcheck::{Excerpt, Expected};
use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use session::{Progress, span};

use crate::lock;
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
}

/// All that a process keeps from build to build, while it serves.
#[derive(Default)]
pub struct Memo {
    /// Records, and the pages that show them.
    pub pages: Arc<gate::Memo>,
    /// What the link check has read.
    html: linkcheck::Memo,
    /// The folders that books are made in.
    staging: Mutex<Option<Staging>>,
    /// What does not apply here, and was told.
    told: Arc<Mutex<BTreeSet<String>>>,
}

/// Builds the book. The old one stays where it is until the new one is
/// finished and checked.
///
/// `memo` is what builds before have left: while serving.
pub fn build(root: &Path, options: &Options, memo: Option<&Memo>) -> anyhow::Result<()> {
    if options.reproducible {
        session::without_address_randomisation()
            .context("cannot switch off the randomisation of addresses")?;
    }
    let start = Instant::now();
    let destination = destination(root)?;
    let is_serving = memo.is_some();
    let none = Memo::default();
    let memo = memo.unwrap_or(&none);
    let mut kept = lock(&memo.staging);
    let staging = match kept.take().filter(Staging::is_there) {
        Some(staging) => staging,
        None => Staging::new(&destination, is_serving)?,
    };
    let staging = kept.insert(staging);
    let rendered = staging.rendered();
    if options.deny_skips {
        skips::can_be_told(root, &options.except)?;
    }
    let report = report(options.timings, Arc::clone(&memo.told));
    let outcome = Arc::<Mutex<Outcome>>::default();
    let gate = Gate {
        report: Arc::clone(&report),
        reproducible: options.reproducible,
        memo: is_serving.then(|| Arc::clone(&memo.pages)),
        outcome: Arc::clone(&outcome),
    };
    let book = warnings::are_failures(|| {
        let mut book = load(root)?;
        rendered.clone_into(&mut book.config.build.build_dir);
        pages::stage_in(&rendered.with_file_name("theme"), &mut book.config)?;
        book.with_preprocessor(gate)
            .with_renderer(html::Html(Arc::clone(&report)));
        book.build()?;
        Ok(book)
    })?;
    let outcome = lock(&outcome).clone();
    if options.deny_skips {
        skips::check(&outcome.skipped, &options.except)?;
    }
    sitemap::write(&rendered, &book.config, &outcome.pages)?;
    let expected: Vec<Expected> = outcome.pages.iter().map(expected).collect();
    // Nobody sees it before it is checked and put in its place.
    let (checked, brought) = thread::scope(|scope| {
        let brought = scope.spawn(|| staging.bring());
        let check = || linkcheck::report(&rendered, &expected, &memo.html);
        (span("link check", &*report, check), brought.join())
    });
    let checked = checked?;
    if !checked.findings.is_empty() {
        let files = book
            .book
            .chapters()
            .filter_map(|each| each.source_path.as_ref());
        let order: Vec<PathBuf> = files.map(|file| book.config.book.src.join(file)).collect();
        let found = &checked.findings;
        bail!(dead_links::failures(root, &order, &outcome.pages, found));
    }
    brought.unwrap_or_else(|panic| resume_unwind(panic))?;
    span("in place", &*report, || staging.put(&destination))?;
    let shown = destination.strip_prefix(root).unwrap_or(&destination);
    let claims = outcome.claims;
    let _ = writeln!(
        io::stderr(),
        "  built {}/ in {:.2} s: {} pages, {} links checked\n  \
         {} claims hold, {} do not apply here ({} listings skipped), {} not looked at",
        shown.display(),
        start.elapsed().as_secs_f64(),
        checked.pages,
        checked.links,
        claims.hold,
        claims.do_not_apply,
        outcome.skipped.len(),
        claims.not_looked_at()
    );
    Ok(())
}

/// Prints what a build tells. While serving, what does not apply here is told once.
fn report(timings: bool, told: Arc<Mutex<BTreeSet<String>>>) -> Report {
    Arc::new(move |progress| {
        let line = progress.to_string();
        let is_told = match progress {
            Progress::Spent(..) => timings,
            Progress::Skipped(..) | Progress::Unshown(_) => lock(&told).insert(line.clone()),
            _ => true,
        };
        if is_told {
            let _ = writeln!(io::stderr(), "{line}");
        }
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

/// The book. What it is made with, its callers say: in this process, a preprocessor
/// and a renderer take the place of those of the same name in book.toml.
pub fn load(root: &Path) -> anyhow::Result<MDBook> {
    let config = config(root)?;
    gate::check_summary(root, &config.book.src)?;
    MDBook::load_with_config(root, config)
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
