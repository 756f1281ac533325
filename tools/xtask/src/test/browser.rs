//! `cargo xtask test --browser`: the finished pages in a real browser.
//!
//! The checks are in `tests/browser/`, written for node's own test runner. They
//! look at the book, and at a fixture: a small book with the same theme, of what
//! no chapter may happen to have.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;

use super::Counted;
use crate::copy::{copy, settings};
use crate::{build, must_succeed, needs};

/// Where the checks are, below the book's root.
const CHECKS: &str = "tests/browser";
/// The root of the fixture's book.
const FIXTURE: &str = "target/browser/fixture";
/// The listings that it shows.
const LISTINGS: &str = "listings/anonymous-memory";

/// Builds the book and the fixture, and runs all checks, or those in the files
/// whose names hold one of the words.
pub fn only(root: &Path, words: &[String]) -> anyhow::Result<()> {
    let mut counted = Counted::default();
    needs::for_browser(root)?;
    build::build(root, &build::Options::default(), None)?;
    run(root, words, &mut counted)?;
    counted.verdict()
}

/// Builds the book, and prints what its pages cost, and how fast they are.
pub fn measure(root: &Path) -> anyhow::Result<()> {
    needs::for_browser(root)?;
    build::build(root, &build::Options::default(), None)?;
    must_succeed(in_checks(root, "node")?.arg("measure.js"))
}

/// Runs the checks on a book that is built.
pub fn run(root: &Path, words: &[String], counted: &mut Counted) -> anyhow::Result<()> {
    let named = words.iter().map(|word| format!("test/*{word}*.test.js"));
    let files = match words {
        [] => "test/*.test.js".to_owned(),
        _ => named.collect::<Vec<_>>().join(" "),
    };
    // A shell for the patterns: not every node knows them.
    let mut shell = in_checks(root, "sh")?;
    shell.args([
        "-c",
        &format!("exec node --test --test-reporter=spec {files}"),
    ]);
    shell.env("FIXTURE", fixture(root)?);
    counted.run(shell)
}

/// A command in the folder of the checks, which tells it where the book is.
fn in_checks(root: &Path, program: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(program);
    command.current_dir(root.join(CHECKS)).stdin(Stdio::null());
    command.env("BOOK", build::destination(root)?);
    Ok(command)
}

/// Makes the fixture anew, and gives the folder of its pages.
fn fixture(root: &Path) -> anyhow::Result<PathBuf> {
    let folder = root.join(FIXTURE);
    for part in ["src", "theme", "listings"] {
        let _ = fs::remove_dir_all(folder.join(part));
    }
    copy(&root.join(CHECKS).join("fixture"), &folder.join("src"))?;
    for made_of in ["theme", LISTINGS, "Cargo.toml", "Cargo.lock"] {
        copy(&root.join(made_of), &folder.join(made_of))?;
    }
    let config = settings(root)?;
    let html = "[output.html]\n";
    let repository = format!("{html}git-repository-url = \"https://example.org/book\"\n");
    let config = config.replace(html, &repository);
    fs::write(folder.join("book.toml"), config).context("cannot write book.toml")?;
    symlink("../listings", folder.join("src/listings"))?;
    build::build(&folder, &build::Options::default(), None)
        .context("the fixture of the browser tests does not build")?;
    build::destination(&folder)
}
