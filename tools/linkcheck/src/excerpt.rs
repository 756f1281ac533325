//! What the build has put on a page, and whether a reader gets to see it.

use std::path::PathBuf;

use crate::finding::{About, Finding};
use crate::main_text::{Figure, LONGEST_BEGIN};
use crate::page::Page;

/// A page, and all that the build has put on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The page's path in the book, with `/` between its parts: `part/chapter.html`.
    pub page: String,
    /// In the order of the chapter.
    pub excerpts: Vec<Excerpt>,
}

/// Something that a page shows because it was captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The chapter's file that asks for it, for messages.
    pub file: PathBuf,
    /// The line in that file, counted from 1.
    pub line: usize,
    /// One element: a figure, a paragraph or a span of a class that only excerpts
    /// have. No other such element may stand on the page.
    pub html: String,
}

const OUT_OF_ORDER: &str =
    "stands before another that precedes it in the chapter; move its directive";

/// mdBook drops what nothing refers to, and Markdown may read something into it.
const NOWHERE: &str = "is nowhere on the page as it was captured; put its directive on lines of \
                       its own, and take it out of a footnote or a definition that nothing refers \
                       to, and out of tags and attributes";

const NO_EXCERPT: &str = "shows no excerpt, or one that stands on the page already; let a directive \
                          write it, once, or take another class";

impl Excerpt {
    /// `text` is how it begins.
    pub(crate) fn lost(&self, at: u64, text: &str, fate: &str) -> Finding {
        let words: Vec<_> = text.split_whitespace().collect();
        let text: String = words.join(" ").chars().take(LONGEST_BEGIN).collect();
        let (file, line) = (self.file.clone(), self.line);
        let message = format!("the excerpt \"{text}\" {fate}");
        Finding::new(at, About::Excerpt { file, line }, message)
    }
}

impl Page {
    /// Every excerpt that a reader of this page does not see, once and in its
    /// place, and every figure that is no excerpt.
    pub(crate) fn compare(&self, excerpts: &[Excerpt]) -> Vec<Finding> {
        let figures = &self.figures;
        let mut used = vec![false; figures.len()];
        // Excerpts come in the order of the chapter: behind the last one.
        let mut next = 0;
        let mut problems = Vec::new();
        for excerpt in excerpts {
            let mut written = Page::fragment(&excerpt.html).figures;
            let wanted = written.pop().unwrap_or_default();
            let mut places = (next..figures.len()).chain(0..next);
            let found = places.find(|&at| !used[at] && figures[at].shows(&wanted));
            let (line, fate) = match found {
                None => self.unseen(&wanted),
                Some(at) => {
                    let figure = &figures[at];
                    let is_behind = at < next && !figure.is_note;
                    used[at] = true;
                    // mdBook moves footnotes to the end of the page.
                    if !figure.is_note {
                        next = next.max(at + 1);
                    }
                    match &figure.hidden {
                        Some(place) => (figure.line, unseen_in(place)),
                        None if is_behind => (figure.line, OUT_OF_ORDER.to_owned()),
                        None => continue,
                    }
                }
            };
            problems.push(excerpt.lost(line.max(1), &wanted.begin, &fate));
        }
        let unused = figures.iter().zip(used).filter(|(_, used)| !used);
        problems.extend(unused.map(|(figure, _)| {
            let message = format!("{} {NO_EXCERPT}", figure.element);
            Finding::new(figure.line, About::Page, message)
        }));
        problems
    }

    /// Looks for a figure's text where no reader does.
    fn unseen(&self, wanted: &Figure) -> (u64, String) {
        let dense = |text: &str| text.split_whitespace().collect::<String>();
        let wanted = dense(&wanted.text);
        let holds_it = |text: &str| {
            let figures = Page::fragment(text).figures;
            let figures: String = figures.iter().map(|each| dense(&each.text)).collect();
            dense(text).contains(&wanted) || figures.contains(&wanted)
        };
        match self.unseen.iter().find(|unseen| holds_it(&unseen.text)) {
            Some(unseen) => (unseen.line, unseen_in(&unseen.place)),
            None => (self.main, NOWHERE.to_owned()),
        }
    }
}

fn unseen_in(place: &str) -> String {
    format!("stands in {place}, where no reader sees it; end that before the excerpt, or remove it")
}
