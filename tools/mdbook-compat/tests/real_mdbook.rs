//! The compat crate against the real thing: a real mdBook builds a tiny book with
//! the real mdbook-cmdrun, and both sides of their conversation are kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use mdbook::preprocess::{CmdPreprocessor, Preprocessor};
use serde_json::Value;

/// A book with every kind of item: parts, a separator, a draft, a nested chapter.
const SUMMARY: &str = "\
# Summary

[Preface](preface.md)

# Part one

- [First](first.md)
    - [Nested](deep/nested.md)
- [Draft]()

---

- [Last](last.md)
";

const CHAPTERS: [(&str, &str); 4] = [
    (
        "preface.md",
        "# Preface\n\nNothing to run, “quoted” and <b>bold</b>.\n",
    ),
    (
        "first.md",
        "# First\n\n<!-- cmdrun -0 echo 6 times 7 is $((6 * 7)) -->\n",
    ),
    (
        "deep/nested.md",
        "# Nested\n\nInline: <!-- cmdrun -0 basename \"$PWD\" -->.\n",
    ),
    ("last.md", "# Last\n\n<!-- cmdrun -0 false -->\n"),
];

/// What one build of the book left behind.
struct Build {
    folder: tempfile::TempDir,
    mdbook: Output,
}

impl Build {
    fn text(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    /// The context and the book that mdBook wrote to the preprocessor.
    fn input(&self) -> (Value, Value) {
        serde_json::from_str(&self.text("input.json")).unwrap()
    }
}

/// Builds the book once; every test looks at the same build.
fn build() -> &'static Build {
    static BUILD: OnceLock<Build> = OnceLock::new();
    BUILD.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("src/deep")).unwrap();
        fs::write(folder.path().join("src/SUMMARY.md"), SUMMARY).unwrap();
        for (name, text) in CHAPTERS {
            fs::write(folder.path().join("src").join(name), text).unwrap();
        }
        let spy = format!(
            "#!/bin/sh\ntee input.json | '{}' \"$@\" 2>stderr.txt | tee output.json\n",
            cmdrun().display()
        );
        fs::write(folder.path().join("spy.sh"), spy).unwrap();
        let toml = "[book]\ntitle = \"Tiny\"\n\n\
            [preprocessor.cmdrun]\ncommand = \"sh spy.sh\"\nrenderers = [\"html\"]\n";
        fs::write(folder.path().join("book.toml"), toml).unwrap();
        let mdbook = Command::new(mdbook())
            .arg("build")
            .current_dir(folder.path())
            .output()
            .unwrap();
        Build { folder, mdbook }
    })
}

fn tools() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The real mdBook 0.5.4.
fn mdbook() -> PathBuf {
    let root = tools().parent().unwrap();
    let path = std::env::var_os("MDBOOK")
        .map_or_else(|| root.join("target/tools/bin/mdbook"), PathBuf::from);
    assert!(
        path.is_file(),
        "{} is missing: install it with `cargo install --locked mdbook@0.5.4 --root {}`, \
         or name another mdbook 0.5.4 in the variable MDBOOK",
        path.display(),
        root.join("target/tools").display(),
    );
    path
}

/// The binary of the released mdbook-cmdrun, built on this crate.
///
/// Cargo builds a dependency's binary when it is asked for by name, with this
/// workspace's lockfile and `[patch]`: the very code that makes the book.
fn cmdrun() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["build", "-p", "mdbook-cmdrun", "--message-format", "json"])
        .current_dir(tools())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "mdbook-cmdrun does not build:\n{stderr}"
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|message| message["target"]["name"] == "mdbook-cmdrun")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .unwrap_or_else(|| panic!("cargo built no binary mdbook-cmdrun:\n{stderr}"))
}

#[test]
fn mdbook_builds_with_cmdrun() {
    let build = build();
    let stderr = String::from_utf8_lossy(&build.mdbook.stderr);
    assert!(build.mdbook.status.success(), "{stderr}");
    // Not even its warning that mdBook has another version than it was built for.
    assert_eq!(build.text("stderr.txt"), "");
}

#[test]
fn mdbook_is_0_5_and_says_items() {
    let (ctx, book) = build().input();
    assert_eq!(ctx["mdbook_version"], "0.5.4");
    assert_eq!(mdbook::MDBOOK_VERSION, "0.5.4");
    assert!(
        book["items"].is_array() && book["sections"].is_null(),
        "{book}"
    );
}

#[test]
fn the_book_comes_out_as_it_went_in() {
    let build = build();
    let (json_ctx, json_book) = build.input();
    let (ctx, book) = CmdPreprocessor::parse_input(build.text("input.json").as_bytes()).unwrap();
    assert_eq!(book.sections.len(), 6);
    assert_eq!(json_ctx["renderer"], ctx.renderer.as_str());

    let out = serde_json::to_value(&book).unwrap();
    assert_eq!(out, json_book);
    let real: mdbook_core::book::Book = serde_json::from_value(json_book).unwrap();
    let back: mdbook_core::book::Book = serde_json::from_value(out).unwrap();
    assert_eq!(back, real);
}

#[test]
fn mdbook_0_4_input_is_refused() {
    let old = build()
        .text("input.json")
        .replace("\"items\"", "\"sections\"");
    let error = CmdPreprocessor::parse_input(old.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "Unable to parse the input");
}

#[test]
fn the_pages_show_what_the_commands_printed() {
    let build = build();
    assert!(
        build
            .text("book/first.html")
            .contains("<p>6 times 7 is 42</p>")
    );
    assert!(
        build
            .text("book/deep/nested.html")
            .contains("<p>Inline: deep.</p>")
    );
    assert!(
        build
            .text("book/last.html")
            .contains("<strong>cmdrun error</strong>")
    );
    assert!(
        build
            .text("book/preface.html")
            .contains("Nothing to run, “quoted” and <b>bold</b>.")
    );
}

#[test]
fn the_binary_changed_nothing_but_the_directives() {
    let build = build();
    let (_, book) = build.input();
    let output: Value = serde_json::from_str(&build.text("output.json")).unwrap();
    let chapter = |book: &Value, i: usize| book["items"][i]["Chapter"].clone();
    // Preface, part title, first, draft, separator, last.
    for i in [0, 1, 3, 4] {
        assert_eq!(output["items"][i], book["items"][i]);
    }
    let mut expected = chapter(&book, 2);
    expected["content"] = "# First\n\n6 times 7 is 42\n".into();
    expected["sub_items"][0]["Chapter"]["content"] = "# Nested\n\nInline: deep.\n".into();
    assert_eq!(chapter(&output, 2), expected);
}

/// The library does the same as the binary, on the same types.
#[test]
fn the_library_runs_on_the_compat_types() {
    let (ctx, mut book) =
        CmdPreprocessor::parse_input(build().text("input.json").as_bytes()).unwrap();
    // The library runs commands in folders below the current one: take what has none.
    book.sections.truncate(2);
    let cmdrun = mdbook_cmdrun::CmdRun;
    assert_eq!(cmdrun.name(), "cmdrun");
    assert!(cmdrun.supports_renderer("html") && !cmdrun.supports_renderer("markdown"));
    let before = book.clone();
    assert_eq!(cmdrun.run(&ctx, book).unwrap(), before);
    let output = mdbook_cmdrun::CmdRun::run_cmdrun("-0 echo hello".into(), ".", true);
    assert_eq!(output.unwrap(), "hello");
}

#[test]
fn the_binary_says_which_renderers_it_supports() {
    let supports = |renderer| {
        let mut command = Command::new(cmdrun());
        command
            .args(["supports", renderer])
            .status()
            .unwrap()
            .code()
    };
    assert_eq!(supports("html"), Some(0));
    assert_eq!(supports("markdown"), Some(1));
}
