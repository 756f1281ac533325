//! `capture value`: one number in a sentence.

use clap::Args;

use super::{Excerpt, Part};
use crate::answer::AnswerError;
use crate::unit::Unit;
use crate::view::{FieldError, Value, View};
use session::{Place, Record};

/// Which value, and how to say it.
#[derive(Debug, Args)]
pub struct Inline {
    #[arg(index = 2)]
    field: String,
    /// The place: CHECKPOINT, CHECKPOINT:PROCESS, or end
    #[arg(long, value_name = "PLACE")]
    at: Place,
    /// The unit of an amount of memory: kB, pages or bytes [default: kB]
    #[arg(long = "in", value_name = "UNIT")]
    unit: Option<Unit>,
}

impl Part for Inline {
    fn places(&self) -> Vec<Place> {
        vec![self.at.clone()]
    }

    fn excerpt(&self, record: &Record, of: Option<&str>) -> Result<Excerpt, AnswerError> {
        Ok(value(record, self, of)?)
    }

    fn skipped(&self, _: &Record, _: String) -> Result<Excerpt, AnswerError> {
        Ok(Excerpt::Inline("(skipped here)".to_owned()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    #[error(transparent)]
    Field(#[from] FieldError),
    #[error("`{field}` is no amount of memory, so `--in {unit}` means nothing for it")]
    NoUnit { field: String, unit: Unit },
}

/// The value, with its unit.
fn value(record: &Record, wanted: &Inline, of: Option<&str>) -> Result<Excerpt, ValueError> {
    let view = View::at(record, &wanted.at, of)?;
    let value = view.value(&wanted.field)?;
    if let (Some(unit), false) = (wanted.unit, matches!(value, Value::Bytes(_))) {
        return Err(ValueError::NoUnit {
            field: wanted.field.clone(),
            unit,
        });
    }
    let unit = wanted.unit.unwrap_or(Unit::Kilobytes);
    Ok(Excerpt::Inline(match view.printed(&wanted.field) {
        // As the listing said it, unless another unit is asked for.
        Some(text) if wanted.unit.is_none() => text.to_owned(),
        _ => view.in_words(&wanted.field, unit)?,
    }))
}
