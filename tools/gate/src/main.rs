//! The preprocessor as a command: what plain `mdbook build` starts.
//!
//! `gate supports RENDERER` tells whether it can; without arguments it reads
//! the book as JSON and writes it expanded, as mdBook's preprocessor protocol
//! has it.

use std::env;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use mdbook_core::MDBOOK_VERSION;
use mdbook_preprocessor::{Preprocessor, parse_input};
use session::Progress;

fn main() -> ExitCode {
    // It may have been started as a keeper, or as `capture`.
    if let Some(status) = reading::under_another_name() {
        return status;
    }
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["supports", renderer] => ExitCode::from(u8::from(!gate::supports(renderer))),
        [] => match preprocess() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let _ = writeln!(io::stderr(), "\n{error:#}\n");
                ExitCode::FAILURE
            }
        },
        _ => {
            let _ = writeln!(
                io::stderr(),
                "gate is started by mdBook; to build the book, run `cargo xtask build`"
            );
            ExitCode::from(2)
        }
    }
}

fn preprocess() -> anyhow::Result<()> {
    let mut input = String::new();
    io::stdin()
        .read_to_string(&mut input)
        .context("cannot read the book from mdBook")?;
    check_version(&input)?;
    let (context, book) = parse_input(input.as_bytes())?;
    gate::refuse_secrets(&context)?;
    let report: gate::Report = Arc::new(|progress| {
        if !matches!(progress, Progress::Spent(..)) {
            let _ = writeln!(io::stderr(), "{progress}");
        }
    });
    let book = gate::Gate::new(report).run(&context, book)?;
    serde_json::to_writer(io::stdout().lock(), &book).context("cannot hand the book to mdBook")
}

/// Before anything typed: an older mdBook's book fails to parse with a message
/// that helps nobody.
fn check_version(input: &str) -> anyhow::Result<()> {
    let value: serde_json::Value = serde_json::from_str(input)
        .context("this is started by mdBook, which writes JSON to it")?;
    let version = value
        .pointer("/0/mdbook_version")
        .and_then(serde_json::Value::as_str)
        .unwrap_or("of unknown version");
    if version
        .split('.')
        .take(2)
        .eq(MDBOOK_VERSION.split('.').take(2))
    {
        return Ok(());
    }
    bail!(
        "this book needs mdBook 0.5, and this is mdBook {version}: install it with `cargo install --locked mdbook@{MDBOOK_VERSION}`, or run `cargo xtask serve`, which needs none"
    )
}
