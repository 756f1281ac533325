//! `cargo xtask`: what readers and authors of the book call.
//!
//! It knows how a book is built, checked and put in its place (`build`), served
//! (`serve`), read before it is built (`audit`), begun (`new`), indexed (`index`)
//! and tested (`test`). It does not know what a session is, nor what a page says:
//! rooms below it do. What only maintainers call is in `lab`, which uses this
//! library and is not compiled for a reader.
//!
//! A library, so that it is compiled while what it depends on still is; a program
//! would wait for the last of them.

mod audit;
pub mod build;
pub mod copy;
mod index;
pub mod needs;
pub mod new;
mod serve;
pub mod test;

use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};

/// Serve, build and test the book *Memory, Mapped*.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the book and serve it on this machine, again after every change
    Serve {
        /// The port on 127.0.0.1; 0 lets the system choose
        #[arg(long, default_value_t = 3000)]
        port: u16,
    },
    /// Build the book into book/
    Build(build::Options),
    /// Print what building the book runs, each with its place, and run nothing
    Commands,
    /// Run everything that CI runs
    Test {
        /// Only the checks in Chromium: every page, theme and width
        #[arg(long)]
        browser: bool,
        /// Of these, those in files whose names hold one of the words
        #[arg(requires = "browser")]
        words: Vec<String>,
    },
    /// Write the README's index of the listings
    Index,
    /// Make a new listing that compiles and runs at once
    New {
        /// The chapter's folder and the listing's name
        #[arg(value_name = "CHAPTER/LISTING")]
        name: String,
        /// What it does, in a line of the README's index
        description: String,
    },
}

/// Does what the arguments say.
#[must_use]
pub fn main() -> ExitCode {
    main_of(Cli::parse, |root, cli| run(root, cli.task))
}

/// The `main` of a program that works on the book around it.
pub fn main_of<C>(parse: fn() -> C, run: impl FnOnce(&Path, C) -> anyhow::Result<()>) -> ExitCode {
    // It may have been started as a keeper, or as `capture`.
    if let Some(status) = reading::under_another_name() {
        return status;
    }
    let cli = parse();
    match root().and_then(|root| run(&root, cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(root: &Path, task: Task) -> anyhow::Result<()> {
    match task {
        Task::Serve { port } => serve_book(root, port),
        Task::Build(options) => build::build(root, &options, None),
        Task::Commands => audit::print(root),
        Task::Test {
            browser: true,
            words,
        } => test::browser::only(root, &words),
        Task::Test { .. } => test::test(root),
        Task::Index => index::write(root),
        Task::New { name, description } => new::new(root, &name, &description),
    }
}

fn serve_book(root: &Path, port: u16) -> anyhow::Result<()> {
    let options = serve::Options {
        root: root.to_owned(),
        book: build::destination(root)?,
        port,
        watch: build::sources(root)?,
    };
    let (root, memo) = (root.to_owned(), build::Memo::default());
    serve::run(options, move || {
        let outcome = build::build(&root, &build::Options::default(), Some(&memo));
        let outcome = outcome.map_err(|error| format!("{error:#}"));
        if let Err(text) = &outcome {
            let _ = writeln!(io::stderr(), "\n{text}");
        }
        let (read, ran) = memo.pages.last();
        serve::Built { outcome, read, ran }
    })
}

/// Prints a line. Whoever reads may have had enough, or no room for it; the
/// status tells the outcome all the same.
pub fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Runs a command to its end, which must be a good one.
pub fn must_succeed(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status();
    let status = status.with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}

/// What a lock guards. Nothing here panics half-way while it holds one.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The book's root: the folder with `book.toml`, here or above.
fn root() -> anyhow::Result<PathBuf> {
    let here = env::current_dir().context("cannot tell the working directory")?;
    let mut around = here.ancestors();
    let root = around.find(|folder| folder.join("book.toml").is_file());
    root.map(Path::to_owned).with_context(|| {
        format!(
            "no book.toml here or above {}; run this in a clone of the book's repository",
            here.display()
        )
    })
}
