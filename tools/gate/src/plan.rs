//! What a book asks of its listings and of a shell, without running any of it.

use std::path::Path;

use mdbook_core::book::Book;
use reading::{Asked, Plan};
use session::{Command, Listings, Want};

use crate::directive::Task;
use crate::failure::Failures;
use crate::page::Page;
use crate::prose::Rules;

/// The pages of a book.
fn pages(root: &Path, src: &Path, book: &Book) -> anyhow::Result<(Listings, Vec<Page>)> {
    let root = root.canonicalize()?;
    let listings = Listings::of(&root)?;
    let rules = Rules::read(&root)?;
    let chapters = crate::chapters(&root, src, book).into_iter();
    let pages = chapters.map(|chapter| crate::read::page(chapter, &listings, &rules));
    let pages = pages.collect();
    Ok((listings, pages))
}

/// What it asks of its listings, for machines that have no mdBook.
pub fn plan(root: &Path, src: &Path, book: &Book) -> anyhow::Result<Plan> {
    let (_, pages) = pages(root, src, book)?;
    let wrong = pages.iter();
    let wrong = wrong.flat_map(|page| page.chapter.failures(page.faults.clone()));
    Failures::none_of(wrong.collect())?;
    Ok(pages.iter().flat_map(asked).collect())
}

/// All that a build would run, in the order of the book, without running it:
/// what stands in the chapters first, then what the sessions run. What is wrong with a
/// page is told by a build.
pub fn commands(root: &Path, src: &Path, book: &Book) -> anyhow::Result<Vec<Command>> {
    let (listings, pages) = pages(root, src, book)?;
    let mut commands: Vec<Command> = pages.iter().flat_map(Page::commands).collect();
    let wants: Vec<Want> = pages.iter().flat_map(Page::wants).collect();
    commands.extend(session::commands(&listings, &wants)?);
    Ok(commands)
}

fn asked(page: &Page) -> impl Iterator<Item = Asked> {
    let asked = |at, listing: &str, words: &[String]| Asked {
        place: format!(
            "{}:{}",
            page.chapter.file.display(),
            page.chapter.line_of(at)
        ),
        listing: listing.to_owned(),
        words: words.to_owned(),
    };
    let shown = page.shown();
    let shown = shown.map(move |(at, frame)| asked(at, &frame.listing, &[]));
    let of_tasks = page
        .tasks
        .iter()
        .filter_map(move |placed| match &placed.task {
            Task::Capture { verb, words, .. } => Some(asked(placed.at, verb.listing(), words)),
            Task::Command { .. } => None,
        });
    shown.chain(of_tasks)
}
