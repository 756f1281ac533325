//! What our theme needs of the chapters and mdBook's templates cannot give it.
//!
//! A template can neither turn `x.md` into `x.html`, nor look into a chapter.
//! So, for a book with a theme of its own, the preprocessor tells chapters by
//! their pages' names, and adds files to the theme before mdBook renders:
//! `head.hbs` with the description of each page, `header.hbs` with the list of its
//! headings, the texts that the search reads, and the meanings of smaps fields.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use mdbook_core::book::{Book, Chapter};
use mdbook_core::config::Config;
use serde_json::json;
use text::escape;

use crate::sections::Section;
use crate::staged;

/// Our theme, below the book's root.
const OURS: &str = "theme";

/// Where book.toml has mdBook look for it.
const STAGED: &str = "target/book/theme";

/// The texts for the search. Of a theme's folders, mdBook copies this one into the
/// book as it is.
const TEXTS: &str = "fonts/texts.json";

/// What the fields of smaps mean: what the chapter that explains them says first
/// below a heading such as `{#field-rss}` or `{#flag-nh}`.
const FIELDS: &str = "fonts/fields.json";

/// A page with fewer headings than this needs no list of them.
const FEWEST_HEADINGS: usize = 3;

/// Lets mdBook read the theme from a folder of this build's own, if book.toml has
/// it made at all. Nothing is then written into the book's folder.
pub fn stage_in(folder: &Path, config: &mut Config) -> anyhow::Result<()> {
    let html = config.html_config().unwrap_or_default();
    if html.theme.is_some_and(|theme| theme == Path::new(STAGED)) {
        config.set("output.html.theme", folder)?;
    }
    Ok(())
}

/// Makes the book ready for our templates; a book without them stays as it is.
/// `sections` tells what a chapter has to read.
pub fn prepare(
    root: &Path,
    config: &Config,
    book: &mut Book,
    sections: impl Fn(&Chapter) -> Arc<[Section]>,
) -> anyhow::Result<()> {
    let ours = root.join(OURS);
    let theme = config.html_config().unwrap_or_default().theme_dir(root);
    if !ours.join("index.hbs").exists() || !staged::may_be(&theme) {
        return Ok(());
    }
    let mut texts = Vec::new();
    let (mut index, mut meanings) = (String::new(), BTreeMap::new());
    let mut descriptions = String::from(staged::MARK.1);
    let mut headings = String::new();
    book.for_each_chapter_mut(|chapter| {
        let Some(path) = &chapter.path else {
            return;
        };
        let path = path.with_extension("html");
        let page = path.to_string_lossy().into_owned();
        let sections = sections(chapter);
        texts.push(text(&page, chapter, &sections));
        descriptions.push_str(&description(&page, &sections));
        for section in sections.iter().filter(|section| is_field(&section.id)) {
            index.clone_from(&page);
            meanings.insert(section.id.clone(), first_sentence(&section.text).to_owned());
        }
        headings.push_str(&list(&page, &sections));
        chapter.path = Some(path);
    });
    descriptions.push_str(OTHERS);
    let fields = json!({ "page": index, "meanings": meanings });
    let mut files =
        staged::read(&ours).with_context(|| format!("cannot read {}", ours.display()))?;
    files.extend([
        (PathBuf::from(staged::MARK.0), descriptions.into_bytes()),
        (PathBuf::from("header.hbs"), headings.into_bytes()),
        (PathBuf::from(TEXTS), json!(texts).to_string().into_bytes()),
        (PathBuf::from(FIELDS), fields.to_string().into_bytes()),
    ]);
    staged::write(&theme, &files).with_context(|| {
        format!(
            "cannot write {}, where mdBook looks for the theme",
            theme.display()
        )
    })
}

fn is_field(id: &str) -> bool {
    id.starts_with("field-") || id.starts_with("flag-")
}

fn first_sentence(text: &str) -> &str {
    let paragraph = text.lines().next().unwrap_or_default();
    let end = paragraph.find(". ").map_or(paragraph.len(), |at| at + 1);
    &paragraph[..end]
}

/// What is on no chapter's page.
const OTHERS: &str = "{{#if (or is_print (eq path \"404.md\"))}}<meta name=\"description\" property=\"og:description\" content=\"{{description}}\">{{/if}}\n";

/// A chapter opens with its question, which is what it is about.
fn description(page: &str, sections: &[Section]) -> String {
    let mut texts = sections.iter().map(|section| section.text.trim());
    let first = texts
        .find_map(|text| text.lines().next())
        .unwrap_or_default();
    on_page(
        page,
        &format!(
            "<meta name=\"description\" property=\"og:description\" content=\"{}\">",
            escape(first)
        ),
    )
}

/// The list of a page's headings, for the contents.
fn list(page: &str, sections: &[Section]) -> String {
    let listed: Vec<_> = sections.iter().filter(|each| each.level == 2).collect();
    if listed.len() < FEWEST_HEADINGS {
        return String::new();
    }
    let links: String = listed
        .iter()
        .map(|each| {
            format!(
                "<li><a href=\"#{}\">{}</a></li>",
                escape(&each.id),
                escape(&each.title)
            )
        })
        .collect();
    on_page(page, &format!("<h2>On this page</h2><ul>{links}</ul>"))
}

/// A part of a template that is there on one page.
fn on_page(page: &str, html: &str) -> String {
    // mdBook renders the first chapter a second time, under this name.
    let also = if page == "index.html" {
        "index.md"
    } else {
        page
    };
    format!("{{{{#if (or (eq path \"{page}\") (eq path \"{also}\"))}}}}{html}{{{{/if}}}}\n")
}

fn text(page: &str, chapter: &Chapter, sections: &[Section]) -> serde_json::Value {
    let sections: Vec<_> = sections
        .iter()
        .map(|section| json!([section.id, section.title, section.text.trim_end()]))
        .collect();
    json!({ "page": page, "title": chapter.name, "sections": sections })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn sections(chapter: &Chapter) -> Arc<[Section]> {
        crate::sections::sections(&chapter.content).into()
    }

    fn book(text: &str) -> Book {
        let chapter = Chapter::new("One", text.to_owned(), "part/one.md", Vec::new());
        Book::new_with_items(vec![mdbook_core::book::BookItem::Chapter(chapter)])
    }

    const TEXT: &str = "# One\n\nWhat is {{\"it\"}}?\n\n## A\n\n## B\n\n## `Rss` {#field-rss}\n\nWhat is here. And more.\n";

    #[test]
    fn a_theme_of_ours_gets_what_its_templates_need() {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir(root.path().join("theme")).expect("made");
        fs::write(root.path().join("theme/index.hbs"), "").expect("written");
        let config: Config = "[output.html]\ntheme = \"target/book/theme\"\n"
            .parse()
            .expect("a configuration");
        let mut book = book(TEXT);
        prepare(root.path(), &config, &mut book, sections).expect("prepared");
        let read = |name: &str| {
            fs::read_to_string(root.path().join("target/book/theme").join(name)).expect(name)
        };
        assert!(read("head.hbs").contains(
            "{{#if (or (eq path \"part/one.html\") (eq path \"part/one.html\"))}}<meta name=\"description\" property=\"og:description\" content=\"What is &#123;&#123;“it”}}?\">"
        ), "{}", read("head.hbs"));
        assert_eq!(
            read(TEXTS),
            r#"[{"page":"part/one.html","sections":[["one","One","What is {{“it”}}?"],["a","A",""],["b","B",""],["field-rss","Rss","What is here. And more."]],"title":"One"}]"#
        );
        assert_eq!(
            read(FIELDS),
            r#"{"meanings":{"field-rss":"What is here."},"page":"part/one.html"}"#
        );
        let chapter = book.chapters().next().expect("a chapter");
        assert_eq!(chapter.path.as_deref(), Some(Path::new("part/one.html")));
        assert_eq!(chapter.content, TEXT);
        assert!(read("header.hbs").contains(
            "(eq path \"part/one.html\"))}}<h2>On this page</h2><ul><li><a href=\"#a\">A</a></li><li><a href=\"#b\">B</a></li><li><a href=\"#field-rss\">Rss</a></li></ul>{{/if}}"
        ), "{}", read("header.hbs"));
    }

    #[test]
    fn a_build_may_have_the_theme_in_a_folder_of_its_own() {
        let theme = |configured: &str| {
            let mut config: Config = configured.parse().expect("a configuration");
            stage_in(Path::new("/own"), &mut config).expect("set");
            let html = config.html_config().expect("there");
            html.theme_dir(Path::new("/book"))
        };
        let ours = "[output.html]\ntheme = \"target/book/theme\"\n";
        assert_eq!(theme(ours), Path::new("/own"));
        assert_eq!(theme("[output.html]\n"), Path::new("/book/theme"));
    }

    #[test]
    fn another_book_stays_as_it_is() {
        let root = tempfile::tempdir().expect("a folder");
        let mut ours = book(TEXT);
        prepare(root.path(), &Config::default(), &mut ours, sections).expect("prepared");
        assert_eq!(ours, book(TEXT));
        assert!(!root.path().join("theme").exists());
    }
}
