//! `cargo xtask`: everything that is done with this repository.
//!
//! A library, so that it is compiled while what it depends on still is; a program
//! would wait for the last of them.

mod bench;
mod browser;
mod build;
mod check;
mod commands;
mod copy;
mod index;
mod licences;
mod matrix;
mod new;
mod serve;
mod test;

use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};

/// Serve, build and test the book *Memory, Mapped*.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build the book and serve it on this machine, again after every change
    Serve {
        /// The port on 127.0.0.1; 0 lets the system choose
        #[arg(long, default_value_t = 3000)]
        port: u16,
        /// Open the book in a browser
        #[arg(long)]
        open: bool,
    },
    /// Build the book into book/
    Build {
        /// So that a second build makes the same bytes: the pages show stand-ins
        /// for process ids, times and the day
        #[arg(long)]
        reproducible: bool,
        /// Tell where the time goes
        #[arg(long)]
        timings: bool,
    },
    /// Print what building the book runs, each with its place, and run nothing
    Commands,
    /// Run every session and check every claim, without making pages
    Check {
        /// How many times
        #[arg(long, default_value_t = 1)]
        times: u32,
    },
    /// Run everything that CI runs
    Test {
        /// Then run every session and check every claim, this many times as this
        /// user and, by root, as many times as an ordinary one
        #[arg(long, value_name = "TIMES")]
        soak: Option<u32>,
    },
    /// Look at the finished pages in Chromium: every page, theme and width
    Browser {
        /// Print what pages cost, and how fast they are, instead
        #[arg(long, conflicts_with = "words")]
        measure: bool,
        /// Only checks in files whose names hold one of these
        words: Vec<String>,
    },
    /// Measure how fast the book is built, beside mdBook alone
    Bench {
        /// Leave out what compiles from nothing, which takes minutes
        #[arg(long)]
        warm: bool,
        /// Only write the floor's book into this folder
        #[arg(long, hide = true)]
        floor: Option<PathBuf>,
    },
    /// Ask the book's claims of other kernels and settings, and write what holds
    /// where
    Matrix {
        #[command(subcommand)]
        part: Option<matrix::Part>,
    },
    /// Write the README's index of the listings
    Index,
    /// Write the list of the licences of what the tools are made of
    Licences,
    /// Make a new listing that compiles and runs at once
    New {
        /// The chapter's folder and the listing's name
        #[arg(value_name = "CHAPTER/LISTING")]
        name: String,
    },
}

/// Does what the arguments say.
#[must_use]
pub fn main() -> ExitCode {
    // It may have been started as a keeper, or as `capture`.
    if let Some(status) = reading::under_another_name() {
        return status;
    }
    let cli = Cli::parse();
    match root().and_then(|root| run(&root, cli.task)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(root: &Path, task: Task) -> anyhow::Result<()> {
    match task {
        Task::Serve { port, open } => serve_book(root, port, open),
        Task::Build {
            reproducible,
            timings,
        } => {
            let options = build::Options {
                reproducible,
                timings,
                memo: None,
            };
            build::build(root, &options)
        }
        Task::Commands => commands::print(root),
        Task::Check { times } => check::check(root, times),
        Task::Test { soak } => test::test(root, soak),
        Task::Browser { measure: true, .. } => browser::measure(root),
        Task::Browser { words, .. } => browser::browser(root, &words),
        Task::Bench {
            floor: Some(folder),
            ..
        } => bench::write_floor(root, &folder),
        Task::Bench { warm, .. } => bench::bench(root, warm),
        Task::Matrix { part } => matrix::matrix(root, part),
        Task::Index => index::write(root),
        Task::Licences => licences::write(root),
        Task::New { name } => new::new(root, &name),
    }
}

fn serve_book(root: &Path, port: u16, open: bool) -> anyhow::Result<()> {
    let book = build::destination(root)?;
    let options = serve::Options {
        root: root.to_owned(),
        book,
        port,
        open,
        watch: build::sources(root)?,
    };
    let root = root.to_owned();
    let how = build::Options {
        memo: Some(build::Memo::default()),
        ..Default::default()
    };
    serve::run(options, move || {
        let outcome = build::build(&root, &how).map_err(|error| {
            let text = format!("{error:#}");
            let _ = writeln!(io::stderr(), "\n{text}");
            text
        });
        let (read, ran) = how.memo.as_ref().map(build::Memo::last).unwrap_or_default();
        serve::Built { outcome, read, ran }
    })
}

/// Prints a line. Whoever reads may have had enough, or no room for it; the
/// status tells the outcome all the same.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// The book's root: the folder with `book.toml`, here or above.
fn root() -> anyhow::Result<PathBuf> {
    let here = env::current_dir().context("cannot tell the working directory")?;
    match here
        .ancestors()
        .find(|folder| folder.join("book.toml").is_file())
    {
        Some(root) => Ok(root.to_owned()),
        None => bail!(
            "no book.toml here or above {}; run this in a clone of the book's repository",
            here.display()
        ),
    }
}
