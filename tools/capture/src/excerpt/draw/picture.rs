//! The words of `capture draw`.

use clap::{Args, Subcommand};

use crate::cli::Common;
use crate::record::Record;

/// What to draw of a listing's record.
#[derive(Debug, Subcommand)]
pub enum Picture {
    /// The process's VMAs, grouped and named, with the printed addresses
    AddressSpace {
        listing: String,
        #[arg(long, value_name = "CHECKPOINT")]
        at: String,
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
        #[arg(long, value_name = "CHECKPOINT", required = true)]
        at: Vec<String>,
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

    /// The checkpoints that it names.
    pub fn checkpoints(&self) -> &[String] {
        match self {
            Self::AddressSpace { at, .. } => std::slice::from_ref(at),
            Self::Pages { at, .. } => at,
            Self::Plot { .. } | Self::Distribution { .. } => &[],
        }
    }

    /// The checkpoint that a claim's bare field means: the last that the picture
    /// names, or else the record's last.
    pub fn claims_at<'a>(&'a self, record: &'a Record) -> Option<&'a str> {
        let last = record.checkpoints.last().map(|last| last.name.as_str());
        self.checkpoints().last().map(String::as_str).or(last)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::{Cli, Verb};
    use crate::record::sample;

    fn wants(words: &[&str]) -> (Vec<String>, Option<String>) {
        let words = [&["capture", "draw"], words].concat();
        let cli = Cli::try_parse_from(words).expect("well formed");
        let looks = cli.verb.wants().into_iter().filter_map(|want| want.at);
        let looks = looks.map(|(checkpoint, _)| checkpoint).collect();
        let Verb::Draw(picture) = &cli.verb else {
            panic!("not a picture: {cli:?}");
        };
        let record = sample("", "");
        (looks, picture.claims_at(&record).map(str::to_owned))
    }

    #[test]
    fn a_session_looks_where_a_picture_and_its_claims_do() {
        let (looks, claims_at) = wants(&[
            "pages",
            "l",
            "--at",
            "one",
            "--at",
            "two",
            "--expect",
            "Rss@three == 1 page",
        ]);
        assert_eq!(looks, ["one", "two", "three"]);
        assert_eq!(claims_at.as_deref(), Some("two"));
        // A picture of all checkpoints has its claims about the last.
        let (looks, claims_at) = wants(&["plot", "l", "--x", "minflt", "--y", "Rss"]);
        assert_eq!(looks, [""; 0]);
        assert_eq!(claims_at.as_deref(), Some("touched"));
    }
}
