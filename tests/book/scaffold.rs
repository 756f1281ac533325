//! `cargo xtask new`: a listing that compiles and runs at once.

use std::fs;
use std::process::Command;

use book_tests::{Book, Running, repository};

#[test]
fn a_new_listing_compiles_runs_and_stands_in_a_chapter() {
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).expect("Cargo.toml");
    let lock = fs::read_to_string(repository().join("Cargo.lock")).expect("Cargo.lock");
    let format =
        fs::read_to_string(repository().join("listings/rustfmt.toml")).expect("rustfmt.toml");
    let book = Book::named("scaffold")
        .file("Cargo.toml", &manifest)
        .file("Cargo.lock", &lock)
        .file("listings/rustfmt.toml", &format);
    std::os::unix::fs::symlink("../listings", book.path("src/listings")).expect("a link");
    let made = book
        .start("xtask", &["new", "chapter/first-try", "Says \"one\" page"])
        .wait()
        .succeeded();
    let made = made.with("mapped: press Return to write one byte ⏎");
    let manifest = book.read("listings/chapter/first-try/Cargo.toml");
    assert!(
        manifest.contains("description = 'Says \"one\" page'"),
        "{manifest}"
    );

    let (_, chapter) = made
        .printed
        .split_once("two claims:\n\n")
        .expect("a chapter's text");
    let book = book
        .chapter("index.md", "# Front\n")
        .chapter("part/one.md", &format!("# One\n\n{chapter}"));
    book.build().succeeded();
    assert!(book.read("book/part/one.html").contains("← one page"));

    for words in [
        &["fmt", "--check"][..],
        &["clippy", "--workspace", "--", "-D", "warnings"],
    ] {
        let mut cargo = Command::new("cargo");
        cargo.args(words).current_dir(book.path("."));
        Running::start(cargo).wait().succeeded();
    }

    book.start("xtask", &["new", "other/first-try", "Another"])
        .wait()
        .failed()
        .with("there is a listing `first-try` already, in listings/chapter/first-try");
}

#[test]
fn a_listing_says_what_it_does() {
    let book = Book::named("scaffold-description");
    for description in ["", " ", "two\nlines"] {
        let new = ["new", "chapter/first-try", description];
        book.start("xtask", &new)
            .wait()
            .failed()
            .with("in one line");
    }
    let new = ["new", "chapter/first-try"];
    book.start("xtask", &new)
        .wait()
        .failed()
        .with("<DESCRIPTION>");
    assert!(!book.path("listings/chapter").exists());
}

/// Files that a reader's own run leaves behind on Ctrl-C are not committed.
#[test]
fn what_listings_create_is_ignored() {
    // A path leads elsewhere, or below what the listing has mounted for itself.
    let name =
        regex::Regex::new(r#"const (?:NAME|FILE): &C?[sS]tr = c?"([^"/]+)""#).expect("a pattern");
    let mut names = Vec::new();
    for listing in session::Listings::of(repository().as_path())
        .expect("listings")
        .iter()
    {
        let program = fs::read_to_string(listing.folder.join("src/main.rs")).expect("a program");
        names.extend(
            name.captures_iter(&program)
                .map(|found| found[1].to_owned()),
        );
    }
    assert!(names.len() > 12, "{names:?}");
    for name in names {
        let mut git = Command::new("git");
        git.args(["check-ignore", "--quiet", &name])
            .current_dir(repository());
        assert!(
            git.status().expect("git starts").success(),
            "{name} is not in .gitignore"
        );
    }
}

#[test]
fn a_bad_name_is_refused() {
    let book = Book::named("scaffold-names");
    for (name, told) in [
        ("lonely", "`lonely` is no CHAPTER/LISTING"),
        ("chapter/Not-Plain", "small letters, digits and hyphens"),
        ("../x", "`../x` is no CHAPTER/LISTING"),
    ] {
        book.start("xtask", &["new", name, "What it does"])
            .wait()
            .failed()
            .with(told);
    }
}
