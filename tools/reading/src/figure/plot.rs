//! `capture draw plot`: a field against a field, a point at each checkpoint.

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;

use super::axis::{Axis, Frame};
use super::drawing;
use super::svg::{Canvas, DOT, FIRST, n};
use crate::excerpt::{Excerpt, Part};
use crate::unit::Kind;
use crate::view::View;
use session::{Checkpoint, Place, Record};

/// `y` against `x`, at each checkpoint that has both.
#[derive(Debug, Args)]
pub struct Plot {
    /// The field of the horizontal axis
    #[arg(long, value_name = "FIELD")]
    x: String,
    /// The field of the vertical axis
    #[arg(long, value_name = "FIELD")]
    y: String,
    /// The picture's title
    #[arg(long, value_name = "TEXT")]
    title: String,
}

impl Part for Plot {
    fn claims_at(&self, record: Option<&Record>) -> Option<Place> {
        record?.checkpoints.last().map(Checkpoint::place)
    }

    fn excerpt(&self, record: &Record, of: Option<&str>) -> Result<Excerpt> {
        let Self { x, y, title } = self;
        let (mut said, mut numbers) = (Vec::new(), Vec::new());
        let mut missing = String::new();
        for checkpoint in &record.checkpoints {
            let view = View::at(record, &checkpoint.place(), of)?;
            let at = &checkpoint.name;
            match [x, y].map(|field| Number::of(&view, field)) {
                [Ok(at_x), Ok(at_y)] => {
                    said.push(format!("At {at}: {x} {}, {y} {}.", at_x.words, at_y.words));
                    numbers.push([at_x, at_y]);
                }
                both => {
                    let errors = both.into_iter().filter_map(|number| number.err());
                    let errors: Vec<String> = errors.map(|why| why.to_string()).collect();
                    missing += &format!("\n  at `{at}`: {}", errors.join("; "));
                }
            }
        }
        let (listing, found) = (&record.listing, numbers.len());
        ensure!(
            found >= 2,
            "a plot needs two points, and {found} of `{listing}`'s checkpoints have both fields:{missing}"
        );
        let axis = |name, index: usize| {
            let numbers = numbers.iter().map(|both| &both[index]);
            let most = numbers.max_by_key(|number| number.value);
            most.map(|most| Axis::linear(name, most.kind, most.value))
        };
        let axes = axis(x, 0)
            .zip(axis(y, 1))
            .context("there is nothing to draw")?;
        let mut canvas = Canvas::default();
        let frame = Frame::draw(&mut canvas, axes.0, axes.1, 0.0);
        let places = numbers.iter().map(|[x, y]| {
            let (x, y) = frame.place(x.value as f64, y.value as f64);
            format!("{} {}", n(x), n(y))
        });
        let places: Vec<String> = places.collect();
        let dots: String = places
            .iter()
            .map(|place| format!("M{place}{DOT}"))
            .collect();
        canvas.shapes += &format!(
            "<path fill=\"none\" stroke=\"{FIRST}\" stroke-width=\"1.6\" d=\"M{}\"/><path fill=\"{FIRST}\" d=\"{dots}\"/>",
            places.join("L")
        );
        let caption = format!("{title}. Each point is a checkpoint.");
        let svg = frame.finish(canvas, title, &said);
        Ok(drawing("plot", &caption, &svg, &said))
    }
}

/// A value, and the same as a sentence has it: `4 kB`.
struct Number {
    kind: Kind,
    value: u64,
    words: String,
}

impl Number {
    fn of(view: &View, field: &str) -> Result<Self> {
        let value = view.value(field);
        let value = value.map_err(|why| anyhow!("`{field}`: {why}"))?;
        let words = match view.printed(field) {
            Some(text) => text.to_owned(),
            None => value.in_words(None, view.record.environment.page_size),
        };
        let amount = value.amount().filter(|amount| amount.kind != Kind::Address);
        let number = amount.and_then(|amount| Some((amount.kind, amount.number.try_into().ok()?)));
        let (kind, value) =
            number.with_context(|| format!("`{field}` is `{words}`, which is no number"))?;
        Ok(Self { kind, value, words })
    }
}

#[cfg(test)]
mod tests;
