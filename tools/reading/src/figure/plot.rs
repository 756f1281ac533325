//! `capture draw plot`: a field against a field, a point at each checkpoint.

use clap::Args;

use super::axis::{Axis, Frame};
use super::svg::{Canvas, DOT, FIRST, n};
use super::{Drawing, FigureError};
use crate::answer::AnswerError;
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

    fn excerpt(&self, record: &Record, of: Option<&str>) -> Result<Excerpt, AnswerError> {
        Ok(Excerpt::Drawing(self.draw(record, of)?))
    }
}

/// A value, and the same as a sentence has it: `4 kB`.
struct Number {
    kind: Kind,
    value: u64,
    words: String,
}

impl Plot {
    fn draw(&self, record: &Record, of: Option<&str>) -> Result<Drawing, FigureError> {
        let Self { x, y, title } = self;
        let points = points(record, [x, y], of)?;
        let axis = |name, index: usize| {
            let numbers = points.iter().map(|(_, numbers)| &numbers[index]);
            let greatest = numbers.max_by_key(|number| number.value);
            let axis = greatest.map(|most| Axis::linear(name, most.kind, most.value));
            axis.unwrap_or_else(|| Axis::linear(name, Kind::Count, 0))
        };
        let mut canvas = Canvas::default();
        let frame = Frame::draw(&mut canvas, axis(x, 0), axis(y, 1), 0.0);
        let place = |(_, [x, y]): &(_, [Number; 2])| {
            let (x, y) = frame.place(x.value as f64, y.value as f64);
            format!("{} {}", n(x), n(y))
        };
        let places: Vec<String> = points.iter().map(place).collect();
        let dots = places.iter().map(|place| format!("M{place}{DOT}"));
        canvas.shape(&format!(
        "<path fill=\"none\" stroke=\"{FIRST}\" stroke-width=\"1.6\" d=\"M{}\"/><path fill=\"{FIRST}\" d=\"{}\"/>",
        places.join("L"),
        dots.collect::<String>()
    ));
        let said = points.iter().map(|(checkpoint, [at_x, at_y])| {
            format!("At {checkpoint}: {x} {}, {y} {}.", at_x.words, at_y.words)
        });
        Ok(Drawing {
            kind: "plot",
            caption: format!("{title}. Each point is a checkpoint."),
            image: frame.finish(canvas, title, said.collect()),
        })
    }
}

fn points<'a>(
    record: &'a Record,
    fields: [&str; 2],
    of: Option<&str>,
) -> Result<Vec<(&'a str, [Number; 2])>, FigureError> {
    let (mut points, mut missing) = (Vec::new(), Vec::new());
    for checkpoint in &record.checkpoints {
        let view = View::at(record, &checkpoint.place(), of)?;
        match fields.map(|field| number(&view, field)) {
            [Ok(x), Ok(y)] => points.push((&checkpoint.name[..], [x, y])),
            numbers => {
                let errors = numbers
                    .into_iter()
                    .filter_map(Result::err)
                    .collect::<Vec<_>>();
                missing.push(format!(
                    "\n  at `{}`: {}",
                    checkpoint.name,
                    errors.join("; ")
                ));
            }
        }
    }
    if points.len() < 2 {
        return Err(FigureError::TooFewPoints {
            listing: record.listing.clone(),
            found: points.len(),
            missing: missing.concat(),
        });
    }
    Ok(points)
}

fn number(view: &View, field: &str) -> Result<Number, String> {
    let value = view
        .value(field)
        .map_err(|error| format!("`{field}`: {error}"))?;
    let words = match view.printed(field) {
        Some(text) => text.to_owned(),
        None => value.in_words(None, view.record.environment.page_size),
    };
    let amount = value.amount().filter(|amount| amount.kind != Kind::Address);
    let number = amount.and_then(|amount| Some((amount.kind, u64::try_from(amount.number).ok()?)));
    match number {
        Some((kind, value)) => Ok(Number { kind, value, words }),
        None => Err(format!("`{field}` is `{words}`, which is no number")),
    }
}

#[cfg(test)]
mod tests;
