//! `capture steps`: one figure for several checkpoints.

use super::{Cell, Compared, Excerpt, Table};
use crate::record::{FieldError, Record, RecordError, View};
use crate::unit::Unit;

/// What to compare.
#[derive(Debug, Clone, Default)]
pub struct Steps {
    /// The checkpoints; all of them if empty.
    pub at: Vec<String>,
    /// The fields; if empty, all of smaps that the kernel prints.
    pub fields: Vec<String>,
    /// The mapping's name, where the listing printed several addresses.
    pub of: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepsError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Field(#[from] FieldError),
    #[error("`{listing}` printed no checkpoint, so there are no steps to compare")]
    NoSteps { listing: String },
}

/// Fields at each checkpoint, side by side, with the changes marked.
pub fn steps(record: &Record, wanted: &Steps) -> Result<Excerpt, StepsError> {
    let checkpoints = if wanted.at.is_empty() {
        record.checkpoints.iter().collect()
    } else {
        let named = wanted.at.iter().map(|name| record.at(name));
        named.collect::<Result<Vec<_>, _>>()?
    };
    let views: Vec<View> = checkpoints
        .iter()
        .map(|checkpoint| View {
            record,
            checkpoint,
            of: wanted.of.as_deref(),
        })
        .collect();
    let first = views.first().ok_or_else(|| StepsError::NoSteps {
        listing: record.listing.clone(),
    })?;
    let mapping = first.mapping()?;
    let fields: Vec<String> = if wanted.fields.is_empty() {
        mapping
            .field_names()
            .into_iter()
            .map(str::to_owned)
            .collect()
    } else {
        wanted.fields.clone()
    };
    let rows = fields.into_iter().map(|field| compare(field, &views));
    Ok(Excerpt::Steps(Table {
        caption: format!(
            "The mapping {:08x}-{:08x} at each step; what changed is marked",
            mapping.start, mapping.end
        ),
        columns: checkpoints.iter().map(|c| c.name.clone()).collect(),
        rows: rows.collect::<Result<_, _>>()?,
    }))
}

fn compare(field: String, views: &[View]) -> Result<Compared, FieldError> {
    let mut cells: Vec<Cell> = Vec::new();
    for view in views {
        let page_size = view.record.environment.page_size;
        let text = view.value(&field)?.in_words(Unit::Kilobytes, page_size);
        cells.push(Cell {
            changed: cells.last().is_some_and(|before| before.text != text),
            text,
        });
    }
    Ok(Compared { field, cells })
}
