//! `capture value`: one number in a sentence.

use anyhow::{Result, ensure};
use clap::Args;
use session::{Place, Record};

use super::{Excerpt, Part};
use crate::claim::{Claim, Here, Side};
use crate::unit::Unit;
use crate::view::View;

/// Which value, and how to say it.
#[derive(Debug, Args)]
pub struct Inline {
    /// A field such as `Rss@touched`, or a claim: its left side is shown
    #[arg(index = 2, value_name = "FIELD", value_parser = Side::shown)]
    shown: Shown,
    /// Where a field without a place is looked at: CHECKPOINT,
    /// CHECKPOINT:PROCESS, or end
    #[arg(long, value_name = "PLACE")]
    at: Option<Place>,
    /// The unit of an amount [default: that of the claim, or kB, or ns]
    #[arg(long = "in", value_name = "UNIT")]
    unit: Option<Unit>,
}

/// What is shown, and the claim that it is the left side of.
type Shown = (Side, Option<Claim>);

impl Part for Inline {
    fn places(&self) -> Vec<Place> {
        self.shown.0.places().chain(&self.at).cloned().collect()
    }

    fn claims(&self) -> &[Claim] {
        self.shown.1.as_slice()
    }

    fn claims_at(&self, _: Option<&Record>) -> Option<Place> {
        self.at.clone()
    }

    /// The value, with its unit.
    fn excerpt(&self, record: &Record, of: Option<&str>) -> Result<Excerpt> {
        let (side, claim) = &self.shown;
        let at = self.at.as_ref();
        let value = Here { record, at, of }.value(side)?;
        let unit = self.unit.or_else(|| claim.as_ref()?.unit());
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
            let (name, of_field) = side.only_field().filter(|_| unit.is_none())?;
            View::at(record, of_field.or(at)?, None).ok()?.printed(name)
        };
        let words = || value.in_words(unit, record.environment.page_size);
        Ok(Excerpt::inline(
            &printed().map_or_else(words, str::to_owned),
        ))
    }

    fn skipped(&self, _: &Record, _: String) -> Result<Excerpt> {
        Ok(Excerpt::inline("(skipped here)"))
    }
}
