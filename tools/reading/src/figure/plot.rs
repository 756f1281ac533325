//! `capture draw plot`: a field against a field, a point at each checkpoint.

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

use super::axis::{Axis, Frame};
use super::drawing;
use super::svg::{Canvas, DOT, FIRST};
use crate::excerpt::{Excerpt, Part};
use crate::unit::{Amount, Kind};
use crate::view::{Value, View};
use session::Record;

/// `y` against `x`, at each checkpoint.
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
    fn excerpt(&self, record: &Record, of: Option<&str>) -> Result<Excerpt> {
        let Self { x, y, title } = self;
        let (mut said, mut points) = (Vec::new(), Vec::new());
        for checkpoint in &record.checkpoints {
            let view = View::at(record, &checkpoint.place(), of)?;
            let at = &checkpoint.name;
            let (x_words, at_x) = number(&view, at, x)?;
            let (y_words, at_y) = number(&view, at, y)?;
            said.push(format!("At {at}: {x} {x_words}, {y} {y_words}."));
            points.push([at_x, at_y]);
        }
        let most = |axis: usize| {
            let numbers = points.iter().map(|both| both[axis]);
            numbers.max_by_key(|amount| amount.number)
        };
        let (Some(most_x), Some(most_y), 2..) = (most(0), most(1), points.len()) else {
            bail!(
                "a plot needs two points, and `{}` has not two checkpoints",
                record.listing
            );
        };
        let (x, y) = (Axis::linear(x, most_x), Axis::linear(y, most_y));
        let mut canvas = Canvas::default();
        let frame = Frame::draw(&mut canvas, x, y, 0.0);
        let places = points.iter().map(|[x, y]| {
            let (x, y) = frame.place(x.number as f64, y.number as f64);
            format!("{x:.1} {y:.1}")
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

/// A value as a sentence has it, `4 kB`, and as an amount.
fn number(view: &View, at: &str, field: &str) -> Result<(String, Amount)> {
    let value = view.value(field);
    let Value { words, amount } = value.map_err(|why| anyhow!("`{field}` at `{at}`: {why}"))?;
    let amount = amount.filter(|amount| amount.kind != Kind::Address);
    let amount = amount.with_context(|| format!("`{field}` at `{at}` is `{words}`, no number"))?;
    Ok((words, amount))
}

#[cfg(test)]
mod tests;
