//! The finished text: what mdBook's renderer gets of our book, as a book of its own
//! that mdBook alone can build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, bail};
use gate::Gate;
use mdbook_renderer::book::BookItem;
use mdbook_renderer::{RenderContext, Renderer};
use xtask::build;
use xtask::copy::copy;

/// Writes it into a folder, with our theme and our settings.
pub fn write(root: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut book = build::load(root)?;
    book.config.build.build_dir = folder.join("book");
    book.with_preprocessor(Gate::new(Arc::new(|_| {})));
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
        let _ = fs::remove_dir_all(&self.folder);
        copy(&context.source_dir(), &self.folder.join("src"))?;
        let html = context.config.html_config().unwrap_or_default();
        copy(&html.theme_dir(&context.root), &self.folder.join("theme"))?;
        let scripts = html.additional_js.iter();
        for script in scripts.filter(|file| file.starts_with("target")) {
            let to = self.folder.join(script);
            fs::create_dir_all(to.parent().unwrap_or(&self.folder))?;
            copy(&context.root.join(script), &to)?;
        }
        for item in context.book.iter() {
            if let BookItem::Chapter(chapter) = item
                && let Some(path) = &chapter.source_path
            {
                fs::write(self.folder.join("src").join(path), &chapter.content)?;
            }
        }
        let settings = fs::read_to_string(context.root.join("book.toml"))?;
        fs::write(self.folder.join("book.toml"), without_tools(&settings)?)?;
        Ok(())
    }
}

/// The settings of the book, for mdBook alone.
fn without_tools(settings: &str) -> anyhow::Result<String> {
    let mut settings: toml::Table = settings.parse()?;
    settings.remove("preprocessor");
    let build = settings
        .get_mut("build")
        .and_then(toml::Value::as_table_mut);
    let build = build.context("book.toml has no [build]")?;
    build.insert("use-default-preprocessors".to_owned(), false.into());
    let output = settings.get_mut("output");
    let html = output.and_then(|output| output.get_mut("html")?.as_table_mut());
    html.map(|html| html.remove("theme"));
    Ok(toml::to_string(&settings)?)
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
    fn the_settings_stay_but_for_the_tools() {
        let ours = "[book]\ntitle = \"T\"\n[build]\ncreate-missing = false\n\
                    [preprocessor.gate]\ncommand = \"x\"\n[output.html]\ntheme = \"x\"\n[output.html.search]\nenable = false\n";
        let settings = without_tools(ours).expect("settings");
        let settings: toml::Table = settings.parse().expect("TOML");
        assert!(!settings.contains_key("preprocessor"));
        let build = &settings["build"];
        assert_eq!(build["create-missing"].as_bool(), Some(false));
        assert_eq!(build["use-default-preprocessors"].as_bool(), Some(false));
        assert!(settings["output"]["html"].get("theme").is_none());
        let search = &settings["output"]["html"]["search"];
        assert_eq!(search["enable"].as_bool(), Some(false));
    }

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
