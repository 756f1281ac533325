//! `capture draw plot`: a field against a field, a point at each checkpoint.

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

use super::axis::{Axis, Frame};
use super::drawing;
use super::svg::{Canvas, DOT, FIRST, n};
use crate::excerpt::{Excerpt, Part};
use crate::unit::{Amount, Kind};
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
        let (mut said, mut points) = (Vec::new(), Vec::new());
        let mut missing = String::new();
        for checkpoint in &record.checkpoints {
            let view = View::at(record, &checkpoint.place(), of)?;
            let at = &checkpoint.name;
            match [x, y].map(|field| number(&view, field)) {
                [Ok((at_x, x_words)), Ok((at_y, y_words))] => {
                    said.push(format!("At {at}: {x} {x_words}, {y} {y_words}."));
                    points.push([at_x, at_y]);
                }
                both => {
                    let errors = both.into_iter().filter_map(|number| number.err());
                    let errors: Vec<String> = errors.map(|why| why.to_string()).collect();
                    missing += &format!("\n  at `{at}`: {}", errors.join("; "));
                }
            }
        }
        let most = |axis: usize| {
            let numbers = points.iter().map(|both| both[axis]);
            numbers.max_by_key(|amount| amount.number)
        };
        let (Some(most_x), Some(most_y), 2..) = (most(0), most(1), points.len()) else {
            bail!(
                "a plot needs two points, and {} of `{}`'s checkpoints have both fields:{missing}",
                points.len(),
                record.listing
            );
        };
        let (x, y) = (Axis::linear(x, most_x), Axis::linear(y, most_y));
        let mut canvas = Canvas::default();
        let frame = Frame::draw(&mut canvas, x, y, 0.0);
        let places = points.iter().map(|[x, y]| {
            let (x, y) = frame.place(x.number as f64, y.number as f64);
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
fn number(view: &View, field: &str) -> Result<(Amount, String)> {
    let value = view.value(field);
    let value = value.map_err(|why| anyhow!("`{field}`: {why}"))?;
    let words = match view.printed(field) {
        Some(text) => text.to_owned(),
        None => value.in_words(None, view.record.environment.page_size),
    };
    let amount = value.amount().filter(|amount| amount.kind != Kind::Address);
    let amount = amount.with_context(|| format!("`{field}` is `{words}`, which is no number"))?;
    Ok((amount, words))
}

#[cfg(test)]
mod tests;
