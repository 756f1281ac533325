//! The finished text: what mdBook's renderer gets of our book, as a book of its own
//! that mdBook alone can build.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, bail};
use gate::Gate;
use mdbook_renderer::{RenderContext, Renderer};
use xtask::build;
use xtask::copy::copy;

/// Writes it into a folder, with our theme and our settings.
pub fn write(root: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut book = build::load(root)?;
    book.config.build.build_dir = folder.join("book");
    book.with_preprocessor(Gate::new(Arc::new(|_| {})));
    book.with_renderer(Pasted);
    book.build()
}

/// mdBook alone in that folder, by settings that stand above those of book.toml.
pub fn mdbook(program: &Path, folder: &Path) -> Command {
    let mut mdbook = Command::new(program);
    mdbook.arg("build").current_dir(folder);
    mdbook.env("MDBOOK_PREPROCESSOR__GATE__RENDERERS", "[]");
    mdbook.env("MDBOOK_BUILD__USE_DEFAULT_PREPROCESSORS", "false");
    mdbook.env("MDBOOK_OUTPUT__HTML__THEME", "theme");
    mdbook
}

/// Stands for mdBook's HTML renderer, and writes what that one would get around its
/// destination.
struct Pasted;

impl Renderer for Pasted {
    fn name(&self) -> &'static str {
        "html"
    }

    fn render(&self, context: &RenderContext) -> anyhow::Result<()> {
        let folder = context.destination.parent();
        let folder = folder.context("the finished text has a folder")?;
        let _ = fs::remove_dir_all(folder);
        let src = folder.join("src");
        copy(&context.source_dir(), &src)?;
        for chapter in context.book.chapters() {
            if let Some(path) = &chapter.source_path {
                fs::write(src.join(path), &chapter.content)?;
            }
        }
        let html = context.config.html_config().unwrap_or_default();
        copy(&html.theme_dir(&context.root), &folder.join("theme"))?;
        let settings = "book.toml";
        copy(&context.root.join(settings), &folder.join(settings))
    }
}

/// Fails unless mdBook alone has made the files that our build makes.
pub fn compare(ours: &Path, floor: &Path) -> anyhow::Result<()> {
    let names = |book: &Path| -> anyhow::Result<String> {
        let mut find = Command::new("sh");
        // A name ends with the hash of what is in the file, and captures differ.
        let names = "find . -type f ! -name sitemap.xml | sed -E 's/-[0-9a-f]{8}[.]/./' | sort";
        find.args(["-c", names]);
        let output = find.current_dir(book).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let [ours, floor] = [names(ours)?, names(floor)?];
    if ours != floor || ours.is_empty() {
        bail!("F is another book than ours: it has the files\n{floor}\nand not\n{ours}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_book_is_no_floor() {
        let folder = tempfile::tempdir().expect("a folder");
        let (ours, floor) = (folder.path().join("ours"), folder.path().join("floor"));
        for book in [&ours, &floor] {
            fs::create_dir(book).expect("made");
        }
        assert!(compare(&ours, &floor).is_err(), "nothing is no book");
        for book in [&ours, &floor] {
            fs::write(book.join("a.html"), "").expect("written");
        }
        for (book, hash) in [(&ours, "0123abcd"), (&floor, "abcd0123")] {
            fs::write(book.join(format!("texts-{hash}.json")), "").expect("written");
        }
        compare(&ours, &floor).expect("the same");
        fs::write(floor.join("b.html"), "").expect("written");
        assert!(compare(&ours, &floor).is_err());
    }
}
