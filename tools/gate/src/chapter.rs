//! A chapter as it comes in: the author's own text, and what it includes.

use std::path::{Path, PathBuf};

use mdbook_core::book;
use session::Command;

use crate::comment::Fault;
use crate::failure::Failure;
use crate::include::{self, File, Include};
use text::line_of;

/// All of the book's files that a page is made of. Nothing behind this reads
/// another, so that equal chapters make equal pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// The chapter's file below the book's root, which tells chapters apart.
    pub file: PathBuf,
    /// The folder of the chapter's file, absolute: where commands run.
    pub folder: PathBuf,
    /// The finished page below the book's folder.
    pub page: PathBuf,
    /// The chapter's own text.
    pub text: String,
    /// What it includes, in its order.
    pub includes: Vec<Include>,
    /// What mdBook would take for a directive of its own.
    pub faults: Vec<Fault>,
}

impl Chapter {
    /// Reads what a chapter includes. A chapter without a file has no page.
    pub fn read(root: &Path, src: &Path, chapter: &book::Chapter) -> Option<Self> {
        let source_path = chapter.source_path.as_ref()?;
        let file = src.join(source_path);
        let folder = root.join(&file).parent()?.to_owned();
        let (includes, faults) = include::scan(&chapter.content, |path| File::read(&folder, path));
        let page = chapter.path.as_ref().unwrap_or(source_path);
        Some(Self {
            page: page.with_extension("html"),
            text: chapter.content.clone(),
            folder,
            file,
            includes,
            faults,
        })
    }

    /// All the files that it was read from, or would have been.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let included = self.includes.iter();
        let included = included.map(|include| self.folder.join(&include.path));
        let own = self.folder.join(self.file.file_name().unwrap_or_default());
        included.chain([own])
    }

    /// From the finished page to the top of the book: `../`.
    pub fn to_root(&self) -> String {
        "../".repeat(self.page.components().count().saturating_sub(1))
    }

    /// What is wrong with the chapter's own text.
    pub fn failures(&self, faults: Vec<Fault>) -> Vec<Failure> {
        let failures = faults.into_iter().map(|(at, message)| Failure {
            chapter: self.file.clone(),
            line: self.line_of(at),
            message,
        });
        failures.collect()
    }

    /// A command that stands there.
    pub fn command(&self, at: usize, text: String) -> Command {
        Command {
            file: self.file.clone(),
            line: self.line_of(at),
            text,
        }
    }

    pub fn line_of(&self, at: usize) -> usize {
        line_of(&self.text, at)
    }
}
