//! The gate: one pass over the author's own text, before mdBook's `links`.
//!
//! A chapter (`chapter`) is taken apart once (`structure`). Its comments (`comment`)
//! are directives and claims (`directive`), and its blocks of code may show listings
//! (`listing`), all read in one pass (`read`); what is to be run and shown is a `page`.
//! Once the sessions are over, `finish` makes its finished text. All that is wrong with
//! the folder of sources (`sources`) and with the book, on the way or in its prose
//! (`prose`), is collected and told at once (`failure`).
//!
//! It works in a process that links mdBook ([`Gate`] is a preprocessor) and as a
//! command that mdBook starts (the binary `gate`), by the same code. It knows
//! Markdown and mdBook; it knows nothing of `/proc`.

mod chapter;
mod comment;
mod directive;
mod failure;
mod finish;
#[cfg(any(test, fuzzing))]
pub mod hostile;
mod include;
mod listing;
mod memo;
mod page;
mod plan;
pub mod prose;
mod read;
mod shell;
mod sources;
mod structure;

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context, bail};
use mdbook_core::book::{self, Book};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use pages::prepare;
use rayon::iter::Either;
use rayon::prelude::*;
use reading::records_folder;
use regex::Regex;
use session::{Environment, Listings, Progress, Records, Want, span, wanted};

pub use failure::{Failure, Failures};
pub use finish::{Claims, Excerpt};
pub use memo::{Memo, Ran};
pub use plan::{commands, plan};
pub use prose::TERMS;
pub use sources::{check_summary, is_leaving, refuse_secrets};

use chapter::Chapter;
use finish::Finisher;
use memo::{Ground, Pages};
use page::Page;
use shell::Shell;

/// Tells those who wait what is being done.
pub type Report = Arc<dyn Fn(Progress) + Send + Sync>;

/// The preprocessor.
pub struct Gate {
    pub report: Report,
    /// Whether excerpts show stand-ins for what is new in each session.
    pub reproducible: bool,
    /// What a process that builds again and again keeps.
    pub memo: Option<Arc<Memo>>,
    /// What a build leaves for those who look at the finished pages.
    pub outcome: Arc<Mutex<Outcome>>,
}

/// What went through the gate.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub claims: Claims,
    /// The listings that were skipped here, each with what was lacking.
    pub skipped: BTreeMap<String, String>,
    pub pages: Vec<Shown>,
}

/// A page, and what a reader must see of it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The chapter's file below the book's root.
    pub chapter: PathBuf,
    /// The page below the book's folder.
    pub page: PathBuf,
    pub excerpts: Vec<Excerpt>,
}

impl Gate {
    /// With every capture made anew.
    pub fn new(report: Report) -> Self {
        Self {
            report,
            reproducible: false,
            memo: None,
            outcome: Arc::default(),
        }
    }
}

impl Preprocessor for Gate {
    fn name(&self) -> &'static str {
        "gate"
    }

    fn run(&self, context: &PreprocessorContext, book: Book) -> anyhow::Result<Book> {
        let (mut book, pages) = self.expand(context, book)?;
        if context.renderer == "html" {
            let sections = |chapter: &book::Chapter| {
                let path = chapter.source_path.as_ref();
                let page = path.and_then(|path| pages.get(&context.config.book.src.join(path)));
                page.map_or_else(Arc::default, |page| Arc::clone(&page.sections))
            };
            span("search index", &*self.report, || {
                prepare(&context.root, &context.config, &mut book, sections)
            })?;
        }
        Ok(book)
    }

    fn supports_renderer(&self, renderer: &str) -> anyhow::Result<bool> {
        Ok(supports(renderer))
    }
}

impl Gate {
    /// Runs everything in a book, and gives its pages by their chapters' files. The
    /// error is [`Failures`] where the book is at fault.
    fn expand(
        &self,
        context: &PreprocessorContext,
        mut book: Book,
    ) -> anyhow::Result<(Book, Pages)> {
        let (root, src) = (&context.root, &context.config.book.src);
        let report = &*self.report;
        let root = root
            .canonicalize()
            .with_context(|| format!("cannot find the book's folder {}", root.display()))?;
        check_order(context)?;
        let html = context.config.html_config().unwrap_or_default();
        let ground = Ground {
            listings: Listings::of(&root)?,
            rules: prose::Rules::read(&root)?,
            repository: html.git_repository_url,
        };
        let memo = self.memo.as_deref();
        let known = memo.map(|memo| memo.pages(&ground)).unwrap_or_default();
        let chapters = chapters(&root, src, &book);
        if let Some(memo) = memo {
            memo.begin(chapters.iter().flat_map(Chapter::files));
        }
        let order: Vec<PathBuf> = chapters.iter().map(|each| each.file.clone()).collect();
        let mut found = Vec::new();
        let pages: Vec<Arc<Page>> = span("checks", report, || {
            found = sources::strays(&root, src, &order);
            found.extend(sources::first(&root, src, &order));
            let page = |chapter: Chapter| match known.get(&chapter.file) {
                Some(finished) if finished.page.chapter == chapter => Arc::clone(&finished.page),
                _ => read::page(chapter, &ground.listings, &ground.rules).into(),
            };
            chapters.into_par_iter().map(page).collect()
        });
        let records = Arc::new(self.records(pages.iter().map(|page| &**page), &ground.listings)?);

        let runs_commands = pages.iter().any(|page| page.runs_commands());
        let shell = runs_commands
            .then(|| span("writing records", report, || Shell::open(&records)))
            .transpose()
            .context("cannot make a temporary folder")?;
        let finisher = Finisher {
            shell: shell.as_ref(),
            repository: ground.repository.as_deref(),
            page_size: Environment::here().page_size,
            memo,
        };
        let (wrong, finished): (Vec<Vec<Failure>>, Pages) = span("directives", report, || {
            let finish = |page: Arc<Page>| {
                let file = page.chapter.file.clone();
                let finished = match known.get(&file) {
                    Some(finished) if finished.is_of(&page, &records) => Arc::clone(finished),
                    _ => finisher.finish(page, &records)?.into(),
                };
                Ok((file, finished))
            };
            pages
                .into_par_iter()
                .map(finish)
                .partition_map(Either::from)
        });

        found.extend(wrong.into_iter().flatten());
        if let Some(memo) = memo {
            memo.keep(ground, finished.clone());
        }
        if !found.is_empty() {
            return Err(Failures::in_order(found, &order).into());
        }
        book.for_each_chapter_mut(|chapter| {
            let path = chapter.source_path.as_ref();
            if let Some(finished) = path.and_then(|path| finished.get(&src.join(path))) {
                chapter.content.clone_from(&finished.text);
            }
        });
        self.leave(&finished, &records)?;
        Ok((book, finished))
    }

    /// The records that pages want: of this build, or read where somebody gives some.
    fn records<'a>(
        &self,
        pages: impl Iterator<Item = &'a Page>,
        listings: &Listings,
    ) -> anyhow::Result<Records> {
        let report = &*self.report;
        let wants: Vec<Want> = pages.flat_map(Page::wants).collect();
        let shown = wanted(&wants);
        for listing in listings.iter() {
            if !shown.contains(listing.name.as_str()) {
                report(Progress::Unshown(listing.name.clone()));
            }
        }
        let mut records = match records_folder() {
            Some(folder) => {
                let read = || Records::read(&folder, &wants);
                let records = span("reading records", report, read)?;
                report(Progress::Read(folder));
                records
            }
            None => {
                let memo = self.memo.as_deref().map(|memo| &memo.records);
                Records::make(listings, &wants, memo, &report)?
            }
        };
        if let Some(folder) = env::var_os("CAPTURE_KEEP_RECORDS") {
            let write = || records.write(Path::new(&folder));
            span("writing records", report, write)?;
        }
        if self.reproducible {
            records.show_stand_ins(listings)?;
        }
        Ok(records)
    }

    /// Tells what went through. Every claim was looked at, or there is no book.
    fn leave(&self, pages: &Pages, records: &Records) -> anyhow::Result<()> {
        let mut outcome = Outcome::default();
        for finished in pages.values() {
            let (chapter, claims) = (&finished.page.chapter, finished.claims);
            outcome.claims.made += claims.made;
            outcome.claims.hold += claims.hold;
            outcome.claims.do_not_apply += claims.do_not_apply;
            outcome.pages.push(Shown {
                chapter: chapter.file.clone(),
                page: chapter.page.clone(),
                excerpts: finished.excerpts.clone(),
            });
        }
        for name in records.names() {
            let record = records.get(name).ok();
            if let Some(lacked) = record.and_then(|record| record.lacked()) {
                outcome.skipped.insert(name.to_owned(), lacked.to_owned());
            }
        }
        let left = outcome.claims.not_looked_at();
        if left > 0 {
            bail!(
                "{left} claims were not looked at, which is a fault of the gate; please report it"
            );
        }
        if let Ok(mut place) = self.outcome.lock() {
            *place = outcome;
        }
        Ok(())
    }
}

/// Excerpts are HTML, which Markdown may hold.
pub fn supports(renderer: &str) -> bool {
    matches!(renderer, "html" | "markdown")
}

/// Behind mdBook's `links`, a chapter is no longer its author's own text.
fn check_order(context: &PreprocessorContext) -> anyhow::Result<()> {
    let before = context.config.get("preprocessor.gate.before");
    let before: Vec<String> = before.ok().flatten().unwrap_or_default();
    if before.iter().any(|name| name == "links") {
        return Ok(());
    }
    bail!(
        "book.toml: the gate reads a chapter as its author wrote it; write `before = [\"links\"]` and `after = [\"index\"]` under [preprocessor.gate]"
    )
}

/// The chapters of a book.
fn chapters(root: &Path, src: &Path, book: &Book) -> Vec<Chapter> {
    let chapters = book.chapters();
    let chapters = chapters.filter_map(|chapter| Chapter::read(root, src, chapter));
    chapters.collect()
}

/// A pattern that is part of the program.
#[expect(clippy::expect_used, reason = "a constant, tried by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is well formed")
}
