//! What a book asks of its listings, for machines that have no mdBook.

use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::Context;
use mdbook_core::book::Book;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use reading::{Asked, Plan};
use session::Listings;

use crate::directive::Task;
use crate::failure::Failures;
use crate::page::Page;

/// Stands for the preprocessor, and only notes what it would run.
pub struct Planner {
    pub plan: Arc<Mutex<Plan>>,
}

impl Preprocessor for Planner {
    fn name(&self) -> &'static str {
        "gate"
    }

    fn run(&self, context: &PreprocessorContext, book: Book) -> anyhow::Result<Book> {
        let found = plan(&context.root, &context.config.book.src, &book)?;
        if let Ok(mut plan) = self.plan.lock() {
            *plan = found;
        }
        Ok(book)
    }
}

fn plan(root: &Path, src: &Path, book: &Book) -> anyhow::Result<Plan> {
    let root = root
        .canonicalize()
        .with_context(|| format!("cannot find the book's folder {}", root.display()))?;
    let listings = Listings::of(&root)?;
    let rules = crate::prose::Rules::read(&root)?;
    let (chapters, mut found) = crate::read(&root, src, book);
    let order: Vec<_> = chapters.iter().map(|each| each.file.clone()).collect();
    let mut plan = Plan::new();
    for chapter in chapters {
        let (page, wrong) = Page::of(chapter, &listings, &rules);
        found.extend(wrong);
        plan.extend(of_page(&page));
    }
    if found.is_empty() {
        return Ok(plan);
    }
    Err(Failures::in_order(found, &order).into())
}

fn of_page(page: &Page) -> impl Iterator<Item = Asked> {
    let file = page.chapter.file.display();
    let shown = page.shown().map(|(at, frame)| Asked {
        place: page.chapter.failure(at, String::new()).place(),
        listing: frame.listing.clone(),
        words: Vec::new(),
    });
    let asked = page.tasks.iter().filter_map(move |placed| {
        let Task::Capture { verb, words, .. } = &placed.task else {
            return None;
        };
        Some(Asked {
            place: format!("{file}:{}", placed.line),
            listing: verb.listing().to_owned(),
            words: words.clone(),
        })
    });
    shown.chain(asked)
}
