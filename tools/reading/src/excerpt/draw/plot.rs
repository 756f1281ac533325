//! `capture draw plot`: fields against a field, over the checkpoints.

use super::axis::{Axis, Kind};
use super::labels::{Area, Room};
use super::points::{Column, Points};
use super::svg::{self, Anchor, CHARACTER, Canvas, FRAME, Style, WIDTH, n};
use super::{DrawError, Drawing};
use session::Record;

const RIGHT: f64 = WIDTH - 14.0;
/// Height of a panel: one alone, or one of two.
const HEIGHTS: [f64; 2] = [190.0, 130.0];

/// One panel per kind of unit, on the same horizontal axis.
pub fn draw(record: &Record, points: &Points, title: Option<&str>) -> Result<Drawing, DrawError> {
    let mut panels: Vec<(Kind, Vec<(usize, &Column)>)> = Vec::new();
    for series in points.y.iter().enumerate() {
        let kind = series.1.kind;
        match panels.iter_mut().find(|(other, _)| *other == kind) {
            Some((_, panel)) => panel.push(series),
            None => panels.push((kind, vec![series])),
        }
    }
    if panels.len() > HEIGHTS.len() {
        let kinds = panels
            .iter()
            .map(|(kind, _)| format!("{kind:?}").to_lowercase());
        return Err(DrawError::TooManyKinds {
            kinds: kinds.collect(),
        });
    }

    let height = HEIGHTS[panels.len() - 1];
    let x = Axis::linear(points.x.kind, &points.x.values, 5);
    let ys: Vec<Axis> = panels
        .iter()
        .map(|(kind, panel)| vertical(*kind, panel))
        .collect();
    let labels = ys.iter().flat_map(|y| &y.ticks);
    let longest = labels.map(|(_, label)| label.chars().count()).max();
    let left = longest.unwrap_or(0) as f64 * CHARACTER + 10.0;

    let mut canvas = Canvas::default();
    let mut top = 0.0;
    for ((_, panel), y) in panels.iter().zip(&ys) {
        let names: Vec<&str> = panel.iter().map(|(_, column)| &column.field[..]).collect();
        let name = match y.unit {
            Some(unit) if names.len() == 1 => format!("{}, {unit}", names[0]),
            Some(unit) => unit.to_owned(),
            None => names.join(", "),
        };
        canvas.text(Style::Quiet, Anchor::Start, (0.0, top + 12.0), &name);
        let frame = Area(left, top + 22.0, RIGHT, top + 22.0 + height);
        draw_panel(&mut canvas, frame, (&x, &points.x), y, panel);
        top = frame.3 + 16.0;
    }
    let bottom = top - 16.0;
    for (at, label) in &x.ticks {
        let at = left + x.share(*at) * (RIGHT - left);
        let centre = at.min(WIDTH - label.chars().count() as f64 * CHARACTER / 2.0);
        canvas.text(Style::Quiet, Anchor::Middle, (centre, bottom + 16.0), label);
    }
    let name = with_unit(&points.x.field, &x);
    canvas.text(Style::Quiet, Anchor::End, (RIGHT, bottom + 33.0), &name);

    let all: Vec<&str> = points.y.iter().map(|column| &column.field[..]).collect();
    let title = title.map_or_else(
        || {
            format!(
                "{} against {} in {}",
                all.join(", "),
                points.x.field,
                record.listing
            )
        },
        str::to_owned,
    );
    let description = description(points);
    let image = canvas.finish(title.clone(), description, bottom + 40.0, 1.3);
    Ok(Drawing {
        verb: "plot",
        caption: format!("{title}. Each point is a checkpoint."),
        images: vec![image],
    })
}

fn with_unit(field: &str, axis: &Axis) -> String {
    match axis.unit {
        Some(unit) => format!("{field}, {unit}"),
        None => field.to_owned(),
    }
}

fn vertical(kind: Kind, panel: &[(usize, &Column)]) -> Axis {
    let values: Vec<u64> = panel
        .iter()
        .flat_map(|(_, column)| column.values.clone())
        .collect();
    Axis::linear(kind, &values, 5)
}

/// Grid, curves, markers and their names.
fn draw_panel(
    canvas: &mut Canvas,
    frame: Area,
    (x, xs): (&Axis, &Column),
    y: &Axis,
    panel: &[(usize, &Column)],
) {
    let Area(left, top, right, bottom) = frame;
    let place = |x_value: u64, y_value: u64| {
        (
            left + x.share(x_value as f64) * (right - left),
            bottom - y.share(y_value as f64) * (bottom - top),
        )
    };
    let mut grid = String::new();
    for (at, label) in &y.ticks {
        let at = bottom - y.share(*at) * (bottom - top);
        grid.push_str(&format!("M{} {}H{}", n(left), n(at), n(right)));
        canvas.text(Style::Quiet, Anchor::End, (left - 6.0, at + 4.0), label);
    }
    for (at, _) in &x.ticks {
        let at = left + x.share(*at) * (right - left);
        grid.push_str(&format!("M{} {}v4", n(at), n(bottom)));
    }
    canvas.shape(&format!("<path stroke=\"{FRAME}\" d=\"{grid}\"/>"));

    let curves: Vec<Vec<(f64, f64)>> = panel
        .iter()
        .map(|(_, column)| {
            let points = xs.values.iter().zip(&column.values);
            points.map(|(x, y)| place(*x, *y)).collect()
        })
        .collect();
    let bounds = Area(left + 2.0, top - 16.0, WIDTH, bottom);
    let mut room = Room::new(bounds, curves.clone());
    for ((number, column), curve) in panel.iter().zip(&curves) {
        let colour = svg::colour(*number);
        let line: Vec<String> = curve
            .iter()
            .map(|(x, y)| format!("{} {}", n(*x), n(*y)))
            .collect();
        let markers: String = curve
            .iter()
            .map(|point| svg::marker(*number, *point))
            .collect();
        canvas.shape(&format!(
            "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\"{} d=\"M{}\"/><path fill=\"{colour}\" d=\"{markers}\"/>",
            svg::dashes(*number),
            line.join("L")
        ));
        if let (true, Some(last)) = (panel.len() > 1, curve.last()) {
            let label = [column.field.clone()];
            let at = room.place(*last, &label);
            canvas.text(Style::Series(*number), Anchor::Start, at, &label[0]);
        }
    }
}

/// Every point, or of many the first and the last.
fn description(points: &Points) -> Vec<String> {
    let count = points.checkpoints.len();
    let shown = |index: &usize| count <= 12 || *index == 0 || *index == count - 1;
    let mut sentences = Vec::new();
    if count > 12 {
        sentences.push(format!(
            "{count} points, of which these are the first and the last."
        ));
    }
    for index in (0..count).filter(shown) {
        let columns = std::iter::once(&points.x).chain(&points.y);
        let values = columns.map(|column| format!("{} {}", column.field, column.words[index]));
        sentences.push(format!(
            "At {}: {}.",
            points.checkpoints[index],
            values.collect::<Vec<_>>().join(", ")
        ));
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::excerpt::draw::points::points;
    use crate::sample;

    fn plot(y: &[&str]) -> Drawing {
        let record = sample("Rss: 0 kB\nPss: 0 kB\n", "Rss: 16 kB\nPss: 8 kB\n");
        let y: Vec<String> = y.iter().map(|field| (*field).to_owned()).collect();
        let points = points(&record, "minflt", &y, None).expect("two points");
        draw(&record, &points, None).expect("drawn")
    }

    #[test]
    fn points_lie_where_the_axes_say() {
        let html = plot(&["Rss"]).to_html();
        // Ticks 0 to 16: labels of two characters, so the axis begins at 24.4.
        assert!(html.contains("d=\"M24.4 212L326 22\""), "{html}");
        assert!(html.contains(">Rss, kB</text>"), "{html}");
        assert!(
            html.contains(">96</text>") && html.contains(">97</text>"),
            "{html}"
        );
        assert!(html.contains(">minflt</text>"), "{html}");
    }

    #[test]
    fn several_series_are_named_at_their_curves() {
        let html = plot(&["Rss", "Pss"]).to_html();
        // Half as high as Rss, with another marker and a broken line.
        assert!(
            html.contains("stroke-dasharray=\"6 3\" d=\"M24.4 212L326 117\""),
            "{html}"
        );
        assert_eq!(html.matches(">Rss</text>").count(), 1, "{html}");
        assert_eq!(html.matches(">Pss</text>").count(), 1, "{html}");
        assert_eq!(html.matches("stroke-width=\"1.6\"").count(), 2, "{html}");
    }

    #[test]
    fn another_unit_is_another_panel() {
        let html = plot(&["Rss", "Threads"]).to_html();
        // Below the first panel, from 22 to 152, and a space of 38.
        assert!(html.contains("d=\"M24.4 152L326 22\""), "{html}");
        assert!(html.contains("d=\"M24.4 320L326 320\""), "{html}");
        assert!(html.contains(">Threads</text>"), "{html}");
    }

    #[test]
    fn the_text_alternative_has_every_point() {
        assert_eq!(
            plot(&["Rss", "VmRSS"]).to_text(),
            "Rss, VmRSS against minflt in sample. Each point is a checkpoint.\n\
             Rss, VmRSS against minflt in sample\n\
             \x20 At mapped: minflt 96, Rss 0 kB, VmRSS 1900 kB.\n\
             \x20 At touched: minflt 97, Rss 16 kB, VmRSS 1900 kB.\n"
        );
    }
}
