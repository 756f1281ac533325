//! The words of `capture draw`.

use clap::{Args, Subcommand};

use crate::cli::Common;
use session::{Checkpoint, END, Place, Record};

/// What to draw of a listing's record.
#[derive(Debug, Subcommand)]
pub enum Picture {
    /// The process's VMAs, grouped and named, with the printed addresses
    AddressSpace {
        listing: String,
        /// The place: CHECKPOINT, or CHECKPOINT:PROCESS
        #[arg(long, value_name = "PLACE")]
        at: Place,
        #[command(flatten)]
        options: Options,
    },
    /// Fields against a field: one point per checkpoint that has all of them
    Plot {
        listing: String,
        /// The field of the horizontal axis
        #[arg(long, value_name = "FIELD")]
        x: String,
        /// A field of the vertical axis; repeat it for more
        #[arg(long, value_name = "FIELD", required = true)]
        y: Vec<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Printed series as cumulative curves over a logarithmic axis
    Distribution {
        listing: String,
        /// A series that the listing printed: `NAME = 1151 1222 1300`
        #[arg(long, value_name = "NAME", required = true)]
        series: Vec<String>,
        #[command(flatten)]
        options: Options,
    },
    /// The pages of a mapping: which are present, shared or swapped
    Pages {
        listing: String,
        /// A checkpoint; repeat it for each grid
        #[arg(long, value_name = "PLACE", required = true)]
        at: Vec<Place>,
        #[command(flatten)]
        options: Options,
    },
}

/// Options of every picture.
#[derive(Debug, Args)]
pub struct Options {
    /// The picture's title [default: made from its words]
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    #[command(flatten)]
    pub common: Common,
}

impl Picture {
    pub fn listing(&self) -> &String {
        match self {
            Self::AddressSpace { listing, .. }
            | Self::Plot { listing, .. }
            | Self::Distribution { listing, .. }
            | Self::Pages { listing, .. } => listing,
        }
    }

    pub fn common(&self) -> &Common {
        match self {
            Self::AddressSpace { options, .. }
            | Self::Plot { options, .. }
            | Self::Distribution { options, .. }
            | Self::Pages { options, .. } => &options.common,
        }
    }

    /// The places that it names.
    pub fn places(&self) -> &[Place] {
        match self {
            Self::AddressSpace { at, .. } => std::slice::from_ref(at),
            Self::Pages { at, .. } => at,
            Self::Plot { .. } | Self::Distribution { .. } => &[],
        }
    }

    /// The place that a claim's bare field means: the last that the picture names,
    /// of a distribution the end, of a plot the record's last checkpoint.
    pub fn claims_at(&self, record: &Record) -> Option<Place> {
        match self {
            Self::AddressSpace { at, .. } => Some(at.clone()),
            Self::Pages { at, .. } => at.last().cloned(),
            Self::Plot { .. } => record.checkpoints.last().map(Checkpoint::place),
            Self::Distribution { .. } => Some(Place {
                checkpoint: END.to_owned(),
                process: None,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::{Cli, Verb};
    use crate::sample;

    fn wants(words: &[&str]) -> (Vec<String>, Option<String>) {
        let words = [&["capture", "draw"], words].concat();
        let cli = Cli::try_parse_from(words).expect("well formed");
        let looks = cli.verb.wants().into_iter().filter_map(|want| want.at);
        let looks = looks.map(|(checkpoint, _)| checkpoint).collect();
        let Verb::Draw(picture) = &cli.verb else {
            panic!("not a picture: {cli:?}");
        };
        let record = sample("", "");
        (
            looks,
            picture.claims_at(&record).map(|place| place.to_string()),
        )
    }

    #[test]
    fn a_session_looks_where_a_picture_and_its_claims_do() {
        let (looks, claims_at) = wants(&[
            "pages",
            "l",
            "--at",
            "one",
            "--at",
            "two:child",
            "--expect",
            "Rss@three == 1 page",
        ]);
        assert_eq!(looks, ["one", "two", "three"]);
        assert_eq!(claims_at.as_deref(), Some("two:child"));
        // A picture of all checkpoints has its claims about the last.
        let (looks, claims_at) = wants(&["plot", "l", "--x", "minflt", "--y", "Rss"]);
        assert_eq!(looks, [""; 0]);
        assert_eq!(claims_at.as_deref(), Some("touched"));
        let (_, claims_at) = wants(&["distribution", "l", "--series", "touch_ns"]);
        assert_eq!(claims_at.as_deref(), Some("end"));
    }
}
