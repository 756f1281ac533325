//! `capture steps`: one figure for several checkpoints.

use clap::Args;

use super::{Cell, Compared, Excerpt, Part, Table};
use crate::answer::AnswerError;
use crate::figure::grids;
use crate::view::{FieldError, View};
use session::{Checkpoint, Place, Record};

/// What to compare.
#[derive(Debug, Default, Args)]
pub struct Steps {
    /// A place; repeat it for each step [default: all checkpoints]
    #[arg(long, value_name = "PLACE")]
    at: Vec<Place>,
    /// The fields, separated by commas [default: all of smaps]
    #[arg(long, value_delimiter = ',')]
    fields: Vec<String>,
    /// The figure's id: a link to #ID-step-2 shows the second step
    /// [default: steps-LISTING and the places]
    #[arg(long, value_name = "ID", value_parser = id)]
    id: Option<String>,
}

fn id(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("an id is small letters, digits and -, and begins with a letter".to_owned())
    }
}

impl Part for Steps {
    fn places(&self) -> Vec<Place> {
        self.at.clone()
    }

    fn claims_at(&self, record: Option<&Record>) -> Option<Place> {
        let last = || record?.checkpoints.last().map(Checkpoint::place);
        self.places().pop().or_else(last)
    }

    fn excerpt(&self, record: &Record, of: Option<&str>) -> Result<Excerpt, AnswerError> {
        Ok(steps(record, self, of)?)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepsError {
    #[error(transparent)]
    Field(#[from] FieldError),
    #[error("`{listing}` printed no checkpoint, so there are no steps to compare")]
    NoSteps { listing: String },
}

/// Fields at each checkpoint, side by side, with the changes marked.
fn steps(record: &Record, wanted: &Steps, of: Option<&str>) -> Result<Excerpt, StepsError> {
    let places = if wanted.at.is_empty() {
        record.checkpoints.iter().map(Checkpoint::place).collect()
    } else {
        wanted.at.clone()
    };
    let views = places.iter().map(|place| View::at(record, place, of));
    let views: Vec<View> = views.collect::<Result<_, _>>()?;
    let first = views.first().ok_or_else(|| StepsError::NoSteps {
        listing: record.listing.clone(),
    })?;
    let (fields, what) = match first.mapping() {
        Ok(mapping) => {
            let printed = mapping.field_names().into_iter().map(str::to_owned);
            let fields = if wanted.fields.is_empty() {
                printed.collect()
            } else {
                wanted.fields.clone()
            };
            let what = format!("The mapping {:08x}-{:08x}", mapping.start, mapping.end);
            (fields, what)
        }
        // Fields of the process need no mapping.
        Err(_) if !wanted.fields.is_empty() => (wanted.fields.clone(), "The process".to_owned()),
        Err(error) => return Err(error.into()),
    };
    let rows = fields.into_iter().map(|field| compare(field, &views));
    let id = wanted
        .id
        .clone()
        .unwrap_or_else(|| default_id(record, &places, of));
    Ok(Excerpt::Steps(Table {
        pages: grids(&views, &places, &id),
        id,
        listing: record.listing.clone(),
        caption: record.caption(&format!("{what} at each step; what changed is marked")),
        columns: places.iter().map(ToString::to_string).collect(),
        rows: rows.collect::<Result<_, _>>()?,
    }))
}

/// `steps-mmap-anon-mapped-touched`: the first step and the last, and the
/// mapping's name where one is given. Two figures that would have one id need
/// `--id`; the link check finds them.
fn default_id(record: &Record, places: &[Place], of: Option<&str>) -> String {
    let last = places.last().filter(|_| places.len() > 1);
    let ends = places.first().into_iter().chain(last);
    let ends = ends.map(|place| place.to_string().replace(':', "-"));
    let words = ["steps".to_owned(), record.listing.clone()].into_iter();
    let words = words.chain(ends).chain(of.map(str::to_owned));
    words.collect::<Vec<_>>().join("-")
}

fn compare(field: String, views: &[View]) -> Result<Compared, FieldError> {
    let mut cells: Vec<Cell> = Vec::new();
    for view in views {
        let text = view.in_words(&field, None)?;
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
    use crate::sample;

    const MAPPED: &str = "Size: 16384 kB\nRss: 0 kB\nPrivate_Dirty: 0 kB\nAnonymous: 0 kB\n\
        THPeligible: 0\nVmFlags: rd wr mr mw me ac nh\n";

    fn marked(touched: &str) -> Vec<String> {
        let excerpt = steps(&sample(MAPPED, touched), &Steps::default(), None).expect("two steps");
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
    fn the_pages_stand_beside_where_all_are_recorded() {
        let page = |present: bool| {
            let json = format!(
                "[{{\"pages\":2,\"state\":{{\"present\":{present},\"swapped\":false,\
                 \"file_or_shared\":false,\"exclusive\":{present}}}}}]"
            );
            serde_json::from_str(&json).expect("runs of pages")
        };
        let mut record = sample(MAPPED, MAPPED);
        let html = |record: &Record| {
            let wanted = Steps {
                fields: vec!["Rss".to_owned()],
                ..Steps::default()
            };
            steps(record, &wanted, None).expect("two steps").to_html()
        };
        record.checkpoints[0]
            .pages
            .insert("memory".to_owned(), page(false));
        assert!(
            !html(&record).contains("<svg"),
            "only one of two is recorded"
        );
        record.checkpoints[1]
            .pages
            .insert("memory".to_owned(), page(true));
        let html = html(&record);
        assert_eq!(html.matches("<svg").count(), 2);
        assert!(html.contains("<figure class=\"steps\" id=\"steps-sample-mapped-touched\" data-listing=\"sample\">"), "{html}");
        assert!(
            html.contains("id=\"steps-sample-mapped-touched-step-2\""),
            "{html}"
        );
        assert!(
            html.contains("<tr data-cells=\"x s\">") && html.contains("data-cell=\"x\""),
            "{html}"
        );
    }

    #[test]
    fn an_unknown_field_is_no_empty_row() {
        let wanted = Steps {
            fields: vec!["Rsss".to_owned()],
            ..Steps::default()
        };
        let error =
            steps(&sample(MAPPED, MAPPED), &wanted, None).map_err(|error| error.to_string());
        assert_eq!(
            error,
            Err("no field is named `Rsss`; did you mean `Rss`?".to_owned())
        );
    }
}
