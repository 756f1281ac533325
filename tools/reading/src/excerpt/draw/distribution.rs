//! `capture draw distribution`: printed series as cumulative curves.

use super::Drawing;
use super::axis::{Kind, LogAxis, amount};
use super::labels::{Area, Room};
use super::svg::{self, Anchor, Canvas, FRAME, Style, WIDTH, n};
use session::Record;
use text::nearest;

/// A series cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    #[error(
        "`{listing}` printed no series `{name}`{}; a series is a line such as `{name} = 1151 1222 1300`",
        nearest(name, known.iter().map(String::as_str))
    )]
    None {
        listing: String,
        name: String,
        known: Vec<String>,
    },
    #[error("`{listing}` printed only {count} value of `{name}`: a distribution needs several")]
    TooShort {
        listing: String,
        name: String,
        count: usize,
    },
}

/// The values of a printed line `NAME = N N N …`, in the order in which they were
/// printed.
fn series(record: &Record, name: &str) -> Result<Vec<u64>, SeriesError> {
    let values = record.values.get(name).and_then(|text| numbers(text));
    match values {
        Some(values) if values.len() > 1 => Ok(values),
        Some(values) => Err(SeriesError::TooShort {
            listing: record.listing.clone(),
            name: name.to_owned(),
            count: values.len(),
        }),
        None => {
            let is_series = |text| numbers(text).is_some_and(|values| values.len() > 1);
            let known = record.values.iter().filter(|(_, text)| is_series(text));
            Err(SeriesError::None {
                listing: record.listing.clone(),
                name: name.to_owned(),
                known: known.map(|(name, _)| name.clone()).collect(),
            })
        }
    }
}

fn numbers(text: &str) -> Option<Vec<u64>> {
    let numbers = text.split_ascii_whitespace().map(str::parse);
    numbers.collect::<Result<_, _>>().ok()
}

struct Curve {
    name: String,
    sorted: Vec<f64>,
    median: f64,
}

/// The kind of a series: its name ends in the unit of a duration, or it is a
/// series of plain numbers. With how many nanoseconds the unit is.
fn kind(name: &str) -> (Kind, f64) {
    let unit = name.rsplit(['_', '-']).next().unwrap_or_default();
    match unit {
        "ns" => (Kind::Time, 1.0),
        "us" => (Kind::Time, 1e3),
        "ms" => (Kind::Time, 1e6),
        _ => (Kind::Count, 1.0),
    }
}

fn curve(record: &Record, name: &str) -> Result<Curve, SeriesError> {
    let (_, size) = kind(name);
    // A logarithmic axis has no zero: a clock that did not move shows as one.
    let values = series(record, name)?.into_iter();
    let mut sorted: Vec<f64> = values.map(|value| (value as f64 * size).max(1.0)).collect();
    sorted.sort_by(f64::total_cmp);
    let (below, above) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
    Ok(Curve {
        name: name.to_owned(),
        median: f64::midpoint(below, above),
        sorted,
    })
}

const FRAME_AREA: Area = Area(44.0, 22.0, WIDTH - 10.0, 232.0);

/// Each series as a curve: how large a share of its values is at most so large.
pub fn draw(
    record: &Record,
    names: &[String],
    title: Option<&str>,
) -> Result<Drawing, SeriesError> {
    let curves: Vec<Curve> = names
        .iter()
        .map(|name| curve(record, name))
        .collect::<Result<_, _>>()?;
    let all = || curves.iter().flat_map(|curve| curve.sorted.iter().copied());
    let kinds: Vec<Kind> = names.iter().map(|name| kind(name).0).collect();
    let of_time = kinds.iter().all(|kind| *kind == Kind::Time);
    let kind = if of_time { Kind::Time } else { Kind::Count };
    let axis = LogAxis::new(
        kind,
        all().fold(f64::MAX, f64::min),
        all().fold(1.0, f64::max),
    );

    let mut canvas = Canvas::default();
    canvas.text(
        Style::Quiet,
        Anchor::Start,
        (0.0, 12.0),
        "share of the values",
    );
    draw_axes(&mut canvas, &axis);
    draw_curves(&mut canvas, &axis, kind, &curves);
    let name = match kind {
        Kind::Time => "at most this long (logarithmic)",
        _ => "at most this many (logarithmic)",
    };
    let Area(_, _, right, bottom) = FRAME_AREA;
    canvas.text(Style::Quiet, Anchor::End, (right, bottom + 33.0), name);

    let title = title.map_or_else(
        || format!("Distribution of {} in {}", names.join(", "), record.listing),
        str::to_owned,
    );
    let description: Vec<String> = curves.iter().map(|curve| describe(curve, kind)).collect();
    let image = canvas.finish(title.clone(), description, bottom + 40.0, 1.3);
    Ok(Drawing {
        verb: "distribution",
        caption: format!("{title}. Measured on {}.", record.environment),
        images: vec![image],
    })
}

fn draw_axes(canvas: &mut Canvas, axis: &LogAxis) {
    let Area(left, top, right, bottom) = FRAME_AREA;
    let mut grid = String::new();
    for percent in [0.0, 25.0, 50.0, 75.0, 100.0] {
        let at = bottom - percent / 100.0 * (bottom - top);
        grid.push_str(&format!("M{} {}H{}", n(left), n(at), n(right)));
        let label = format!("{percent} %");
        canvas.text(Style::Quiet, Anchor::End, (left - 6.0, at + 4.0), &label);
    }
    for (at, label) in &axis.ticks {
        let at = left + axis.share(*at) * (right - left);
        grid.push_str(&format!("M{} {}v4", n(at), n(bottom)));
        let half = label.chars().count() as f64 * svg::CHARACTER / 2.0;
        let at = (at.min(WIDTH - half), bottom + 16.0);
        canvas.text(Style::Quiet, Anchor::Middle, at, label);
    }
    canvas.shape(&format!("<path stroke=\"{FRAME}\" d=\"{grid}\"/>"));
}

fn draw_curves(canvas: &mut Canvas, axis: &LogAxis, kind: Kind, curves: &[Curve]) {
    let Area(left, top, right, bottom) = FRAME_AREA;
    let x = |value: f64| left + axis.share(value) * (right - left);
    let y = |share: f64| bottom - share * (bottom - top);
    let lines: Vec<Vec<(f64, f64)>> = curves
        .iter()
        .map(|curve| {
            let count = curve.sorted.len() as f64;
            let mut line = vec![(left, bottom)];
            for (index, value) in curve.sorted.iter().enumerate() {
                line.push((x(*value), y(index as f64 / count)));
                line.push((x(*value), y((index + 1) as f64 / count)));
            }
            line.push((right, top));
            line
        })
        .collect();
    let mut room = Room::new(Area(left + 3.0, top, right, bottom), lines.clone());
    for (number, (curve, line)) in curves.iter().zip(&lines).enumerate() {
        let colour = svg::colour(number);
        canvas.shape(&format!(
            "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\"{} d=\"{}\"/>",
            svg::dashes(number),
            stairs(line)
        ));
        let at = (x(curve.median), y(0.5));
        canvas.shape(&format!(
            "<path fill=\"{colour}\" d=\"{}\"/>",
            svg::marker(number, at)
        ));
        let label = [
            svg::shortened(&curve.name, 20),
            format!("median {}", amount(kind, curve.median)),
        ];
        let (at, first) = room.place(at, &label);
        for (line, text) in label.iter().enumerate() {
            let at = (at, first + 15.0 * line as f64);
            canvas.text(Style::Series(number), Anchor::Start, at, text);
        }
    }
}

/// A line of steps, without those that are too small to see.
fn stairs(line: &[(f64, f64)]) -> String {
    let mut path = String::new();
    let mut before = (String::new(), String::new());
    for (x, y) in line {
        let here = (n(*x), n(*y));
        if path.is_empty() {
            path = format!("M{} {}", here.0, here.1);
        } else if here.0 != before.0 {
            // Up to where the step was, then along.
            path.push_str(&format!("V{}H{}", before.1, here.0));
        }
        before = here;
    }
    path.push_str(&format!("V{}", before.1));
    path
}

fn describe(curve: &Curve, kind: Kind) -> String {
    let count = curve.sorted.len();
    let at = |share: f64| curve.sorted[((count - 1) as f64 * share).round() as usize];
    format!(
        "{}: {count} values, least {}, median {}, nine in ten at most {}, greatest {}.",
        curve.name,
        amount(kind, at(0.0)),
        amount(kind, curve.median),
        amount(kind, curve.sorted[(count * 9).div_ceil(10) - 1]),
        amount(kind, at(1.0))
    )
}

#[cfg(test)]
mod tests;
