//! `capture value`: one number in a sentence.

use session::{Place, Record};

use super::Excerpt;
use crate::claim::{self, ClaimError, Side};
use crate::unit::Unit;
use crate::view::View;

/// Which value, and how to say it.
#[derive(Debug, Clone)]
pub struct Inline<'a> {
    /// A field, or a sum of some.
    pub side: &'a Side,
    /// Where a field without a place is looked at.
    pub at: Option<&'a Place>,
    /// The unit of an amount, if not the usual one of its kind.
    pub unit: Option<Unit>,
    /// The mapping's name, where the listing printed several addresses.
    pub of: Option<&'a str>,
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

/// The value, with its unit.
pub fn value(record: &Record, wanted: &Inline) -> Result<Excerpt, ValueError> {
    let value = claim::value(wanted.side, record, wanted.at, wanted.of)?;
    if let Some(unit) = wanted.unit
        && value.kind() != Some(unit.kind())
    {
        return Err(ValueError::NoUnit {
            field: wanted.side.text.clone(),
            called: value.called(),
            unit,
        });
    }
    let words = value.in_words(wanted.unit, record.environment.page_size);
    Ok(Excerpt::Inline(match wanted.printed(record) {
        // As the listing said it, unless another unit is asked for.
        Some(text) if wanted.unit.is_none() => text.to_owned(),
        _ => words,
    }))
}

impl Inline<'_> {
    /// The listing's own words for it, to the letter.
    fn printed<'r>(&self, record: &'r Record) -> Option<&'r str> {
        let (name, at) = self.side.only_field()?;
        let view = View::at(record, at.or(self.at)?, None).ok()?;
        view.printed(name)
    }
}
