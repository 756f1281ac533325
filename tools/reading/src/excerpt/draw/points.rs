//! The points of a plot: one per checkpoint that has all the fields.

use super::DrawError;
use super::axis::Kind;
use crate::unit::{self, Unit};
use crate::view::{Value, View};
use session::Record;

/// Columns of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Points {
    /// The checkpoints, in the order in which they were reached.
    pub checkpoints: Vec<String>,
    pub x: Column,
    pub y: Vec<Column>,
}

/// One field at each checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub field: String,
    pub kind: Kind,
    pub values: Vec<u64>,
    /// The same as a sentence has them: `4 kB`.
    pub words: Vec<String>,
}

/// The fields at each checkpoint that has all of them.
pub fn points(
    record: &Record,
    x: &str,
    y: &[String],
    of: Option<&str>,
) -> Result<Points, DrawError> {
    let fields: Vec<&str> = std::iter::once(x)
        .chain(y.iter().map(String::as_str))
        .collect();
    let mut checkpoints = Vec::new();
    let mut missing = Vec::new();
    let mut rows: Vec<Vec<(Kind, u64, String)>> = Vec::new();
    for checkpoint in &record.checkpoints {
        let view = View::at(record, &checkpoint.place(), of)?;
        let (mut row, mut lacking) = (Vec::new(), Vec::new());
        for field in &fields {
            match view.value(field) {
                Ok(value) => row.push(number(&view, &checkpoint.name, field, &value)?),
                Err(error) => lacking.push(format!("`{field}`: {error}")),
            }
        }
        if lacking.is_empty() {
            checkpoints.push(checkpoint.name.clone());
            rows.push(row);
        } else {
            missing.push(format!("at `{}`: {}", checkpoint.name, lacking.join("; ")));
        }
    }
    if rows.len() < 2 {
        return Err(DrawError::TooFewPoints {
            listing: record.listing.clone(),
            found: rows.len(),
            missing,
        });
    }
    let mut columns = (0..fields.len()).map(|index| Column {
        field: fields[index].to_owned(),
        kind: rows[0][index].0,
        values: rows.iter().map(|row| row[index].1).collect(),
        words: rows.iter().map(|row| row[index].2.clone()).collect(),
    });
    let x = columns.next().ok_or_else(|| DrawError::TooFewPoints {
        listing: record.listing.clone(),
        found: 0,
        missing: Vec::new(),
    })?;
    Ok(Points {
        checkpoints,
        x,
        y: columns.collect(),
    })
}

/// A field as a number, in the unit that the listing printed it in: pages stay
/// pages.
fn number(
    view: &View,
    checkpoint: &str,
    field: &str,
    value: &Value,
) -> Result<(Kind, u64, String), DrawError> {
    let page_size = view.record.environment.page_size;
    let printed = view.printed(field);
    let unit = printed.and_then(|text| text.split_ascii_whitespace().nth(1));
    let words = |unit| value.in_words(unit, page_size);
    let amount = value
        .amount()
        .filter(|amount| amount.kind != unit::Kind::Address);
    let number = amount.and_then(|amount| u64::try_from(amount.number).ok());
    match (value.kind(), number, unit) {
        (Some(unit::Kind::Memory), Some(bytes), Some("page" | "pages")) => {
            Ok((Kind::Pages, bytes / page_size, words(Some(Unit::Pages))))
        }
        (Some(unit::Kind::Memory), Some(bytes), _) => Ok((Kind::Bytes, bytes, words(None))),
        (Some(unit::Kind::Time), Some(time), _) => Ok((Kind::Time, time, words(None))),
        (_, Some(count), _) => Ok((Kind::Count, count, words(None))),
        _ => Err(DrawError::NotANumber {
            field: field.to_owned(),
            checkpoint: checkpoint.to_owned(),
            value: words(None),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn try_points(x: &str, y: &[&str], touched: &str) -> Result<Points, String> {
        let y: Vec<String> = y.iter().map(|field| (*field).to_owned()).collect();
        points(&sample("Rss: 0 kB\nPss: 0 kB\n", touched), x, &y, None)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_point_has_all_fields_with_their_units() {
        let points = try_points("minflt", &["Rss", "VmRSS"], "Rss: 4 kB\nPss: 4 kB\n");
        let points = points.expect("two points");
        assert_eq!(points.checkpoints, ["mapped", "touched"]);
        assert_eq!(
            (points.x.kind, &points.x.values[..]),
            (Kind::Count, &[96, 97][..])
        );
        assert_eq!(points.y[0].values, [0, 4096]);
        assert_eq!(points.y[0].words, ["0 kB", "4 kB"]);
        assert_eq!(points.y[1].field, "VmRSS");
    }

    #[test]
    fn what_is_missing_is_named_with_its_place() {
        let error = try_points("minflt", &["Rss", "Pss"], "Rss: 4 kB\n");
        let error = error.expect_err("one point");
        assert!(
            error.starts_with(
                "a plot needs two points, and `sample` has 1: only one checkpoint has all of the \
                 fields\n  at `touched`: `Pss`: no field is named `Pss`; did you mean `Rss`?"
            ),
            "{error}"
        );
        let error = try_points("Rsss", &["Rss"], "Rss: 4 kB\n").expect_err("no point");
        assert!(error.contains("has 0: no checkpoint"), "{error}");
        assert!(error.contains("\n  at `mapped`: `Rsss`: "), "{error}");
    }

    #[test]
    fn words_are_no_numbers() {
        assert_eq!(
            try_points("minflt", &["perms"], "Rss: 4 kB\n"),
            Err("`perms` is `rw-p` at `mapped`: no number, so it cannot be plotted".to_owned())
        );
    }

    #[test]
    fn a_printed_unit_is_the_axis_unit() {
        let mut record = sample("", "");
        for (checkpoint, count) in record.checkpoints.iter_mut().zip([1, 64]) {
            let values = &mut checkpoint.values;
            values.insert("touched".to_owned(), format!("{count} pages"));
            values.insert("latency".to_owned(), format!("{count}00 ns"));
        }
        let points = points(&record, "touched", &["latency".to_owned()], None).expect("points");
        assert_eq!((points.x.kind, points.x.values), (Kind::Pages, vec![1, 64]));
        assert_eq!(points.x.words, ["1 page", "64 pages"]);
        assert_eq!(
            (points.y[0].kind, &points.y[0].values[..]),
            (Kind::Time, &[100, 6400][..])
        );
    }
}
