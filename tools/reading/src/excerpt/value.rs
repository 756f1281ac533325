//! `capture value`: one number in a sentence.

use anyhow::{Result, ensure};
use clap::Args;
use session::{Place, Record};

use super::{Excerpt, Part};
use crate::claim::{Claim, Here, ParseError, Side, is_operator};
use crate::unit::Unit;
use crate::view::View;

/// Which value, and how to say it.
#[derive(Debug, Args)]
pub struct Inline {
    /// A field such as `Rss@touched`, or a claim: its left side is shown
    #[arg(index = 2, value_name = "FIELD", value_parser = shown)]
    shown: Shown,
    /// Where a field without a place is looked at: CHECKPOINT,
    /// CHECKPOINT:PROCESS, or end
    #[arg(long, value_name = "PLACE")]
    at: Option<Place>,
    /// The unit of an amount [default: that of the claim, or kB, or ns]
    #[arg(long = "in", value_name = "UNIT")]
    unit: Option<Unit>,
}

/// What is shown.
#[derive(Debug, Clone)]
enum Shown {
    Field(Side),
    /// Its left side is shown, and it must hold.
    Claim(Claim),
}

fn shown(text: &str) -> Result<Shown, ParseError> {
    if text.split_whitespace().any(is_operator) {
        return Claim::parse(text).map(Shown::Claim);
    }
    Side::parse(text).map(Shown::Field)
}

impl Part for Inline {
    fn places(&self) -> Vec<Place> {
        let of_side = self.side().into_iter().flat_map(Side::places);
        of_side.chain(&self.at).cloned().collect()
    }

    fn claims(&self) -> &[Claim] {
        match &self.shown {
            Shown::Field(_) => &[],
            Shown::Claim(claim) => std::slice::from_ref(claim),
        }
    }

    fn claims_at(&self, _: Option<&Record>) -> Option<Place> {
        self.at.clone()
    }

    /// The value, with its unit.
    fn excerpt(&self, record: &Record, of: Option<&str>) -> Result<Excerpt> {
        let Some(side) = self.side() else {
            return Ok(Excerpt::default());
        };
        let at = self.at.as_ref();
        let value = Here { record, at, of }.value(side)?;
        let unit = self.unit.or_else(|| self.claims().first()?.unit());
        if let Some(unit) = unit {
            ensure!(
                value.kind() == Some(unit.kind),
                "`{}` is {}, so `{unit}` means nothing for it",
                side.text,
                value.called()
            );
        }
        // As the listing said it, to the letter, unless another unit is asked for.
        let printed = || {
            let (name, of_field) = side.only_field()?;
            View::at(record, of_field.or(at)?, None).ok()?.printed(name)
        };
        let printed = if unit.is_none() { printed() } else { None };
        let words = || value.in_words(unit, record.environment.page_size);
        Ok(Excerpt::inline(&printed.map_or_else(words, str::to_owned)))
    }

    fn skipped(&self, _: &Record, _: String) -> Result<Excerpt> {
        Ok(Excerpt::inline("(skipped here)"))
    }
}

impl Inline {
    fn side(&self) -> Option<&Side> {
        match &self.shown {
            Shown::Field(side) => Some(side),
            Shown::Claim(claim) => claim.left(),
        }
    }
}
