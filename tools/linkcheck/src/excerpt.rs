//! What the build has put on a page, and whether a reader gets to see it.

use std::path::PathBuf;

use crate::finding::{Fate, Lost, Problem};
use crate::main_text::{Figure, LONGEST_BEGIN, Text, without_blanks};
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
    pub shown: Shown,
}

/// How an excerpt was put on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// One element: a figure, a paragraph or a span of a class that only excerpts
    /// have. No other such element may stand on the page.
    Html(String),
    /// What a plain command printed, as a reader reads it. Blanks do not count. It
    /// is looked for behind the excerpt before it: a short text is found anywhere.
    Text(String),
}

impl Excerpt {
    pub(crate) fn lost(&self, text: &str, fate: Fate) -> Problem {
        let words: Vec<_> = text.split_whitespace().collect();
        let text = words.join(" ").chars().take(LONGEST_BEGIN).collect();
        Problem::Excerpt {
            file: self.file.clone(),
            line: self.line,
            lost: Lost { text, fate },
        }
    }
}

/// How far the page is read: excerpts come in the order of the chapter.
struct Reading<'a> {
    text: &'a Text,
    used: Vec<bool>,
    /// The figure behind the last one that was found.
    next: usize,
    /// The end of the last text that was found.
    at: usize,
}

impl Text {
    /// Every excerpt that a reader of this text does not see, once and in its
    /// place, and every figure that is no excerpt.
    pub(crate) fn compare(&self, excerpts: &[Excerpt]) -> Vec<(u64, Problem)> {
        let mut reading = Reading {
            text: self,
            used: vec![false; self.figures.len()],
            next: 0,
            at: 0,
        };
        let wanted: Vec<Figure> = excerpts.iter().map(figure).collect();
        let mut problems = Vec::new();
        for (at, (excerpt, figure)) in excerpts.iter().zip(&wanted).enumerate() {
            let found = match &excerpt.shown {
                Shown::Html(_) => reading.figure(figure, &wanted[at + 1..]),
                Shown::Text(_) => reading.text(&figure.text),
            };
            if let Err((line, fate)) = found {
                problems.push((line.max(1), excerpt.lost(&figure.begin, fate)));
            }
        }
        let unused = self.figures.iter().zip(reading.used);
        problems.extend(unused.filter(|(_, used)| !used).map(|(figure, _)| {
            let element = figure.element.clone();
            (figure.line, Problem::NoExcerpt { element })
        }));
        problems
    }
}

/// What is looked for. Of plain output, the text alone.
fn figure(excerpt: &Excerpt) -> Figure {
    match &excerpt.shown {
        Shown::Html(html) => Page::fragment(html).text.figures.pop().unwrap_or_default(),
        Shown::Text(text) => Figure {
            text: without_blanks(text).collect(),
            begin: text.clone(),
            ..Figure::default()
        },
    }
}

type Found = Result<(), (u64, Fate)>;

impl Reading<'_> {
    fn figure(&mut self, wanted: &Figure, later: &[Figure]) -> Found {
        let figures = &self.text.figures;
        let free = |&at: &usize| !self.used[at];
        let found = (self.next..figures.len())
            .chain(0..self.next)
            .filter(free)
            .find(|&at| figures[at].shows(wanted));
        let Some(at) = found else {
            return Err(self.changed(wanted, later));
        };
        let figure = &figures[at];
        let is_behind = at < self.next;
        self.take(at);
        match &figure.hidden {
            Some(place) => Err((figure.line, Fate::Unseen(place.clone()))),
            // mdBook moves footnotes to the end of the page.
            None if is_behind && !figure.is_note => Err((figure.line, Fate::OutOfOrder)),
            None => Ok(()),
        }
    }

    fn take(&mut self, at: usize) {
        self.used[at] = true;
        let figure = &self.text.figures[at];
        if !figure.is_note {
            self.next = self.next.max(at + 1);
            self.at = self.at.max(figure.at);
        }
    }

    /// What became of a figure that is not there as it was.
    fn changed(&mut self, wanted: &Figure, later: &[Figure]) -> (u64, Fate) {
        let text: String = without_blanks(&wanted.text).collect();
        let fate = self.unseen(&text);
        let here = self.text.figures.get(self.next).filter(|here| {
            here.element == wanted.element && !later.iter().any(|other| here.shows(other))
        });
        match (fate, here) {
            ((_, Fate::Nowhere), Some(here)) => {
                let same = here.text.chars().zip(wanted.text.chars());
                let same = same.take_while(|(is, was)| is == was).count();
                let from = |text: &str| text.chars().skip(same).take(40).collect();
                let (is, was) = (from(&here.text), from(&wanted.text));
                self.take(self.next);
                (here.line, Fate::Changed { was, is })
            }
            (fate, _) => fate,
        }
    }

    fn text(&mut self, wanted: &str) -> Found {
        let Text { seen, notes, .. } = self.text;
        if let Some(found) = seen[self.at..].find(wanted) {
            self.at += found + wanted.len();
            return Ok(());
        }
        match seen.contains(wanted) {
            _ if notes.contains(wanted) => Ok(()),
            true => Err((self.text.line, Fate::OutOfOrder)),
            false => Err(self.unseen(wanted)),
        }
    }

    /// Looks for a text where no reader does.
    fn unseen(&self, text: &str) -> (u64, Fate) {
        let unseen = self.text.unseen.iter().find(|unseen| {
            let inside = Page::fragment(&unseen.text).text;
            let figures = inside.figures.iter().flat_map(|f| without_blanks(&f.text));
            let figures: String = figures.collect();
            let raw: String = without_blanks(&unseen.text).collect();
            [raw, inside.seen, figures]
                .iter()
                .any(|in_it| in_it.contains(text))
        });
        match unseen {
            Some(unseen) => (unseen.line, Fate::Unseen(unseen.place.clone())),
            None => (self.text.line, Fate::Nowhere),
        }
    }
}
