//! `capture value`: one number in a sentence.

use clap::Args;
use session::{Place, Record};

use super::{Excerpt, Part};
use crate::answer::AnswerError;
use crate::claim::{self, Claim, ClaimError, Side, is_operator};
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

fn shown(text: &str) -> Result<Shown, String> {
    if text.split_whitespace().any(is_operator) {
        let claim = Claim::parse(text).map_err(|error| error.to_string())?;
        return Ok(Shown::Claim(claim));
    }
    let side = Side::parse(text).map_err(|error| error.to_string())?;
    Ok(Shown::Field(side))
}

impl Part for Inline {
    fn places(&self) -> Vec<Place> {
        let of_side = self.side().into_iter().flat_map(Side::checkpoints);
        let of_side = of_side.map(|checkpoint| Place {
            checkpoint: checkpoint.to_owned(),
            process: None,
        });
        of_side.chain(self.at.clone()).collect()
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

    fn excerpt(&self, record: &Record, of: Option<&str>) -> Result<Excerpt, AnswerError> {
        Ok(match self.side() {
            Some(side) => self.value(side, record, of)?,
            None => Excerpt::Nothing,
        })
    }

    fn skipped(&self, _: &Record, _: String) -> Result<Excerpt, AnswerError> {
        Ok(Excerpt::Inline("(skipped here)".to_owned()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    #[error(transparent)]
    Field(#[from] ClaimError),
    #[error("`{field}` is {called}, so `{unit}` means nothing for it")]
    NoUnit {
        field: String,
        called: &'static str,
        unit: Unit,
    },
}

impl Inline {
    fn side(&self) -> Option<&Side> {
        match &self.shown {
            Shown::Field(side) => Some(side),
            Shown::Claim(claim) => claim.left(),
        }
    }

    /// The value, with its unit.
    fn value(&self, side: &Side, record: &Record, of: Option<&str>) -> Result<Excerpt, ValueError> {
        let at = self.at.as_ref();
        let value = claim::value(side, record, at, of)?;
        let unit = self.unit.or_else(|| self.claims().first()?.unit());
        if let Some(unit) = unit
            && value.kind() != Some(unit.kind())
        {
            return Err(ValueError::NoUnit {
                field: side.text.clone(),
                called: value.called(),
                unit,
            });
        }
        let words = value.in_words(unit, record.environment.page_size);
        // As the listing said it, to the letter, unless another unit is asked for.
        let printed = || {
            let (name, of_field) = side.only_field()?;
            let view = View::at(record, of_field.or(at)?, None).ok()?;
            view.printed(name).map(str::to_owned)
        };
        Ok(Excerpt::Inline(match unit {
            None => printed().unwrap_or(words),
            Some(_) => words,
        }))
    }
}
