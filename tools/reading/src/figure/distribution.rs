//! `capture draw distribution`: printed series as cumulative curves.

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::axis::{Axis, Frame, RIGHT, amount};
use super::drawing;
use super::svg::{Canvas, DOT, END, FIRST, SECOND, SMALL, START, STRONG, THIRD, shortened};
use crate::excerpt::{Excerpt, Part};
use crate::unit::Kind;
use session::Record;
use text::nearest;

/// A curve's colour, how its line is broken, and its marker around a point:
/// nothing is told by colour alone.
const LOOKS: [(&str, &str, &str); 3] = [
    (FIRST, "none", DOT),
    (SECOND, "6 3", "m-3.2-3.2h6.4v6.4h-6.4z"),
    (THIRD, "2 3", "m0-4.4l4.2 7.4h-8.4z"),
];

/// Height of a line of the key.
const KEY: f64 = 18.0;

struct Curve {
    name: String,
    sorted: Vec<f64>,
    median: f64,
}

impl Curve {
    /// The values of a printed line `NAME = N N N …`.
    fn of(record: &Record, name: &str) -> Result<Self> {
        let series = |name| record.values.get(name).and_then(|text| numbers(text));
        let mut sorted = series(name).with_context(|| {
            let known = record.values.keys().filter(|known| series(known).is_some());
            let near = nearest(name, known.map(String::as_str));
            format!(
                "`{}` printed no series `{name}`{near}; a series is a line of several numbers, such as `{name} = 1151 1222 1300`",
                record.listing
            )
        })?;
        sorted.sort_by(f64::total_cmp);
        let (below, above) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        Ok(Self {
            name: name.to_owned(),
            median: f64::midpoint(below, above),
            sorted,
        })
    }

    fn described(&self, kind: Kind) -> String {
        let Self {
            name,
            sorted,
            median,
        } = self;
        let count = sorted.len();
        let most = sorted[(count * 9).div_ceil(10) - 1];
        let amounts = [sorted[0], *median, most, sorted[count - 1]];
        let [least, median, most, greatest] = amounts.map(|value| amount(kind, value));
        format!(
            "{name}: {count} values, least {least}, median {median}, nine in ten at most {most}, greatest {greatest}."
        )
    }

    /// A line of steps, without those that are too small to see.
    fn stairs(&self, frame: &Frame) -> String {
        let (mut x, mut y) = (frame.left, frame.bottom);
        let mut path = format!("M{x:.1} {y:.1}");
        for (number, value) in (1_u32..).zip(&self.sorted) {
            let (right, above) = frame.place(*value, f64::from(number) / self.sorted.len() as f64);
            if right - x >= 0.1 {
                x = right;
                // Up to where the step before was, then along.
                path.push_str(&format!("V{y:.1}H{x:.1}"));
            }
            y = above;
        }
        path + &format!("V{y:.1}H{RIGHT}")
    }
}

/// Several numbers.
fn numbers(text: &str) -> Option<Vec<f64>> {
    let numbers = text.split_ascii_whitespace().map(str::parse::<u64>);
    let numbers: Vec<u64> = numbers.collect::<Result<_, _>>().ok()?;
    // A logarithmic axis has no zero: a clock that did not move shows as one.
    let shown = numbers.iter().map(|number| *number.max(&1) as f64);
    (numbers.len() > 1).then(|| shown.collect())
}

/// Each series as a curve: how large a share of its values is at most so large.
#[derive(Debug, Args)]
pub struct Distribution {
    /// A series that the listing printed: `NAME = 1151 1222 1300`; its name ends
    /// in _ns if it is of durations. Repeat it for a second and third
    #[arg(long, value_name = "NAME", required = true)]
    series: Vec<String>,
    /// The picture's title
    #[arg(long, value_name = "TEXT")]
    title: String,
}

impl Part for Distribution {
    fn excerpt(&self, record: &Record, _: Option<&str>) -> Result<Excerpt> {
        let (names, title) = (&self.series, &self.title);
        ensure!(
            names.len() <= LOOKS.len(),
            "a distribution has at most {} series: more curves cannot be told apart",
            LOOKS.len()
        );
        let curves = names.iter().map(|name| Curve::of(record, name));
        let curves: Vec<Curve> = curves.collect::<Result<_>>()?;
        let (kind, name) = if names.iter().all(|name| name.ends_with("_ns")) {
            (Kind::Time, "at most this long (logarithmic)")
        } else {
            (Kind::Count, "at most this many (logarithmic)")
        };
        let values = || curves.iter().flat_map(|curve| &curve.sorted).copied();
        let min = values().fold(f64::MAX, f64::min);
        let max = values().fold(1.0, f64::max);
        let x = Axis::logarithmic(name, kind, min, max);
        let y = Axis::shares("share of the values");

        let mut canvas = Canvas::default();
        let frame = Frame::draw(&mut canvas, x, y, curves.len() as f64 * KEY + 4.0);
        let mut key = 12.0;
        for (curve, (colour, dashes, marker)) in curves.iter().zip(LOOKS) {
            let (x, y) = frame.place(curve.median, 0.5);
            let (stairs, sample) = (curve.stairs(&frame), key - 4.0);
            canvas.shapes += &format!(
                "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\" stroke-dasharray=\"{dashes}\" d=\"{stairs}M0 {sample}h34\"/>\
             <path fill=\"{colour}\" d=\"M{x:.1} {y:.1}{marker}M17 {sample}{marker}\"/>"
            );
            let median = format!("median {}", amount(kind, curve.median));
            canvas.text(STRONG, START, 42.0, key, &shortened(&curve.name, 22));
            canvas.text(SMALL, END, RIGHT, key, &median);
            key += KEY;
        }
        let said: Vec<String> = curves.iter().map(|curve| curve.described(kind)).collect();
        let caption = format!("{title}. Measured on {}.", record.environment);
        let svg = frame.finish(canvas, title, &said);
        Ok(drawing("distribution", &caption, &svg, &said))
    }
}

#[cfg(test)]
mod tests;
