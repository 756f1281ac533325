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
        .start("xtask", &["new", "chapter/first-try"])
        .wait()
        .succeeded();
    let made = made.with("mapped: press Return to write one byte ⏎");

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

    book.start("xtask", &["new", "other/first-try"])
        .wait()
        .failed()
        .with("there is a listing `first-try` already, in listings/chapter/first-try");
}

#[test]
fn a_bad_name_is_refused() {
    let book = Book::named("scaffold-names");
    for (name, told) in [
        ("lonely", "`lonely` names no chapter: write CHAPTER/LISTING"),
        (
            "chapter/Not-Plain",
            "`Not-Plain` is no name for a folder of listings",
        ),
        ("../x", "`..` is no name for a folder of listings"),
    ] {
        book.start("xtask", &["new", name])
            .wait()
            .failed()
            .with(told);
    }
}
