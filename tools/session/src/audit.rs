//! What the sessions of a book would run, without running it.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::listings::{Listing, Listings};
use crate::record::showable;
use crate::records::{RecordsError, wanted};
use crate::session::{Needs, Session};
use crate::want::{Want, quoted};

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

/// The programs and the commands of the session files of the listings that are
/// wanted.
pub fn commands(listings: &Listings, wants: &[Want]) -> Result<Vec<Command>, RecordsError> {
    let mut found = Vec::new();
    for name in wanted(wants) {
        // What a build does not know it does not run.
        let Ok(listing) = listings.get(name) else {
            continue;
        };
        let session = Session::of(listing, listings.root())
            .map_err(|error| RecordsError::NoRecord(error.to_string()))?;
        if session.part_of.is_none() {
            found.extend(programs(listing, &session, listings));
            found.extend(of_session_file(listing, listings.root())?);
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
            file: below(listings.root(), &file),
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
    let kernel = needs
        .kernel
        .as_ref()
        .map(|kernel| format!("Linux {kernel}"));
    let paths = needs.paths.iter().map(|path| path.display().to_string());
    let all: Vec<String> = root.into_iter().chain(kernel).chain(paths).collect();
    if all.is_empty() {
        return String::new();
    }
    format!("  (only where there is {})", all.join(", "))
}

/// The commands of a session file, with the places that [`Session`] drops.
#[derive(Default, Deserialize)]
struct Commands {
    #[serde(default)]
    commands: BTreeMap<String, Vec<Spanned<String>>>,
}

fn of_session_file(listing: &Listing, root: &Path) -> Result<Vec<Command>, RecordsError> {
    let path = listing.folder.join("session.toml");
    let Ok(text) = fs::read_to_string(&path) else {
        return Ok(Vec::new());
    };
    let file = below(root, &path);
    let commands: Commands = toml::from_str(&text)
        .map_err(|error| RecordsError::NoRecord(format!("{}: {error}", file.display())))?;
    let of_checkpoint = |(at, commands): (String, Vec<Spanned<String>>)| {
        let (file, text) = (file.clone(), &text);
        commands.into_iter().map(move |command| Command {
            file: file.clone(),
            line: text[..command.span().start].matches('\n').count() + 1,
            text: at_checkpoint(&listing.name, &at, command.get_ref()),
        })
    };
    Ok(commands
        .commands
        .into_iter()
        .flat_map(of_checkpoint)
        .collect())
}

/// A command of the second terminal.
pub fn at_checkpoint(listing: &str, at: &str, command: &str) -> String {
    format!("{command}  (while `{listing}` waits at `{at}`)")
}

fn below(root: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(root).unwrap_or(path).to_owned()
}
