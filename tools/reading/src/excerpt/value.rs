//! `capture value`: one number in a sentence.

use anyhow::{Result, bail};
use clap::Args;
use session::{Place, Record};

use super::{Excerpt, Part};
use crate::claim::{Claim, Here, Side};
use crate::unit::Unit;

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

    fn claims_at(&self) -> Option<Place> {
        self.at.clone()
    }

    /// The value, with its unit.
    fn excerpt(&self, record: &Record, of: Option<&str>) -> Result<Excerpt> {
        let (side, claim) = &self.shown;
        let at = self.at.as_ref();
        let value = Here { record, at, of }.value(side)?;
        let unit = self.unit.or_else(|| claim.as_ref()?.unit());
        let words = match (unit, value.amount) {
            (None, _) => value.words,
            (Some(unit), Some(amount)) if amount.kind == unit.kind => {
                unit.of(amount.number, record.environment.page_size)
            }
            (Some(unit), _) => bail!(
                "`{}` is {}, so `{unit}` means nothing for it",
                side.text,
                value.called()
            ),
        };
        Ok(Excerpt::inline(&words))
    }

    fn skipped(&self, _: &Record, _: String) -> Result<Excerpt> {
        Ok(Excerpt::inline("(skipped here)"))
    }
}
