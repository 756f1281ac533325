//! `capture value`: one number in a sentence.

use super::Excerpt;
use crate::unit::Unit;
use crate::view::{FieldError, Value, View};
use session::{Place, Record};

/// Which value, and how to say it.
#[derive(Debug, Clone)]
pub struct Inline {
    pub field: String,
    pub at: Place,
    /// The unit of an amount of memory; kB if not given.
    pub unit: Option<Unit>,
    /// The mapping's name, where the listing printed several addresses.
    pub of: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    #[error(transparent)]
    Field(#[from] FieldError),
    #[error("`{field}` is no amount of memory, so `--in {unit}` means nothing for it")]
    NoUnit { field: String, unit: Unit },
}

/// The value, with its unit.
pub fn value(record: &Record, wanted: &Inline) -> Result<Excerpt, ValueError> {
    let view = View::at(record, &wanted.at, wanted.of.as_deref())?;
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
