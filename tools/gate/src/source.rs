//! A chapter as it comes in.

use std::fs;
use std::path::{Path, PathBuf};

use mdbook_core::book::Chapter;

use crate::failure::Failure;
use crate::include::{self, Included};

/// All of the book's files that a page is made of. Nothing behind this reads
/// another, so that equal sources make equal pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The chapter's file below the book's root, for messages.
    pub file: PathBuf,
    /// The chapter's file below `src/`: what tells chapters apart.
    pub source_path: PathBuf,
    /// The folder of the chapter's file, absolute: where commands run.
    pub folder: PathBuf,
    /// From the finished page to the top of the book: `../`.
    pub to_root: String,
    /// The text after mdBook's own preprocessors.
    pub expanded: String,
    /// The chapter's own text.
    pub own: String,
    /// What the chapter's own text includes, in its order.
    pub included: Vec<Included>,
}

impl Source {
    /// Reads a chapter's own text. A chapter without a file has none.
    pub fn read(root: &Path, src: &Path, chapter: &Chapter) -> Result<Option<Self>, Failure> {
        let Some(source_path) = chapter.source_path.clone() else {
            return Ok(None);
        };
        let file = src.join(&source_path);
        let path = root.join(&file);
        let own = fs::read_to_string(&path).map_err(|error| Failure {
            chapter: file.clone(),
            line: 0,
            message: format!("cannot read it: {error}"),
        })?;
        // An editor may be about to write it; mdBook would make an empty page.
        if own.trim().is_empty() {
            return Err(Failure {
                chapter: file,
                line: 0,
                message: "this file is empty; a chapter begins with its heading".to_owned(),
            });
        }
        let folder = path.parent().unwrap_or(root).to_owned();
        let page = chapter.path.as_ref().unwrap_or(&source_path);
        let includes = include::scan(&own).into_iter();
        Ok(Some(Self {
            included: includes.map(|include| include.read(&folder)).collect(),
            folder,
            to_root: "../".repeat(page.components().count().saturating_sub(1)),
            expanded: chapter.content.clone(),
            file,
            source_path,
            own,
        }))
    }

    /// All the files that it was read from, or would have been.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let included = self.included.iter().map(|each| &each.include.path);
        let included = included.map(|path| self.folder.join(path));
        let file = self
            .source_path
            .file_name()
            .map(|name| self.folder.join(name));
        included.chain(file)
    }

    /// A failure at a place of the chapter's own text.
    pub fn failure(&self, at: usize, message: String) -> Failure {
        Failure {
            chapter: self.file.clone(),
            line: self.line_of(at),
            message,
        }
    }

    pub fn line_of(&self, at: usize) -> usize {
        self.own[..at].matches('\n').count() + 1
    }
}
