//! The command `capture`: its verbs, and what each wants of a session.

use std::cell::RefCell;
use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::claim::{Claim, Side, is_operator};
use crate::excerpt::Picture;
use crate::unit::Unit;
use session::{END, Place};
use session::{Want, quoted};
use text::nearest;

/// Record a listing, and show what the kernel said about it.
///
/// A listing is one small crate under listings/. A session runs it, presses
/// Return at each of its checkpoints, and keeps a record: what it printed, and
/// the raw text of maps, smaps, status and their neighbours while it waited. A
/// page shows excerpts of the record and makes claims about it.
///
/// A chapter calls these verbs in directives, and by hand the same words work in
/// a shell. Within a build all excerpts of a listing come from one session; by
/// hand each call runs one. On a terminal an excerpt is plain text, and HTML where
/// it is piped: see --format.
#[derive(Debug, Parser)]
#[command(name = "capture", version, max_term_width = 90, after_long_help = MANUAL)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
}

const MANUAL: &str = include_str!("manual.txt");

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run a session and print its record as JSON
    Record {
        /// The listing, or --all
        #[arg(required_unless_present = "all")]
        listing: Option<String>,
        /// Record every listing, one JSON text a line
        #[arg(long, conflicts_with = "listing")]
        all: bool,
    },
    /// Terminal 1: what the listing printed, and where Return was pressed
    Run {
        listing: String,
        /// Stop where the listing waits at this checkpoint
        #[arg(long, value_name = "CHECKPOINT")]
        until: Option<String>,
        /// A program that ran beside it, by its name in the session file
        #[arg(long, value_name = "NAME")]
        process: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// Terminal 2: a command, run at a checkpoint, and its output
    Show {
        listing: String,
        /// The checkpoint, and the process that claims mean: CHECKPOINT:PROCESS
        #[arg(long, value_name = "PLACE")]
        at: Place,
        /// Show only lines that begin with one of these words; others become ...
        #[arg(long, value_name = "WORDS", value_delimiter = ',')]
        keep: Vec<String>,
        /// Put a note beside the lines that begin with a word
        #[arg(long, value_name = "WORD=NOTE", value_parser = mark)]
        mark: Vec<(String, String)>,
        /// Words that must stand in a line of the output
        #[arg(long, value_name = "TEXT")]
        expect_output: Vec<String>,
        #[command(flatten)]
        common: Common,
        /// The shell command, in single quotes
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
    /// One value, for the middle of a sentence
    Value {
        listing: String,
        /// A field such as `Rss@touched`, or a claim: its left side is shown
        #[arg(value_name = "FIELD", value_parser = shown)]
        shown: Shown,
        /// Where a field without a place is looked at: CHECKPOINT,
        /// CHECKPOINT:PROCESS, or end
        #[arg(long, value_name = "PLACE")]
        at: Option<Place>,
        /// The unit of an amount [default: that of the claim, or kB, or ns]
        #[arg(long = "in", value_name = "UNIT")]
        unit: Option<Unit>,
        #[command(flatten)]
        common: Common,
    },
    /// Claims about a record, and nothing to show
    Claims {
        listing: String,
        /// Where a field without a place is looked at
        #[arg(long, value_name = "PLACE")]
        at: Option<Place>,
        #[command(flatten)]
        common: Common,
        /// The claims
        #[arg(last = true, required = true, value_name = "CLAIM", value_parser = Claim::parse)]
        claims: Vec<Claim>,
    },
    /// Several checkpoints side by side, with the changes marked
    Steps {
        listing: String,
        /// A place; repeat it for each step [default: all checkpoints]
        #[arg(long, value_name = "PLACE")]
        at: Vec<Place>,
        /// The fields, separated by commas [default: all of smaps]
        #[arg(long, value_delimiter = ',')]
        fields: Vec<String>,
        /// The figure's id: a link to #ID-step-2 shows the second step
        /// [default: steps-LISTING and the places]
        #[arg(long, value_name = "ID", value_parser = id)]
        id: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// A picture of the record
    #[command(subcommand)]
    Draw(Picture),
    /// The line that tells where a page's excerpts come from
    Environment {
        #[arg(required = true)]
        listings: Vec<String>,
        #[command(flatten)]
        format: FormatOption,
    },
}

/// Options of every verb that makes an excerpt.
#[derive(Debug, Args)]
pub struct Common {
    /// A claim about the record; repeat it for more
    #[arg(long, value_name = "CLAIM", value_parser = Claim::parse)]
    pub expect: Vec<Claim>,
    /// The first kernel release that this is true of, such as 6.0; before it,
    /// nothing is shown or claimed
    #[arg(long, value_name = "RELEASE", value_parser = release)]
    pub since: Option<String>,
    /// The only architecture that this is true of, as `uname -m` prints it
    #[arg(long, value_name = "ARCHITECTURE")]
    pub on: Option<String>,
    /// The mapping that smaps fields mean, by the name of its address
    #[arg(long, value_name = "NAME")]
    pub of: Option<String>,
    #[command(flatten)]
    pub format: FormatOption,
}

#[derive(Debug, Args)]
pub struct FormatOption {
    /// How to write the excerpt [default: text on a terminal, else html]
    #[arg(long)]
    pub format: Option<Format>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One HTML element, for a page
    Html,
    /// Plain text, for a terminal
    Text,
}

/// What `value` shows.
#[derive(Debug, Clone)]
pub enum Shown {
    Field(Side),
    /// Its left side is shown, and it must hold.
    Claim(Claim),
}

impl Shown {
    pub fn side(&self) -> Option<&Side> {
        match self {
            Self::Field(side) => Some(side),
            Self::Claim(claim) => claim.left(),
        }
    }

    pub fn claim(&self) -> Option<&Claim> {
        match self {
            Self::Field(_) => None,
            Self::Claim(claim) => Some(claim),
        }
    }
}

fn shown(text: &str) -> Result<Shown, String> {
    if text.split_whitespace().any(is_operator) {
        let claim = Claim::parse(text).map_err(|error| error.to_string())?;
        return Ok(Shown::Claim(claim));
    }
    let side = Side::parse(text).map_err(|error| error.to_string())?;
    Ok(Shown::Field(side))
}

/// clap's own words, with the nearest verb where it has none to offer.
fn refusal(error: &clap::Error, words: &[String]) -> String {
    use clap::error::ErrorKind;
    if matches!(
        error.kind(),
        ErrorKind::InvalidSubcommand
            | ErrorKind::MissingSubcommand
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        let command = Cli::command();
        let mut verbs: Vec<&str> = command
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        let (what, wanted) = match words.get(1).map(String::as_str) {
            Some("draw") => {
                let draw = command.find_subcommand("draw");
                let pictures = draw.into_iter().flat_map(clap::Command::get_subcommands);
                verbs = pictures.map(clap::Command::get_name).collect();
                ("`capture draw` has no picture", words.get(2))
            }
            _ => ("`capture` has no verb", words.get(1)),
        };
        let wanted = wanted.map_or("", String::as_str);
        return format!("{what} `{wanted}`{}", nearest(wanted, verbs.into_iter()));
    }
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    // The rest points at `--help`, which a page has not.
    let what = text.split("\n\nFor more information").next();
    what.unwrap_or(text).trim_end().to_owned()
}

fn mark(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((word, note)) if !word.is_empty() && !note.is_empty() => {
            Ok((word.to_owned(), note.to_owned()))
        }
        _ => Err("write WORD=NOTE, such as 'Rss=not allocated'".to_owned()),
    }
}

fn release(text: &str) -> Result<String, String> {
    let parts = text.split_once('.');
    let number = |part: &str| part.parse::<u32>().is_ok();
    if parts.is_some_and(|(major, minor)| number(major) && number(minor)) {
        Ok(text.to_owned())
    } else {
        Err("write the first release that has it, such as 6.0".to_owned())
    }
}

fn id(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("an id is small letters, digits and -, and begins with a letter".to_owned())
    }
}

impl Verb {
    /// The verb that shows all of terminal 1.
    pub fn run(listing: &str) -> Self {
        Self::Run {
            listing: listing.to_owned(),
            until: None,
            process: None,
            common: Common {
                expect: Vec::new(),
                since: None,
                on: None,
                of: None,
                format: FormatOption { format: None },
            },
        }
    }

    /// The verb that tells where the excerpts of these listings come from.
    pub fn environment(listings: impl IntoIterator<Item = String>) -> Self {
        Self::Environment {
            listings: listings.into_iter().collect(),
            format: FormatOption { format: None },
        }
    }

    /// The sessions, checkpoints and commands that must be recorded first.
    pub fn wants(&self) -> Vec<Want> {
        let want = |listing: &String, at| Want {
            listing: listing.clone(),
            at,
        };
        // The end is no checkpoint that a session could wait for.
        let look = |listing: &String, name: &str| {
            want(listing, (name != END).then(|| (name.to_owned(), None)))
        };
        let (listing, mut wants) = match self {
            Self::Record { listing, .. } => {
                return listing.iter().map(|name| want(name, None)).collect();
            }
            Self::Environment { listings, .. } => {
                return listings.iter().map(|name| want(name, None)).collect();
            }
            Self::Run { listing, until, .. } => {
                (listing, until.iter().map(|at| look(listing, at)).collect())
            }
            Self::Show {
                listing,
                at,
                command,
                ..
            } => {
                let run = Some((at.checkpoint.clone(), Some(shell_command(command))));
                (listing, vec![want(listing, run)])
            }
            Self::Value {
                listing, shown, at, ..
            } => {
                let of_side = shown.side().into_iter().flat_map(Side::checkpoints);
                let names = of_side.chain(at.iter().map(|at| at.checkpoint.as_str()));
                (listing, names.map(|name| look(listing, name)).collect())
            }
            Self::Claims { listing, at, .. } => (
                listing,
                at.iter().map(|at| look(listing, &at.checkpoint)).collect(),
            ),
            Self::Steps { listing, at, .. } => {
                let places = at.iter().map(|at| look(listing, &at.checkpoint));
                (listing, places.collect())
            }
            Self::Draw(picture) => {
                let listing = picture.listing();
                let looks = picture
                    .places()
                    .iter()
                    .map(|at| look(listing, &at.checkpoint));
                (listing, looks.collect())
            }
        };
        for name in self.claims().flat_map(Claim::checkpoints) {
            wants.push(look(listing, name));
        }
        wants.push(want(listing, None));
        wants
    }

    /// Reads a directive's command, `capture` first, or says what is wrong with it.
    pub fn read(words: &[String]) -> Result<Self, String> {
        thread_local! {
            // Building it takes longer than any directive.
            static COMMAND: RefCell<clap::Command> = RefCell::new(Cli::command());
        }
        let matches = COMMAND.with_borrow_mut(|command| command.try_get_matches_from_mut(words));
        let cli = matches.and_then(|matches| Cli::from_arg_matches(&matches));
        let verb = cli.map_err(|error| refusal(&error, words))?.verb;
        let at = verb.claims_at();
        let vacuous = verb.claims().find_map(|claim| claim.vacuous(at.as_ref()));
        vacuous.map_or(Ok(verb), Err)
    }

    /// The listing that it is about.
    pub fn listing(&self) -> Option<&str> {
        match self {
            Self::Record { listing, .. } => listing.as_deref(),
            Self::Environment { .. } => None,
            Self::Run { listing, .. }
            | Self::Show { listing, .. }
            | Self::Value { listing, .. }
            | Self::Claims { listing, .. }
            | Self::Steps { listing, .. } => Some(listing),
            Self::Draw(picture) => Some(picture.listing()),
        }
    }

    /// All that it claims.
    pub fn claims(&self) -> impl Iterator<Item = &Claim> {
        let own = match self {
            Self::Value { shown, .. } => shown.claim(),
            _ => None,
        };
        let alone = match self {
            Self::Claims { claims, .. } => claims.as_slice(),
            _ => &[],
        };
        let beside = self.common().map_or(&[][..], |common| &common.expect);
        own.into_iter().chain(alone).chain(beside)
    }

    /// Where the fields of its claims are looked at that name no place. For `steps`
    /// of all checkpoints, the record decides.
    pub fn claims_at(&self) -> Option<Place> {
        match self {
            Self::Run { until, .. } => until.as_ref().map(|until| Place {
                checkpoint: until.clone(),
                process: None,
            }),
            Self::Show { at, .. } => Some(at.clone()),
            Self::Value { at, .. } | Self::Claims { at, .. } => at.clone(),
            Self::Steps { at, .. } => at.last().cloned(),
            Self::Draw(picture) => picture.places().first().cloned(),
            Self::Record { .. } | Self::Environment { .. } => None,
        }
    }

    pub(crate) fn common(&self) -> Option<&Common> {
        match self {
            Self::Run { common, .. }
            | Self::Show { common, .. }
            | Self::Value { common, .. }
            | Self::Claims { common, .. }
            | Self::Steps { common, .. } => Some(common),
            Self::Draw(picture) => Some(picture.common()),
            Self::Record { .. } | Self::Environment { .. } => None,
        }
    }
}

/// The words behind `--` as one shell command: one word is the command itself,
/// several are a simple command, quoted again where they need it.
pub fn shell_command(words: &[String]) -> String {
    match words {
        [command] => command.clone(),
        words => {
            let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            quoted.join(" ")
        }
    }
}

/// The folder of records to read instead of making some, where one is named.
pub fn records_folder() -> Option<PathBuf> {
    std::env::var_os("CAPTURE_RECORDS").map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_verbs_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_sessions_are_told_what_to_run() {
        let words = [
            "capture",
            "show",
            "l",
            "--at",
            "touched",
            "--expect",
            "Rss > Rss@mapped",
            "--",
            "cat",
            "/proc/$PID/maps",
        ];
        let cli = Cli::try_parse_from(words).expect("well formed");
        let want = |at: Option<(&str, Option<&str>)>| Want {
            listing: "l".to_owned(),
            at: at.map(|(name, command)| (name.to_owned(), command.map(str::to_owned))),
        };
        assert_eq!(
            cli.verb.wants(),
            [
                want(Some(("touched", Some("cat /proc/$PID/maps")))),
                want(Some(("mapped", None))),
                want(None),
            ]
        );
    }

    #[test]
    fn a_release_is_two_numbers() {
        assert_eq!(release("6.12"), Ok("6.12".to_owned()));
        for wrong in ["6", "six.one", "6.1.3", ""] {
            assert!(release(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn several_words_are_a_simple_command() {
        let command = |words: &[&str]| {
            shell_command(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(command(&["a | b"]), "a | b");
        assert_eq!(
            command(&["grep", "^7f", "/proc/$PID/maps"]),
            "grep ^7f /proc/$PID/maps"
        );
        assert_eq!(command(&["grep", "a b", "x"]), "grep \"a b\" x");
    }
}
