//! mdBook's renderer of HTML, without its copying: mdBook publishes whatever lies
//! beside the chapters, and fails on a link that leads nowhere, such as Emacs' lock
//! on a file that is being edited.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result};
use gate::{Report, is_leaving};
use mdbook_html::HtmlHandlebars;
use mdbook_renderer::{RenderContext, Renderer};
use session::span;

use crate::copy::copy_unless;

/// It tells how long mdBook takes.
pub struct Html(pub Report);

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
        // All that mdBook reads below the root: what the theme adds, and the page
        // for missing addresses.
        let src = &of.config.book.src;
        let html = of.config.html_config().unwrap_or_default();
        let theme = html.theme_dir(Path::new(""));
        let missing = html.input_404.as_deref().unwrap_or("404.md");
        let added = [html.additional_css, html.additional_js].concat();
        for file in [theme, src.join(missing)].into_iter().chain(added) {
            let (from, to) = (root.join(&file), bare.join(&file));
            fs::create_dir_all(to.parent().unwrap_or(&bare))?;
            // The theme may hold what it adds, and need not be in the book.
            if from.exists() && !to.exists() {
                symlink(from, to).context("cannot link to the book's files")?;
            }
        }
        let (book, config) = (of.book.clone(), of.config.clone());
        let mut context = RenderContext::new(bare, book, config, &of.destination);
        context.chapter_titles.clone_from(&of.chapter_titles);
        let render = || HtmlHandlebars::new().render(&context);
        span("rendering", &*self.0, render)?;
        // What links lead to is copied, as mdBook does it.
        let is_chapter = |name: &OsStr| Path::new(name).extension() == Some(OsStr::new("md"));
        let is_left = |name: &OsStr| is_leaving(name) || is_chapter(name);
        copy_unless(&is_left, &root.join(src), &of.destination)
    }
}
