//! `capture steps`: one figure for several checkpoints.

use anyhow::{Context, Result};
use clap::Args;

use super::{Excerpt, Part};
use crate::figure::grids;
use crate::view::View;
use session::{Checkpoint, Place, Record};
use text::escape;

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

    /// Fields at each checkpoint, side by side, with the changes marked.
    fn excerpt(&self, record: &Record, of: Option<&str>) -> Result<Excerpt> {
        let places = match &self.at[..] {
            [] => record.checkpoints.iter().map(Checkpoint::place).collect(),
            at => at.to_vec(),
        };
        let views = places.iter().map(|place| View::at(record, place, of));
        let views: Vec<View> = views.collect::<Result<_>>()?;
        let first = views.first().with_context(|| {
            let listing = &record.listing;
            format!("`{listing}` printed no checkpoint, so there are no steps to compare")
        })?;
        let mut fields: Vec<&str> = self.fields.iter().map(String::as_str).collect();
        let what = match first.mapping() {
            Ok(mapping) => {
                if fields.is_empty() {
                    fields = mapping.field_names().collect();
                }
                format!("The mapping {:08x}-{:08x}", mapping.start, mapping.end)
            }
            // Fields of the process need no mapping.
            Err(_) if !fields.is_empty() => "The process".to_owned(),
            Err(error) => return Err(error),
        };
        let id = || default_id(record, &places, of);
        let id = self.id.clone().unwrap_or_else(id);
        let rows = fields.into_iter().map(|field| row(field, &views));
        let rows: Vec<Row> = rows.collect::<Result<_>>()?;
        let caption = record.caption(&format!("{what} at each step; what changed is marked"));
        let columns: Vec<String> = places.iter().map(ToString::to_string).collect();
        let grids = grids(&views, &places, &id);
        let (listing, caption) = (escape(&record.listing), escape(&caption));
        Ok(Excerpt {
            html: format!(
                "<figure class=\"steps\" id=\"{id}\" data-listing=\"{listing}\"><figcaption>{caption}</figcaption>{}</figure>\n",
                html(&id, &columns, &rows, &grids)
            ),
            text: text(&columns, &rows),
        })
    }
}

/// `steps-mmap-anon-mapped-touched`: the first step and the last, and the
/// mapping's name where one is given. Two figures that would have one id need
/// `--id`; the link check finds them.
fn default_id(record: &Record, places: &[Place], of: Option<&str>) -> String {
    let ends = match places {
        [first, .., last] => vec![first, last],
        all => all.iter().collect(),
    };
    let ends = ends.iter().map(|place| place.to_string().replace(':', "-"));
    let words = ["steps", &record.listing].map(str::to_owned).into_iter();
    let words = words.chain(ends).chain(of.map(str::to_owned));
    words.collect::<Vec<_>>().join("-")
}

/// A field, and its value at each checkpoint, in words, with whether it differs from
/// the one before.
type Row<'a> = (&'a str, Vec<(String, bool)>);

fn row<'a>(field: &'a str, views: &[View]) -> Result<Row<'a>> {
    let mut cells: Vec<(String, bool)> = Vec::new();
    for view in views {
        let text = view.value(field)?.words;
        let changed = cells.last().is_some_and(|(before, _)| *before != text);
        cells.push((text, changed));
    }
    Ok((field, cells))
}

/// All steps are there, side by side: a script only shows one at a time. The
/// class `shown` is on the step that it begins with.
fn html(id: &str, columns: &[String], rows: &[Row], grids: &[String]) -> String {
    let shown = |number: u32| if number == 1 { " class=\"shown\"" } else { "" };
    let head = columns.iter().zip(1..).map(|(column, number)| {
        let (shown, column) = (shown(number), escape(column));
        format!("<th scope=\"col\" id=\"{id}-step-{number}\"{shown}><code>{column}</code></th>")
    });
    let rows = rows.iter().map(|(field, cells)| {
        let counts = match counted(field) {
            counted if counted.is_empty() || grids.is_empty() => String::new(),
            counted => format!(" data-cells=\"{counted}\""),
        };
        let cells = cells.iter().zip(1..).map(|((text, changed), number)| {
            let text = escape(text);
            match changed {
                true => format!("<td class=\"changed\"><mark>{text}</mark></td>"),
                false => format!("<td{}>{text}</td>", shown(number)),
            }
        });
        let (field, cells) = (escape(field), cells.collect::<String>());
        format!("<tr{counts}><th scope=\"row\"><code>{field}</code></th>{cells}</tr>")
    });
    let (head, rows) = (head.collect::<String>(), rows.collect::<String>());
    let grids = grids.iter().zip(1..);
    let grids = grids.map(|(svg, number)| format!("<div{}>{svg}</div>", shown(number)));
    let pages = match grids.collect::<String>() {
        none if none.is_empty() => none,
        grids => format!("<div class=\"pages\">{grids}</div>"),
    };
    // A script puts the controls here, so that none is there that does nothing.
    let stepper = match columns {
        [_] => "",
        _ => "<div class=\"stepper\"></div>",
    };
    format!(
        "{stepper}<div class=\"beside\"><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Fields, step by step\"><table>\
         <thead><tr><th scope=\"col\">Field</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>{pages}</div>"
    )
}

/// The kinds of cells that a field of smaps counts, by the letters of
/// `data-cell`: x exclusive, s shared, w in swap, e empty.
fn counted(field: &str) -> &'static str {
    match field {
        "Size" => "x s w e",
        "Rss" | "Pss" | "present" => "x s",
        "Private_Clean" | "Private_Dirty" => "x",
        "Shared_Clean" | "Shared_Dirty" => "s",
        "Swap" | "SwapPss" => "w",
        _ => "",
    }
}

/// A table, with a star where something changed.
fn text(columns: &[String], rows: &[Row]) -> String {
    let star = |(text, changed): &(String, bool)| match changed {
        true => format!("{text} *"),
        false => text.clone(),
    };
    let cells = rows
        .iter()
        .map(|(_, cells)| cells.iter().map(star).collect());
    let cells: Vec<Vec<String>> = std::iter::once(columns.to_vec()).chain(cells).collect();
    let width = cells.iter().flatten().map(String::len).max().unwrap_or(0);
    let fields = std::iter::once("Field").chain(rows.iter().map(|(field, _)| *field));
    let line = |(field, cells): (&str, &Vec<String>)| {
        let cells = cells.iter().map(|cell| format!("  {cell:<width$}"));
        let line = format!("{field:<16}{}", cells.collect::<String>());
        line.trim_end().to_owned() + "\n"
    };
    fields.zip(&cells).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    const MAPPED: &str = "Size: 16384 kB\nRss: 0 kB\nPrivate_Dirty: 0 kB\nAnonymous: 0 kB\n\
        THPeligible: 0\nVmFlags: rd wr mr mw me ac nh\n";

    fn marked(touched: &str) -> Vec<String> {
        let excerpt = Steps::default()
            .excerpt(&sample(MAPPED, touched), None)
            .expect("two steps");
        // The text marks what the page does.
        let html = excerpt.html.matches("class=\"changed\"").count();
        let changed = excerpt.text.lines().filter(|line| line.ends_with(" *"));
        let fields = changed.filter_map(|line| line.split_whitespace().next());
        let fields: Vec<String> = fields.map(str::to_owned).collect();
        assert_eq!(html, fields.len());
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
            wanted.excerpt(record, None).expect("two steps").html
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
        let error = wanted
            .excerpt(&sample(MAPPED, MAPPED), None)
            .map_err(|error| error.to_string());
        assert_eq!(
            error,
            Err("no field is named `Rsss`; did you mean `Rss`?".to_owned())
        );
    }
}
