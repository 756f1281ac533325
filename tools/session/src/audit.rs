//! What the sessions of a book would run, without running it.

use std::fmt;
use std::iter::once;
use std::path::PathBuf;

use crate::error::RecordsError;
use crate::listings::{Listing, Listings, below};
use crate::needs::Needs;
use crate::record::escaped;
use crate::want::{Want, quoted, wanted};
use text::line_of;

/// Something that building a book runs, and the place that asks for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Command {
    /// Below the book's root.
    pub file: PathBuf,
    pub line: usize,
    pub text: String,
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One line, that shows all there is: what is read here was written by
        // somebody else.
        let text = escaped(&self.text)
            .replace('\n', "\\n")
            .replace('\t', "\\t");
        write!(f, "{}:{}: {text}", self.file.display(), self.line)
    }
}

/// The programs and the commands of the sessions of the listings that are wanted.
pub fn commands(listings: &Listings, wants: &[Want]) -> Result<Vec<Command>, RecordsError> {
    let mut found = Vec::new();
    let mut add = |of: &Listing, file: &str, line: usize, text: String| {
        let file = of.folder.join(file);
        let file = below(listings.root(), &file).to_owned();
        found.push(Command { file, line, text });
    };
    for name in wanted(wants) {
        // What a build does not know it does not run.
        let Ok(listing) = listings.get(name) else {
            continue;
        };
        let session = listing.session()?;
        if session.part_of.is_some() {
            continue;
        }
        let own = program(name, &session.arguments) + &needs(&session.needs);
        add(listing, "src/main.rs", 1, own);
        for companion in &session.companions {
            if let Ok(listing) = listings.get(&companion.listing) {
                let beside = program(&companion.listing, &companion.arguments);
                let beside = format!("{beside}  (beside `{name}`, at `{}`)", companion.at);
                add(listing, "src/main.rs", 1, beside);
            }
        }
        for (at, commands) in &session.commands {
            for command in commands {
                let line = line_of(&listing.manifest, command.span().start);
                add(
                    listing,
                    "Cargo.toml",
                    line,
                    at_checkpoint(name, at, command.get_ref()),
                );
            }
        }
    }
    Ok(found)
}

fn program(listing: &str, arguments: &[String]) -> String {
    let words = once(listing).chain(arguments.iter().map(String::as_str));
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

fn needs(needs: &Needs) -> String {
    let kernel = needs.kernel.map(|kernel| format!("Linux {kernel}"));
    let architecture = needs.architecture.as_ref().map(|it| it.0.clone());
    let machine = kernel.into_iter().chain(architecture);
    let all: Vec<String> = machine.chain(needs.other.clone()).collect();
    match all.is_empty() {
        true => String::new(),
        false => format!("  (only where there is {})", all.join(", ")),
    }
}

/// A command of the second terminal.
pub fn at_checkpoint(listing: &str, at: &str, command: &str) -> String {
    format!("{command}  (while `{listing}` waits at `{at}`)")
}
