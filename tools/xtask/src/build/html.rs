//! mdBook's renderer of HTML, without its copying: mdBook publishes whatever lies
//! beside the chapters, and fails on a link that leads nowhere, such as Emacs' lock
//! on a file that is being edited.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result};
use gate::is_leaving;
use mdbook_html::HtmlHandlebars;
use mdbook_renderer::{RenderContext, Renderer};

pub struct Html;

impl Renderer for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn render(&self, of: &RenderContext) -> Result<()> {
        let root = of.root.canonicalize()?;
        let bare = of.destination.with_file_name("bare");
        if bare.exists() {
            fs::remove_dir_all(&bare)?;
        }
        let src = &of.config.book.src;
        strip(&root, src, &bare).context("cannot link to the book's files")?;
        let (book, config) = (of.book.clone(), of.config.clone());
        let mut context = RenderContext::new(bare, book, config, &of.destination);
        context.chapter_titles.clone_from(&of.chapter_titles);
        HtmlHandlebars::new().render(&context)?;
        copy(&root.join(src), &of.destination)
    }
}

/// Makes a folder that is the book's root but for `src`, in which there is only
/// what mdBook itself reads there: the page for missing addresses.
fn strip(root: &Path, src: &Path, bare: &Path) -> std::io::Result<()> {
    let (mut from, mut to) = (root.to_owned(), bare.to_owned());
    fs::create_dir(&to)?;
    for part in src.components() {
        for entry in fs::read_dir(&from)? {
            let name = entry?.file_name();
            if name != part.as_os_str() {
                symlink(from.join(&name), to.join(name))?;
            }
        }
        (from, to) = (from.join(part), to.join(part));
        fs::create_dir(&to)?;
    }
    for entry in fs::read_dir(&from)? {
        let name = entry?.file_name();
        if is_markdown(name.as_ref()) && !is_leaving(&name) {
            symlink(from.join(&name), to.join(name))?;
        }
    }
    Ok(())
}

/// Copies what is no Markdown and not left by an editor. What links lead to is
/// copied, as mdBook does it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        if is_leaving(&name) || is_markdown(name.as_ref()) {
            continue;
        }
        let (from, to) = (from.join(&name), to.join(name));
        let is = from.metadata();
        let is = is.with_context(|| {
            format!("cannot read {}, to be copied into the book", from.display())
        })?;
        if is.is_dir() {
            fs::create_dir_all(&to)?;
            copy(&from, &to)?;
        } else if is.is_file() {
            fs::copy(&from, &to)
                .with_context(|| format!("cannot copy {} into the book", from.display()))?;
        }
    }
    Ok(())
}

fn is_markdown(name: &Path) -> bool {
    name.extension().is_some_and(|extension| extension == "md")
}
