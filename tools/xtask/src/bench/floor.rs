//! The floor F: mdBook alone, on the same book with its captures pasted in.
//!
//! It has our theme, our search settings, and the files that only our tools
//! write. Whether its pages are the same is checked before anything is measured.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use gate::Gate;
use mdbook_driver::book::BookItem;
use mdbook_renderer::{RenderContext, Renderer};

use crate::build;
use crate::copy::copy;

/// Writes the book of the floor into a folder. It takes the records that
/// CAPTURE_RECORDS names.
pub fn write(root: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut book = build::load(root, &folder.join("book"), Gate::new(Arc::new(|_| {})))?;
    book.with_renderer(Pasted {
        folder: folder.to_owned(),
    });
    book.build()
}

/// Stands for mdBook's HTML renderer, and writes what that one would get.
struct Pasted {
    folder: PathBuf,
}

impl Renderer for Pasted {
    fn name(&self) -> &'static str {
        "html"
    }

    fn render(&self, context: &RenderContext) -> anyhow::Result<()> {
        let (from, to) = (context.source_dir(), self.folder.join("src"));
        let _ = fs::remove_dir_all(&self.folder);
        copy(&from, &to)?;
        copy(&context.root.join("theme"), &self.folder.join("theme"))?;
        copy(
            &context.root.join("target/book"),
            &self.folder.join("target/book"),
        )?;
        for item in context.book.iter() {
            if let BookItem::Chapter(chapter) = item
                && let Some(path) = &chapter.source_path
            {
                fs::write(to.join(path), &chapter.content)?;
            }
        }
        // Our tools tell chapters by their pages' names; mdBook by their files'.
        for template in ["theme/head.hbs", "theme/header.hbs"] {
            let file = self.folder.join(template);
            let text = fs::read_to_string(&file)?;
            fs::write(&file, text.replace(".html\"", ".md\""))?;
        }
        let settings = fs::read_to_string(context.root.join("book.toml"))?;
        fs::write(self.folder.join("book.toml"), without_tools(&settings)?)?;
        Ok(())
    }
}

/// The same floor once more, with mdBook's own search index.
pub fn with_search(floor: &Path, folder: &Path) -> anyhow::Result<()> {
    let _ = fs::remove_dir_all(folder);
    copy(floor, folder)?;
    let path = folder.join("book.toml");
    let mut settings: toml::Table = fs::read_to_string(&path)?.parse()?;
    let html = settings
        .get_mut("output")
        .and_then(|output| output.get_mut("html"));
    if let Some(html) = html.and_then(|html| html.as_table_mut()) {
        html.remove("search");
    }
    Ok(fs::write(path, toml::to_string(&settings)?)?)
}

/// The settings of the book, for mdBook alone.
fn without_tools(settings: &str) -> anyhow::Result<String> {
    let mut settings: toml::Table = settings.parse()?;
    settings.remove("preprocessor");
    let build = settings
        .entry("build")
        .or_insert_with(|| toml::Table::new().into());
    let build = build.as_table_mut().context("`build` is no table")?;
    build.insert("use-default-preprocessors".to_owned(), false.into());
    Ok(toml::to_string(&settings)?)
}

/// Fails unless mdBook alone made the pages that our tools made of the same
/// records. Its theme knows chapters as `x.md`: that letters differ there is all
/// that may.
pub fn compare(ours: &Path, floor: &Path) -> anyhow::Result<()> {
    let [ours, floor] = [pages(ours)?, pages(floor)?];
    let names = |pages: &BTreeMap<PathBuf, String>| pages.keys().cloned().collect::<Vec<_>>();
    if names(&ours) != names(&floor) {
        bail!(
            "the floor has other files than our book:\n{:?}\n{:?}",
            names(&floor),
            names(&ours)
        );
    }
    for (name, text) in &ours {
        if floor[name] != *text {
            let mut lines = floor[name].lines().zip(text.lines());
            let line = lines.find(|(floor, ours)| floor != ours);
            bail!(
                "{}: the floor's page is another one: {line:?}",
                name.display()
            );
        }
    }
    Ok(())
}

/// The texts of a book's files.
fn pages(book: &Path) -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![book.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = String::from_utf8_lossy(&fs::read(&path)?).replace(".md\"", ".html\"");
            found.insert(path.strip_prefix(book)?.to_owned(), text);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_stay_but_for_the_tools() {
        let ours = "[book]\ntitle = \"T\"\n[build]\ncreate-missing = false\n\
                    [preprocessor.gate]\ncommand = \"x\"\n[output.html.search]\nenable = false\n";
        let settings: toml::Table = without_tools(ours)
            .expect("settings")
            .parse()
            .expect("TOML");
        assert!(!settings.contains_key("preprocessor"));
        assert_eq!(settings["build"]["create-missing"].as_bool(), Some(false));
        assert_eq!(
            settings["build"]["use-default-preprocessors"].as_bool(),
            Some(false)
        );
        assert_eq!(
            settings["output"]["html"]["search"]["enable"].as_bool(),
            Some(false)
        );
    }

    #[test]
    fn another_page_is_no_floor() {
        let folder = tempfile::tempdir().expect("a folder");
        let page = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        };
        page("ours/a.html", "<a href=\"b.html\">");
        page("floor/a.html", "<a href=\"b.md\">");
        let compare = || compare(&folder.path().join("ours"), &folder.path().join("floor"));
        compare().expect("the same");
        page("floor/a.html", "<a href=\"c.md\">");
        assert!(compare().is_err());
        page("floor/a.html", "<a href=\"b.md\">");
        page("floor/b.html", "");
        assert!(compare().is_err());
    }
}
