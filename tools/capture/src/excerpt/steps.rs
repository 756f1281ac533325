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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    const MAPPED: &str = "Size: 16384 kB\nRss: 0 kB\nPrivate_Dirty: 0 kB\nAnonymous: 0 kB\n\
        THPeligible: 0\nVmFlags: rd wr mr mw me ac nh\n";

    fn marked(touched: &str) -> Vec<String> {
        let excerpt = steps(&sample(MAPPED, touched), &Steps::default()).expect("two steps");
        let Excerpt::Steps(table) = &excerpt else {
            panic!("not a table: {excerpt:?}");
        };
        let changed = table.rows.iter().filter(|row| row.cells[1].changed);
        let fields: Vec<String> = changed.map(|row| row.field.clone()).collect();
        let html = excerpt.to_html();
        assert_eq!(html.matches("class=\"changed\"").count(), fields.len());
        fields
    }

    #[test]
    fn exactly_what_differs_is_marked() {
        let touched = MAPPED
            .replace("Rss: 0", "Rss: 4")
            .replace("Private_Dirty: 0", "Private_Dirty: 4")
            .replace("Anonymous: 0", "Anonymous: 4");
        assert_eq!(marked(&touched), ["Rss", "Private_Dirty", "Anonymous"]);
        assert_eq!(marked(MAPPED), [""; 0]);
        assert_eq!(marked(&MAPPED.replace(" nh", "")), ["VmFlags"]);
    }

    #[test]
    fn an_unknown_field_is_no_empty_row() {
        let wanted = Steps {
            fields: vec!["Rsss".to_owned()],
            ..Steps::default()
        };
        let error = steps(&sample(MAPPED, MAPPED), &wanted).map_err(|error| error.to_string());
        assert_eq!(
            error,
            Err("no field is named `Rsss`; did you mean `Rss`?".to_owned())
        );
    }
}
