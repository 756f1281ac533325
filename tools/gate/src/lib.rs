//! The preprocessor: runs the directives of every chapter, frames the listings,
//! and is the gate.
//!
//! It works in a process that links mdBook ([`Gate`] is a preprocessor) and as
//! a command that mdBook starts (the binary `gate`), by the same code.
//!
//! A chapter comes in after mdBook's `links` preprocessor, so that includes are
//! expanded. Places in messages are those of the chapter's own source. All that
//! is wrong with the book is collected and told at once.

mod code;
mod directive;
mod failure;
#[cfg(any(test, fuzzing))]
pub mod hostile;
mod include;
mod listing;
mod machine;
mod memo;
mod page;
mod plan;
pub mod prose;
mod source;
mod strays;
mod workshop;

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;

use mdbook_core::book::{Book, BookItem, Chapter};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use pages::{prepare, sections};
use rayon::prelude::*;
use reading::records_folder;
use session::{Command, Listings, Progress, Records, Want, span, wanted};

pub use failure::{Failure, Failures};
pub use memo::Memo;
pub use plan::Planner;

use machine::Machine;
use memo::{Ground, Kept};
use page::Page;
use source::Source;
use workshop::Workshop;

/// Tells those who wait what is being done.
pub type Report = Arc<dyn Fn(Progress) + Send + Sync>;

/// The preprocessor.
pub struct Gate {
    pub report: Report,
    /// Whether excerpts show stand-ins for what is new in each session.
    pub reproducible: bool,
    /// What a process that builds again and again keeps.
    pub memo: Option<Arc<Memo>>,
}

impl Gate {
    /// With every capture made anew.
    pub fn new(report: Report) -> Self {
        Self {
            report,
            reproducible: false,
            memo: None,
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
            let of = |chapter: &Chapter| {
                let page = chapter.source_path.as_ref();
                let page = page.and_then(|path| pages.get(path));
                page.map_or_else(
                    || sections(&chapter.content).into(),
                    |page| Arc::clone(&page.sections),
                )
            };
            span("search index", &*self.report, || {
                prepare(&context.root, &context.config, &mut book, of)
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
    ) -> anyhow::Result<(Book, BTreeMap<PathBuf, Kept>)> {
        let (root, src) = (&context.root, &context.config.book.src);
        let report = &*self.report;
        let root = root
            .canonicalize()
            .with_context(|| format!("cannot find the book's folder {}", root.display()))?;
        let html = context.config.html_config().unwrap_or_default();
        let ground = Ground {
            listings: Listings::of(&root)?,
            rules: prose::Rules::read(&root)?,
            repository: html.git_repository_url,
        };
        let memo = self.memo.as_deref();
        let known = memo.map(|memo| memo.pages(&ground)).unwrap_or_default();
        let (sources, mut found) = read(&root, src, &book);
        let order: Vec<PathBuf> = sources.iter().map(|source| source.file.clone()).collect();
        let pages: Vec<_> = span("checks", report, || {
            found.extend(strays::check(&root, src, &order));
            let make = |source| Page::of(source, &ground.listings, &ground.rules);
            let sources = sources.into_par_iter();
            sources.map(|source| known.page(source, make)).collect()
        });

        let wants = wants(pages.iter().map(|(page, _)| &**page));
        let shown = wanted(&wants);
        for listing in ground.listings.iter() {
            if !shown.contains(listing.name.as_str()) {
                report(Progress::Unshown(listing.name.clone()));
            }
        }
        let mut records = match records_folder() {
            Some(folder) => {
                let records = span("records", report, || Records::read(&folder, &wants))?;
                report(Progress::Read(folder));
                records
            }
            None => {
                let memo = memo.map(|memo| &memo.records);
                Records::make(&ground.listings, &wants, memo, &report)?
            }
        };
        if let Some(folder) = env::var_os("CAPTURE_KEEP_RECORDS") {
            span("records", report, || records.write(Path::new(&folder)))?;
        }
        if self.reproducible {
            records.show_stand_ins(&ground.listings)?;
        }
        let runs_commands = pages.iter().any(|(page, _)| page.runs_commands());
        let workshop = runs_commands
            .then(|| span("records", report, || Workshop::open(&records)))
            .transpose()
            .context("cannot make a temporary folder")?;
        let machine = Machine {
            workshop: workshop.as_ref(),
            repository: ground.repository.as_deref(),
        };
        let outcomes: Vec<_> = span("directives", report, || {
            let pages = pages.into_par_iter().enumerate();
            let finish = |(number, (page, mut found)): (usize, (Arc<Page>, Vec<Failure>))| {
                let records = records.only(&wanted(&page.wants()));
                if let Some(kept) = known.finished(&page, &records) {
                    return Ok(kept.clone());
                }
                let text = match machine.run(number, &page, &records) {
                    Ok(text) if found.is_empty() => text,
                    outcome => {
                        found.extend(outcome.err().into_iter().flatten());
                        return Err(found);
                    }
                };
                Ok(Kept {
                    page,
                    records,
                    sections: sections(&text).into(),
                    text: text.into(),
                })
            };
            pages.map(finish).collect()
        });

        let mut finished = BTreeMap::new();
        for outcome in outcomes {
            match outcome {
                Ok(kept) => {
                    finished.insert(kept.page.source.source_path.clone(), kept);
                }
                Err(failures) => found.extend(failures),
            }
        }
        if let Some(memo) = memo {
            memo.keep(ground, &finished);
        }
        if !found.is_empty() {
            return Err(Failures::in_order(found, &order).into());
        }
        book.for_each_chapter_mut(|chapter| {
            let path = chapter.source_path.as_ref();
            if let Some(kept) = path.and_then(|path| finished.get(path)) {
                chapter.content = kept.text.to_string();
            }
        });
        Ok((book, finished))
    }
}

/// Excerpts are HTML, which Markdown may hold.
pub fn supports(renderer: &str) -> bool {
    matches!(renderer, "html" | "markdown")
}

fn read(root: &Path, src: &Path, book: &Book) -> (Vec<Source>, Vec<Failure>) {
    let mut sources = Vec::new();
    let mut found = Vec::new();
    for item in book.iter() {
        if let BookItem::Chapter(chapter) = item {
            match Source::read(root, src, chapter) {
                Ok(source) => sources.extend(source),
                Err(failure) => found.push(failure),
            }
        }
    }
    (sources, found)
}

/// All that a build would run, in the order of the book, without running it:
/// what stands in the chapters first, then what the sessions run.
pub fn commands(root: &Path, src: &Path, book: &Book) -> anyhow::Result<Vec<Command>> {
    let root = root.canonicalize()?;
    let listings = Listings::of(&root)?;
    let rules = prose::Rules::read(&root)?;
    let (sources, found) = read(&root, src, book);
    if !found.is_empty() {
        return Err(Failures::in_order(found, &[]).into());
    }
    // What is wrong with a page is told by a build.
    let pages = sources.into_iter();
    let pages = pages.map(|source| Page::of(source, &listings, &rules).0);
    let pages: Vec<Page> = pages.collect();
    let mut commands: Vec<Command> = pages.iter().flat_map(Page::commands).collect();
    commands.extend(session::commands(&listings, &wants(&pages))?);
    Ok(commands)
}

/// What the sessions of this build must do.
fn wants<'a>(pages: impl IntoIterator<Item = &'a Page>) -> Vec<Want> {
    pages.into_iter().flat_map(Page::wants).collect()
}
