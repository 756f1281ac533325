//! Each thing that a page is made of is changed, and the page is made anew.

use std::fs;
use std::path::Path;

use mdbook_core::book::{Book, BookItem, Chapter};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use tempfile::TempDir;

use session::Records;

use super::*;
use crate::{Claims, Gate};

/// A book of two chapters, in a folder of its own, and what is kept of it.
struct Served {
    folder: TempDir,
    memo: Arc<Memo>,
    /// The page of the first chapter.
    path: &'static str,
    config: String,
}

const FIRST: &str = "# First\n\nText.\n\n```text\n{{#include note.txt:part}}\n```\n";
/// Behind mdBook's `links`, a chapter is not its author's any more.
const ORDER: &str = "[preprocessor.gate]\nbefore = [\"links\"]\n";
const NOTE: &str = "before\nANCHOR: part\npart\nANCHOR_END: part\n";

impl Served {
    /// With one build done.
    fn new() -> Self {
        let served = Self {
            folder: tempfile::tempdir().expect("a folder"),
            memo: Arc::default(),
            path: "first.md",
            config: ORDER.to_owned(),
        };
        served.write("src/first.md", FIRST);
        served.write("src/note.txt", NOTE);
        served.write("src/second.md", "# Second\n\nText.\n");
        served.write("tools/gate/terms.txt", "color\n");
        served.build().expect("built");
        served
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.folder.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn build(&self) -> anyhow::Result<Book> {
        let chapter = |name: &str, text: &str, path: &str, file: &str| {
            let mut chapter = Chapter::new(name, text.to_owned(), path, Vec::new());
            chapter.source_path = Some(file.into());
            BookItem::Chapter(chapter)
        };
        let read = |file: &str| fs::read_to_string(self.folder.path().join("src").join(file));
        let book = Book::new_with_items(vec![
            chapter("First", &read("first.md")?, self.path, "first.md"),
            chapter("Second", &read("second.md")?, "second.md", "second.md"),
        ]);
        let root = self.folder.path().to_owned();
        let context = PreprocessorContext::new(root, self.config.parse()?, "html".to_owned());
        let gate = Gate {
            memo: Some(Arc::clone(&self.memo)),
            ..Gate::new(Arc::new(|_| {}))
        };
        gate.run(&context, book)
    }

    /// The finished text of a chapter, as it is kept.
    fn kept(&self, file: &str) -> Option<Arc<Finished>> {
        let pages = self.memo.pages.lock().expect("no panic");
        let (_, pages) = pages.as_ref()?;
        pages.get(&Path::new("src").join(file)).cloned()
    }

    /// The chapters whose pages another build makes anew.
    fn made_anew(&self) -> Vec<&'static str> {
        let files = ["first.md", "second.md"];
        let before = files.map(|file| self.kept(file).expect(file));
        self.build().expect("built");
        let pages = files.into_iter().zip(before);
        pages
            .filter(|(file, before)| !Arc::ptr_eq(before, &self.kept(file).expect("kept")))
            .map(|(file, _)| file)
            .collect()
    }
}

#[test]
fn an_unchanged_page_is_taken_again() {
    let served = Served::new();
    assert_eq!(served.made_anew(), [""; 0]);
    served.write("src/second.md", "# Second\n\nMore text.\n");
    assert_eq!(served.made_anew(), ["second.md"]);
    assert_eq!(served.made_anew(), [""; 0]);
}

#[test]
fn a_page_is_made_anew_if_its_source_has_changed() {
    let mut served = Served::new();
    let own = FIRST.replace("note.txt", "./note.txt");
    served.write("src/first.md", &own);
    assert_eq!(served.made_anew(), ["first.md"], "its own text");
    served.write("src/note.txt", &NOTE.replace("before", "above"));
    assert_eq!(served.made_anew(), ["first.md"], "a file that it includes");
    served.path = "part/first.md";
    assert_eq!(served.made_anew(), ["first.md"], "its place in the book");
    assert_eq!(served.made_anew(), [""; 0]);
}

#[test]
fn every_page_is_made_anew_if_the_ground_has_changed() {
    let mut served = Served::new();
    served.write("tools/gate/terms.txt", "color\nanalyze\n");
    assert_eq!(served.made_anew(), ["first.md", "second.md"], "terms");
    served.config = format!("{ORDER}[output.html]\ngit-repository-url = \"https://example.org\"\n");
    assert_eq!(served.made_anew(), ["first.md", "second.md"], "repository");
    served.write("listings/a/new/Cargo.toml", "[package]\nname = \"new\"\n");
    assert_eq!(served.made_anew(), ["first.md", "second.md"], "listings");
    assert_eq!(served.made_anew(), [""; 0]);
}

#[test]
fn only_a_good_page_is_kept() {
    let served = Served::new();
    served.write("src/second.md", "# Second\n\nA color.\n");
    assert_eq!(served.made_anew(), ["second.md"]);
    served.write("tools/gate/terms.txt", "");
    let why = served.build().map(|_| ()).expect_err("a misspelling");
    assert!(
        why.to_string().starts_with("src/second.md:3: `color`"),
        "{why}"
    );
    assert!(served.kept("first.md").is_some() && served.kept("second.md").is_none());
    served.write("tools/gate/terms.txt", "color\n");
    served.build().expect("built");

    served.write("src/note.txt", &NOTE.replace("ANCHOR_END", "END"));
    let why = served.build().map(|_| ()).expect_err("an open anchor");
    assert!(why.to_string().contains("is not closed"), "{why}");
    assert!(served.kept("first.md").is_none() && served.kept("second.md").is_some());
}

/// A record in the file that a build leaves, with nothing in it.
const RECORD: &str = r#"{"Recorded":{"listing":"a","environment":{"kernel":"6.18","architecture":"x86_64","page_size":4096,"huge_pages":null,"overcommit":0,"root":false,"date":"2026-11-24"},"arguments":[],"pid":7,"transcript":[],"checkpoints":[],"values":{},"companions":{},"ending":{"Exit":0},"skipped":null}}"#;

#[test]
fn a_page_is_finished_anew_if_a_session_was_run_again() {
    let served = Served::new();
    let records = |listings: &[&str]| {
        let wants: Vec<_> = listings
            .iter()
            .map(|name| session::Want::of(name))
            .collect();
        Records::read(served.folder.path(), &wants).expect("records")
    };
    served.write("a.json", RECORD);
    served.write("b.json", RECORD);
    served.write("part.json", r#"{"PartOf":"a"}"#);
    served.write(
        "src/first.md",
        "# First\n\n<!-- cmdrun -0 capture run part -->\n",
    );
    let root = served.folder.path();
    let text = fs::read_to_string(root.join("src/first.md")).expect("read");
    let mut chapter = Chapter::new("First", text, "first.md", Vec::new());
    chapter.source_path = Some("first.md".into());
    let chapter = crate::Chapter::read(root, Path::new("src"), &chapter).expect("a chapter");
    let listings = Listings::of(root).expect("none");
    let rules = Rules::read(root).expect("rules");
    let page = &Arc::new(crate::read::page(chapter, &listings, &rules));
    let build = records(&["a", "b", "part"]);
    let again = records(&["a", "b", "part"]);
    for listing in ["a", "b", "part"] {
        assert!(build.same(&build.clone(), listing));
        assert!(!build.same(&again, listing), "another session");
        assert!(!build.same(&records(&[]), listing), "none");
    }
    let finished = Finished {
        page: Arc::clone(page),
        records: Arc::new(build.clone()),
        text: String::new(),
        excerpts: Vec::new(),
        claims: Claims::default(),
        sections: Arc::default(),
    };
    assert!(finished.is_of(page, &build));
    assert!(!finished.is_of(page, &again));
}

#[test]
fn a_gate_behind_links_is_refused() {
    let mut served = Served::new();
    served.config = String::new();
    let why = served.build().map(|_| ()).expect_err("no order");
    assert!(why.to_string().contains("before = [\"links\"]"), "{why}");
}
