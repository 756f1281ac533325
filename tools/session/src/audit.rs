//! What the sessions of a book would run, without running it.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::RecordsError;
use crate::listings::{Listing, Listings, below};
use crate::needs::Needs;
use crate::record::showable;
use crate::session::{Session, line};
use crate::want::{Want, quoted, wanted};

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
        write!(f, "{}:{}: ", self.file.display(), self.line)?;
        // One line, that shows all there is: what is read here was written by
        // somebody else.
        for c in self.text.chars() {
            match c {
                ' '.. if showable(c) => write!(f, "{c}")?,
                _ => write!(f, "{}", c.escape_default())?,
            }
        }
        Ok(())
    }
}

/// The programs and the commands of the sessions of the listings that are wanted.
pub fn commands(listings: &Listings, wants: &[Want]) -> Result<Vec<Command>, RecordsError> {
    let mut found = Vec::new();
    for name in wanted(wants) {
        // What a build does not know it does not run.
        let Ok(listing) = listings.get(name) else {
            continue;
        };
        let session = listing.session()?;
        if session.part_of.is_none() {
            found.extend(programs(listing, session, listings));
            found.extend(at_checkpoints(listing, session, listings.root()));
        }
    }
    Ok(found)
}

/// The listing's program, and those that run beside it.
fn programs(listing: &Listing, session: &Session, listings: &Listings) -> Vec<Command> {
    let program = |listing: &Listing, arguments: &[String], more: &str| {
        let words = std::iter::once(&listing.name).chain(arguments);
        let words: Vec<String> = words.map(|word| quoted(word)).collect();
        let file = listing.folder.join("src/main.rs");
        Command {
            file: below(listings.root(), &file).to_owned(),
            line: 1,
            text: format!("{}{more}", words.join(" ")),
        }
    };
    let own = program(listing, &session.arguments, &needs(&session.needs));
    let beside = session.companions.iter().filter_map(|companion| {
        let beside = listings.get(&companion.listing).ok()?;
        let more = format!("  (beside `{}`, at `{}`)", listing.name, companion.at);
        Some(program(beside, &companion.arguments, &more))
    });
    std::iter::once(own).chain(beside).collect()
}

fn needs(needs: &Needs) -> String {
    let root = needs.root.then(|| "root".to_owned());
    let kernel = needs.kernel.map(|kernel| format!("Linux {kernel}"));
    let architecture = needs.architecture.as_ref().map(|it| it.0.clone());
    let paths = needs.paths.iter().map(|path| path.display().to_string());
    let machine = [root, kernel, architecture].into_iter().flatten();
    let all: Vec<String> = machine.chain(paths).chain(needs.other.clone()).collect();
    match all.is_empty() {
        true => String::new(),
        false => format!("  (only where there is {})", all.join(", ")),
    }
}

/// The commands of a session.
fn at_checkpoints(listing: &Listing, session: &Session, root: &Path) -> Vec<Command> {
    let path = listing.folder.join("Cargo.toml");
    let all = session.commands.iter().flat_map(|(at, commands)| {
        let here = commands.iter().map(move |command| (at, command));
        here.map(|(at, command)| Command {
            file: below(root, &path).to_owned(),
            line: line(&listing.manifest, command.span().start),
            text: at_checkpoint(&listing.name, at, command.get_ref()),
        })
    });
    all.collect()
}

/// A command of the second terminal.
pub fn at_checkpoint(listing: &str, at: &str, command: &str) -> String {
    format!("{command}  (while `{listing}` waits at `{at}`)")
}
