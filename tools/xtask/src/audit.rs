//! `cargo xtask commands`: what building the book runs, for those who read it
//! before they build a stranger's book.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context;
use mdbook_driver::MDBook;
use serde_json::Value;
use session::Command;

use crate::build;

/// Prints it, a line each: `FILE:LINE: COMMAND`.
pub fn print(root: &Path) -> anyhow::Result<()> {
    let book = build::load(root)?;
    let mut text = String::from(
        "Cargo.toml:1: cargo build --bins --keep-going --message-format=json --workspace  (compiles the listings: their build scripts and macros run)\n",
    );
    let of_book = gate::commands(root, &book.config.book.src, &book.book)?;
    for command in of_mdbook(root, &book)?.iter().chain(&of_book) {
        writeln!(text, "{command}")?;
    }
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// The preprocessors and renderers that book.toml names: mdBook runs them.
fn of_mdbook(root: &Path, book: &MDBook) -> anyhow::Result<Vec<Command>> {
    let text = fs::read_to_string(root.join("book.toml")).context("cannot read book.toml")?;
    let (preprocessors, outputs) = (book.config.preprocessors()?, book.config.outputs()?);
    let mut commands = Vec::new();
    for (table, named) in [("preprocessor", preprocessors), ("output", outputs)] {
        for (name, options) in named {
            let options: Value = options;
            // Without a command it is a program of that name; the book's own are in mdBook.
            let mut command = match options.get("command").and_then(Value::as_str) {
                Some(command) => command.to_owned(),
                None if ["html", "markdown", "links", "index"].contains(&&*name) => continue,
                None => format!("mdbook-{name}"),
            };
            if name == "gate" {
                command += "  (plain mdBook; `cargo xtask` does the same itself)";
            }
            let header = format!("[{table}.{name}]");
            let at = text.lines().position(|line| line.trim() == header);
            commands.push(Command {
                file: "book.toml".into(),
                line: 1 + at.unwrap_or(0),
                text: command,
            });
        }
    }
    Ok(commands)
}
