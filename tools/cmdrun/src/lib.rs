//! The preprocessor: runs the directives of every chapter, frames the listings,
//! and is the gate.
//!
//! It works in a process that links mdBook ([`Cmdrun`] is a preprocessor) and as
//! a command that mdBook starts (the binary `cmdrun`), by the same code.
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
mod page;
mod plan;
mod sections;
mod strays;
mod theme;
mod workshop;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use capture::{
    Command, Format, Listings, Memo, Progress, Records, Verb, Want, answer, records_folder, span,
    wanted,
};
use mdbook_core::book::{Book, BookItem};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use rayon::prelude::*;

pub use failure::{Failure, Failures};
use page::{Kind, Page, Task};
pub use plan::Planner;
use workshop::Workshop;

/// Tells those who wait what is being done.
pub type Report = Arc<dyn Fn(Progress) + Send + Sync>;

/// The preprocessor.
pub struct Cmdrun {
    pub report: Report,
    /// Whether excerpts show stand-ins for what is new in each session.
    pub reproducible: bool,
    /// What a process that builds again and again keeps.
    pub memo: Option<Arc<Memo>>,
}

impl Cmdrun {
    /// With every capture made anew.
    pub fn new(report: Report) -> Self {
        Self {
            report,
            reproducible: false,
            memo: None,
        }
    }
}

impl Preprocessor for Cmdrun {
    fn name(&self) -> &'static str {
        "cmdrun"
    }

    fn run(&self, context: &PreprocessorContext, book: Book) -> anyhow::Result<Book> {
        let mut book = self.expand(context, book)?;
        if context.renderer == "html" {
            span("search index", &*self.report, || {
                theme::prepare(&context.root, &context.config, &mut book)
            })?;
        }
        Ok(book)
    }

    fn supports_renderer(&self, renderer: &str) -> anyhow::Result<bool> {
        Ok(supports(renderer))
    }
}

impl Cmdrun {
    /// Runs everything in a book. The error is [`Failures`] where the book is at
    /// fault.
    fn expand(&self, context: &PreprocessorContext, mut book: Book) -> anyhow::Result<Book> {
        let (root, src) = (&context.root, &context.config.book.src);
        let report = &*self.report;
        let root = root
            .canonicalize()
            .with_context(|| format!("cannot find the book's folder {}", root.display()))?;
        let listings = Listings::of(&root)?;
        let rules = prose::Rules::read(&root)?;
        let (mut pages, mut found) = read(&root, src, &book);
        let order: Vec<PathBuf> = pages.iter().map(|page| page.file.clone()).collect();
        span("checks", report, || {
            found.extend(strays::check(&root, src, &order));
            let pages = pages.par_iter_mut();
            found.par_extend(pages.flat_map_iter(|page| page.prepare(&listings, &rules)));
        });

        let wants = wants(&pages);
        let shown = wanted(&wants);
        for listing in listings.iter() {
            if !shown.contains(listing.name.as_str()) {
                report(Progress::Unshown(listing.name.clone()));
            }
        }
        let mut records = match records_folder() {
            Some(folder) => {
                let records = Records::read(&folder, &wants)?;
                report(Progress::Read(folder));
                records
            }
            None => Records::make(&listings, &wants, self.memo.as_deref(), &report)?,
        };
        if let Some(folder) = env::var_os("CAPTURE_KEEP_RECORDS") {
            records.write(Path::new(&folder))?;
        }
        if self.reproducible {
            records.show_stand_ins(&listings)?;
        }
        let workshop = needs_workshop(&pages)
            .then(|| Workshop::open(&records))
            .transpose()
            .context("cannot make a temporary folder")?;
        let html = context.config.html_config().unwrap_or_default();
        let machine = Machine {
            records: &records,
            workshop: workshop.as_ref(),
            repository: html.git_repository_url.as_deref(),
        };
        let outcomes: Vec<_> = span("directives", report, || {
            let pages = pages.par_iter().enumerate();
            pages
                .map(|(number, page)| machine.run(number, page))
                .collect()
        });

        let mut contents = BTreeMap::new();
        for (page, outcome) in pages.iter().zip(outcomes) {
            match outcome {
                Ok(content) => {
                    contents.insert(page.source_path.clone(), content);
                }
                Err(failures) => found.extend(failures),
            }
        }
        if !found.is_empty() {
            return Err(Failures::in_order(found, &order).into());
        }
        book.for_each_chapter_mut(|chapter| {
            let path = chapter.source_path.as_ref();
            if let Some(content) = path.and_then(|path| contents.remove(path)) {
                chapter.content = content;
            }
        });
        Ok(book)
    }
}

/// Excerpts are HTML, which Markdown may hold.
pub fn supports(renderer: &str) -> bool {
    matches!(renderer, "html" | "markdown")
}

fn read(root: &Path, src: &Path, book: &Book) -> (Vec<Page>, Vec<Failure>) {
    let mut pages = Vec::new();
    let mut found = Vec::new();
    for item in book.iter() {
        if let BookItem::Chapter(chapter) = item {
            match Page::read(root, src, chapter) {
                Ok(page) => pages.extend(page),
                Err(failure) => found.push(failure),
            }
        }
    }
    (pages, found)
}

/// All that a build would run, in the order of the book, without running it:
/// what stands in the chapters first, then what the sessions run.
pub fn commands(root: &Path, src: &Path, book: &Book) -> anyhow::Result<Vec<Command>> {
    let root = root.canonicalize()?;
    let listings = Listings::of(&root)?;
    let rules = prose::Rules::read(&root)?;
    let (mut pages, found) = read(&root, src, book);
    if !found.is_empty() {
        return Err(Failures::in_order(found, &[]).into());
    }
    for page in &mut pages {
        // What is wrong is told by a build.
        page.prepare(&listings, &rules);
    }
    let mut commands: Vec<Command> = pages.iter().flat_map(Page::commands).collect();
    commands.extend(capture::commands(&listings, &wants(&pages))?);
    Ok(commands)
}

fn verbs(page: &Page) -> impl Iterator<Item = &Verb> {
    page.tasks.iter().filter_map(|task| match &task.kind {
        Kind::Capture(verb) => Some(&**verb),
        Kind::Command { .. } => None,
    })
}

/// What the sessions of this build must do. A listing that is only included is
/// recorded too: a page shows it, so it must run.
fn wants(pages: &[Page]) -> Vec<Want> {
    let shown = pages.iter().flat_map(|page| &page.shown);
    let shown = shown.map(|shown| Want::of(&shown.listing));
    let of_verbs = pages.iter().flat_map(verbs).flat_map(Verb::wants);
    shown.chain(of_verbs).collect()
}

fn needs_workshop(pages: &[Page]) -> bool {
    let mut tasks = pages.iter().flat_map(|page| &page.tasks);
    tasks.any(|task| matches!(task.kind, Kind::Command { .. }))
}

/// What runs directives, once the sessions are over.
struct Machine<'a> {
    records: &'a Records,
    workshop: Option<&'a Workshop>,
    /// The address of the book's repository.
    repository: Option<&'a str>,
}

impl Machine<'_> {
    /// The finished text of a page, or all that is wrong with it.
    fn run(&self, number: usize, page: &Page) -> Result<String, Vec<Failure>> {
        let mut failures = Vec::new();
        for shown in &page.shown {
            if let Err(error) = self.records.ran(&shown.listing) {
                failures.push(page.failure(shown.at, error.to_string()));
            }
        }
        let mut text = String::with_capacity(page.expanded.len() * 2);
        let mut done = 0;
        // Output is put beside the text, never back into it: it is not scanned.
        for (index, task) in page.tasks.iter().enumerate() {
            text.push_str(&page.expanded[done..task.directive.range.start]);
            done = task.directive.range.end;
            match self.task(&format!("{number}-{index}"), task, &page.folder) {
                Ok(output) => text.push_str(&output),
                Err(messages) => {
                    failures.extend(messages.into_iter().map(|message| Failure {
                        chapter: page.file.clone(),
                        line: task.line,
                        message,
                    }));
                }
            }
        }
        text.push_str(&page.expanded[done..]);
        let (text, errors) = listing::frame(&text, &page.shown, &page.to_root, self.repository);
        failures.extend(errors.into_iter().map(|(at, why)| page.failure(at, why)));
        if !failures.is_empty() {
            return Err(failures);
        }
        Ok(code::highlight(&text) + &self.environment(page))
    }

    fn task(&self, number: &str, task: &Task, folder: &Path) -> Result<String, Vec<String>> {
        let inline = task.directive.inline;
        match &task.kind {
            Kind::Capture(verb) => {
                let output = answer(verb, self.records, Format::Html);
                let output = output.map_err(|error| error.messages())?;
                // As upstream has it: no line feed in the middle of a line.
                Ok(if inline {
                    output.trim_end().to_owned()
                } else {
                    output
                })
            }
            Kind::Command { flag, command } => match self.workshop {
                Some(workshop) => workshop.run(number, flag, command, folder, inline),
                None => Err(format!("there is no folder to run `{command}` in")),
            }
            .map_err(|message| vec![message]),
        }
    }

    /// The line that tells where a page's excerpts come from, once a page.
    fn environment(&self, page: &Page) -> String {
        let listings: BTreeSet<String> = verbs(page)
            .flat_map(Verb::wants)
            .map(|want| want.listing)
            .collect();
        if listings.is_empty() {
            return String::new();
        }
        let verb = Verb::environment(listings);
        match answer(&verb, self.records, Format::Html) {
            Ok(line) => format!("\n\n{line}"),
            // A page whose records are broken has failed already.
            Err(_) => String::new(),
        }
    }
}
