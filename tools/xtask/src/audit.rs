//! `cargo xtask commands`: what building the book runs, for those who read it
//! before they build a stranger's book.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use gate::Gate;
use mdbook_driver::MDBook;
use serde_json::Value;
use session::Command;

use crate::build;

/// Prints it, a line each: `FILE:LINE: COMMAND`.
pub fn print(root: &Path) -> anyhow::Result<()> {
    let book = build::load(root, Path::new("book"), Gate::new(Arc::new(|_| {})))?;
    let mut text = String::from(
        "Cargo.toml:1: cargo build --bins --keep-going --message-format=json --workspace  (compiles the listings: their build scripts and macros run)\n",
    );
    for command in of_mdbook(root, &book)? {
        writeln!(text, "{command}")?;
    }
    for command in gate::commands(root, &book.config.book.src, &book.book)? {
        writeln!(text, "{command}")?;
    }
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// The preprocessors and renderers that book.toml names: mdBook runs them.
fn of_mdbook(root: &Path, book: &MDBook) -> anyhow::Result<Vec<Command>> {
    let text = std::fs::read_to_string(root.join("book.toml")).context("cannot read book.toml")?;
    let named: [(_, BTreeMap<String, Value>); 2] = [
        ("preprocessor", book.config.preprocessors()?),
        ("output", book.config.outputs()?),
    ];
    let mut found = Vec::new();
    for (table, named) in named {
        for (name, options) in named {
            // Without a command it is a program of that name; the book's own
            // are in mdBook.
            let own = matches!(name.as_str(), "html" | "markdown" | "links" | "index");
            let command = options.get("command").and_then(Value::as_str);
            let Some(command) = command
                .map(str::to_owned)
                .or_else(|| (!own).then(|| format!("mdbook-{name}")))
            else {
                continue;
            };
            let header = format!("[{table}.{name}]");
            let line = text.lines().position(|line| line.trim() == header);
            let note = if name == "gate" {
                "  (plain mdBook; `cargo xtask` does the same itself)"
            } else {
                ""
            };
            found.push(Command {
                file: "book.toml".into(),
                line: line.map_or(1, |line| line + 1),
                text: format!("{command}{note}"),
            });
        }
    }
    Ok(found)
}
