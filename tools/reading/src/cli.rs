//! The command `capture`: its verbs, and what each wants of a session.

use std::cell::RefCell;
use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::claim::{Claim, Here};
use crate::excerpt::{Claims, Inline, Part, Run, Show, Steps, Whole};
use crate::figure::{AddressSpace, Distribution, Plot};
use session::{Architecture, END, Listings, Place, Record, Release, Want};
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
/// hand each call runs one. An excerpt is plain text, and HTML where a page asks
/// for it: see ENVIRONMENT below.
#[derive(Debug, Parser)]
#[command(name = "capture", version, max_term_width = 90, after_long_help = MANUAL)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
}

const MANUAL: &str = include_str!("manual.txt");

/// What to do with one listing's record.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run a session and print its record as JSON
    Record(Asked<Whole>),
    /// Terminal 1: what the listing printed, and where Return was pressed
    Run(Asked<Run>),
    /// Terminal 2: a command, run at a checkpoint, and its output
    Show(Asked<Show>),
    /// One value, for the middle of a sentence
    Value(Asked<Inline>),
    /// Claims about a record, and nothing to show
    Claims(Asked<Claims>),
    /// Several checkpoints side by side, with the changes marked
    Steps(Asked<Steps>),
    /// A picture of the record
    #[command(subcommand)]
    Draw(Picture),
}

/// What to draw of a listing's record.
#[derive(Debug, Subcommand)]
pub enum Picture {
    /// The process's VMAs, grouped and named, with the printed addresses
    AddressSpace(Asked<AddressSpace>),
    /// A field against a field: a point at each checkpoint
    Plot(Asked<Plot>),
    /// Printed series as cumulative curves over a logarithmic axis
    Distribution(Asked<Distribution>),
}

// No comment of documentation: clap would take it for that of the verb.
// The words of a verb: those that are its own, and those of all.
#[derive(Debug, Args)]
pub struct Asked<P: Args> {
    #[command(flatten)]
    pub own: P,
    #[command(flatten)]
    pub common: Common,
}

/// Words of every verb about one listing's record.
#[derive(Debug, Args)]
pub struct Common {
    #[arg(index = 1)]
    pub listing: String,
    /// A claim about the record; repeat it for more
    #[arg(long, value_name = "CLAIM", value_parser = Claim::parse)]
    pub expect: Vec<Claim>,
    /// The first kernel release that this is true of, such as 6.0; before it,
    /// nothing is shown or claimed
    #[arg(long, value_name = "RELEASE")]
    pub since: Option<Release>,
    /// The only architecture that this is true of, as `uname -m` prints it
    #[arg(long, value_name = "ARCHITECTURE")]
    pub on: Option<Architecture>,
    /// The mapping that smaps fields mean, by the name of its address
    #[arg(long, value_name = "NAME")]
    pub of: Option<String>,
}

impl Common {
    /// Where its claims are looked at.
    pub fn here<'a>(&'a self, record: &'a Record, at: Option<&'a Place>) -> Here<'a> {
        let of = self.of.as_deref();
        Here { record, at, of }
    }
}

/// clap's own words, with the nearest verb where it has none to offer.
fn refusal(error: &clap::Error, words: &[String]) -> String {
    use clap::error::ErrorKind as Why;
    if let Why::InvalidSubcommand
    | Why::MissingSubcommand
    | Why::DisplayHelpOnMissingArgumentOrSubcommand = error.kind()
    {
        let capture = Cli::command();
        let word = |at: usize| words.get(at).map_or("", String::as_str);
        let (what, wanted, command) = match capture.find_subcommand("draw") {
            Some(draw) if word(1) == "draw" => ("`capture draw` has no picture", word(2), draw),
            _ => ("`capture` has no verb", word(1), &capture),
        };
        let known = command.get_subcommands().map(clap::Command::get_name);
        return format!("{what} `{wanted}`{}", nearest(wanted, known));
    }
    let text = error.to_string();
    // The rest points at `--help`, which a page has not.
    let what = text
        .split("\n\nFor more information")
        .next()
        .unwrap_or(&text);
    what.trim_start_matches("error: ").trim_end().to_owned()
}

impl Verb {
    /// Reads a directive's command, `capture` first, or says what is wrong with it.
    pub fn read(words: &[String]) -> Result<Self, String> {
        thread_local! {
            // Building it takes longer than any directive.
            static COMMAND: RefCell<clap::Command> = RefCell::new(Cli::command());
        }
        let matches = COMMAND.with_borrow_mut(|command| command.try_get_matches_from_mut(words));
        let cli = matches.and_then(|matches| Cli::from_arg_matches(&matches));
        let verb = cli.map_err(|error| refusal(&error, words))?.verb;
        let at = verb.part().1.claims_at();
        let vacuous = verb.claims().find_map(|claim| claim.vacuous(at.as_ref()));
        vacuous.map_or(Ok(verb), Err)
    }

    /// Why no machine could tell whether what it claims is true: `--on` names another
    /// architecture than the session needs. Of kernels, both need this one or a newer
    /// one, so that some are always left.
    pub fn never_applies(&self, listings: &Listings) -> Option<String> {
        let Common { listing, on, .. } = self.part().0;
        let on = on.as_ref()?;
        // What is wrong with a listing or its session is told by the session.
        let session = listings.get(listing).ok()?.session().ok()?;
        let needed = session
            .needs
            .architecture
            .as_ref()
            .filter(|needed| *needed != on)?;
        Some(format!(
            "`--on {on}` applies on no machine: the session of `{listing}` needs {needed}; leave `--on` out, or name a listing that runs on {on}"
        ))
    }

    /// What it has in common with others, and what is its own.
    pub(crate) fn part(&self) -> (&Common, &dyn Part) {
        match self {
            Self::Record(asked) => (&asked.common, &asked.own),
            Self::Run(asked) => (&asked.common, &asked.own),
            Self::Show(asked) => (&asked.common, &asked.own),
            Self::Value(asked) => (&asked.common, &asked.own),
            Self::Claims(asked) => (&asked.common, &asked.own),
            Self::Steps(asked) => (&asked.common, &asked.own),
            Self::Draw(Picture::AddressSpace(asked)) => (&asked.common, &asked.own),
            Self::Draw(Picture::Plot(asked)) => (&asked.common, &asked.own),
            Self::Draw(Picture::Distribution(asked)) => (&asked.common, &asked.own),
        }
    }

    /// The listing that it is about.
    pub fn listing(&self) -> &str {
        &self.part().0.listing
    }

    /// All that it claims.
    pub fn claims(&self) -> impl Iterator<Item = &Claim> {
        let (common, own) = self.part();
        own.claims().iter().chain(&common.expect)
    }

    /// The sessions, checkpoints and commands that must be recorded first.
    pub fn wants(&self) -> Vec<Want> {
        let (common, own) = self.part();
        let looks = own.places().into_iter();
        let looks = looks.map(|place| (place.checkpoint, own.command()));
        let claimed = self.claims().flat_map(Claim::places);
        let looks = looks.chain(claimed.map(|place| (place.checkpoint.clone(), None)));
        // The end is no checkpoint that a session could wait for.
        let looks = looks.filter(|(name, command)| command.is_some() || name != END);
        let want = |at| Want {
            listing: common.listing.clone(),
            at,
        };
        looks.map(Some).chain([None]).map(want).collect()
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
            "cat /proc/$PID/maps",
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
    fn where_a_claim_applies_is_a_release_or_an_architecture() {
        let with = |option: &str, value: &str| {
            let words = ["capture", "value", "l", "Rss", "--at", "touched"];
            let words = words.iter().copied().chain([option, value]);
            Cli::try_parse_from(words).map_err(|error| error.to_string())
        };
        assert!(with("--since", "6.0").is_ok() && with("--on", "aarch64").is_ok());
        for (option, value, told) in [
            ("--since", ">= 6.0", "`>= 6.0` is no kernel release"),
            ("--since", "5.10", "`5.10` excludes none"),
            ("--on", "x86-64", "did you mean `x86_64`?"),
        ] {
            let error = with(option, value).expect_err(value);
            assert!(error.contains(told), "{error}");
        }
    }
}
