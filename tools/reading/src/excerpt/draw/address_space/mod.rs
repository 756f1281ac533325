//! `capture draw address-space`: the VMAs of a process, from low to high.

mod region;
mod regions;

use std::collections::BTreeMap;

use super::axis::{Kind, amount};
use super::svg::{self, Anchor, Canvas, FIRST, QUIET, Style, n};
use super::{DrawError, Drawing};
use crate::view::{Value, View};
use region::{Backing, Region};
use regions::Regions;
use session::{Place, ProcFiles, Record};

/// Right edge of the boxes; the pointers stand behind it.
const EDGE: f64 = 224.0;
/// Height of a line of text.
const LINE: f64 = 15.0;
/// Height of a box of one page.
const LEAST: f64 = 36.0;
/// What a box grows by when its size doubles.
const GROWTH: f64 = 3.0;
/// A hole that is at least so large is drawn as a break and named.
const HOLE: u64 = 1 << 20;
/// Height of a break, and of a smaller hole.
const BREAKS: [f64; 2] = [34.0, 7.0];

/// One row of the picture.
enum Row<'a> {
    Box(&'a Region),
    /// Nothing is mapped from the one address to the other.
    Hole(u64, u64),
}

/// The process's address space at a checkpoint, with the printed addresses.
pub fn draw(record: &Record, at: &Place, title: Option<&str>) -> Result<Drawing, DrawError> {
    let checkpoint = record.at(&at.checkpoint)?;
    let view = View::at(record, at, None)?;
    let found = named_regions(&view, at, &checkpoint.addresses)?;
    let rows = rows(&found.regions);
    let pointers = &checkpoint.addresses;

    let mut canvas = Canvas::default();
    canvas.text(Style::Quiet, Anchor::Start, (0.0, 11.0), "lowest address");
    let page_size = record.environment.page_size;
    let mut top = 18.0;
    let mut labels: Vec<(f64, &str, u64)> = Vec::new();
    for row in &rows {
        let (start, end) = row.range();
        let mut inside: Vec<(&String, &u64)> = pointers
            .iter()
            .filter(|(_, address)| (start..end).contains(*address))
            .collect();
        inside.sort_by_key(|(_, address)| **address);
        let height = row.height(page_size).max(inside.len() as f64 * 2.0 * LINE);
        match row {
            Row::Box(region) => draw_box(&mut canvas, region, top, height),
            Row::Hole(..) => draw_hole(&mut canvas, end - start, top, height),
        }
        for (name, address) in inside {
            let share = (address - start) as f64 / (end - start) as f64;
            labels.push((top + share * height, name, *address));
        }
        top += height;
    }
    let below = draw_pointers(&mut canvas, &labels);
    canvas.text(
        Style::Quiet,
        Anchor::Start,
        (0.0, top + 14.0),
        "highest address",
    );

    let title = title.map_or_else(
        || format!("Address space of {} at {at}", record.listing),
        str::to_owned,
    );
    let description = description(&rows, pointers);
    let height = below.max(top + 20.0);
    let left_out = found.vsyscall.map_or(String::new(), |at| {
        format!(" Left out: [vsyscall], the kernel's page at {at:x}.")
    });
    Ok(Drawing {
        verb: "address-space",
        caption: format!(
            "{title}. A box grows by the same height each time its size doubles; \
             shaded boxes show files; along dashed lines nothing is mapped.{left_out}"
        ),
        images: vec![canvas.finish(title, description, height, 1.15)],
    })
}

fn named_regions(
    view: &View,
    at: &Place,
    pointers: &BTreeMap<String, u64>,
) -> Result<Regions, DrawError> {
    let threads = match view.value("Threads") {
        Ok(Value::Amount(threads)) => u64::try_from(threads.number).unwrap_or(1),
        _ => 1,
    };
    let nothing = ProcFiles::default();
    let files = view.files().unwrap_or(&nothing);
    let found = regions::regions(&files.smaps, start_code(&files.stat), threads, pointers);
    found.map_err(|why| DrawError::Smaps {
        listing: view.record.listing.clone(),
        place: at.to_string(),
        why,
    })
}

/// Where the program's text begins: field 26 of stat, the 24th behind the
/// parenthesis that closes the command's name; see proc_pid_stat(5).
fn start_code(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split_ascii_whitespace().nth(23)?.parse().ok()
}

/// The regions and the holes between them.
fn rows(regions: &[Region]) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut before = None;
    for region in regions {
        if let Some(before) = before.filter(|before| *before < region.start) {
            rows.push(Row::Hole(before, region.start));
        }
        rows.push(Row::Box(region));
        before = Some(region.end);
    }
    rows
}

impl Row<'_> {
    fn range(&self) -> (u64, u64) {
        match self {
            Self::Box(region) => (region.start, region.end),
            Self::Hole(start, end) => (*start, *end),
        }
    }

    fn height(&self, page_size: u64) -> f64 {
        match self {
            Self::Box(region) => {
                let pages = (region.mapped / page_size).max(1) as f64;
                let lines = if region.permissions.len() > 1 {
                    3.0
                } else {
                    2.0
                };
                (LEAST + GROWTH * pages.log2()).max(lines * LINE + 4.0)
            }
            Self::Hole(start, end) => BREAKS[usize::from(end - start < HOLE)],
        }
    }
}

fn draw_box(canvas: &mut Canvas, region: &Region, top: f64, height: f64) {
    let fill = match region.backing {
        Backing::File => format!("fill=\"{FIRST}\" fill-opacity=\".14\""),
        Backing::Reserved => "fill=\"none\" stroke-dasharray=\"5 3\"".to_owned(),
        Backing::Anonymous | Backing::Kernel => "fill=\"none\"".to_owned(),
    };
    canvas.shape(&format!(
        "<path {fill} stroke=\"{QUIET}\" d=\"M.5 {}H{EDGE}v{}H.5z\"/>",
        n(top),
        n(height)
    ));
    let size = amount(Kind::Bytes, region.mapped as f64);
    let name = svg::shortened(&region.name, 20);
    canvas.text(Style::Strong, Anchor::Start, (6.0, top + LINE), &name);
    canvas.text(Style::Quiet, Anchor::End, (EDGE - 5.0, top + LINE), &size);
    let range = format!("{:08x}-{:08x}", region.start, region.end);
    let second = top + 2.0 * LINE - 1.0;
    canvas.text(Style::Mono, Anchor::Start, (6.0, second), &range);
    let permissions = region.permissions.join(" ");
    if region.permissions.len() > 1 {
        canvas.text(
            Style::Mono,
            Anchor::Start,
            (6.0, second + LINE - 1.0),
            &permissions,
        );
    } else {
        canvas.text(Style::Mono, Anchor::End, (EDGE - 5.0, second), &permissions);
    }
}

fn draw_hole(canvas: &mut Canvas, size: u64, top: f64, height: f64) {
    canvas.shape(&format!(
        "<path stroke=\"{QUIET}\" stroke-dasharray=\"2 3\" d=\"M.5 {0}v{1}M{EDGE} {0}v{1}\"/>",
        n(top),
        n(height)
    ));
    if size < HOLE {
        return;
    }
    // Two short strokes at each side: here the drawing leaves something out.
    let middle = top + height / 2.0;
    let strokes = [0.0, EDGE - 8.0].map(|x| format!("M{} {}l8-5m-8 9l8-5", n(x), n(middle + 1.0)));
    canvas.shape(&format!(
        "<path stroke=\"{QUIET}\" fill=\"none\" d=\"{}\"/>",
        strokes.concat()
    ));
    let text = format!("{} not mapped", amount(Kind::Bytes, size as f64));
    canvas.text(
        Style::Quiet,
        Anchor::Middle,
        (EDGE / 2.0, middle + 4.0),
        &text,
    );
}

/// Names and addresses right of the boxes, each with an arrow to its place.
/// Returns where they end.
fn draw_pointers(canvas: &mut Canvas, labels: &[(f64, &str, u64)]) -> f64 {
    let mut end: f64 = 0.0;
    let mut arrows = String::new();
    for (at, name, address) in labels {
        let top = (at - LINE + 3.0).max(end);
        let left = EDGE + 15.0;
        arrows.push_str(&format!(
            "M{} {}L{} {}l7-3m-7 3l7 3",
            n(left - 2.0),
            n(top + LINE - 4.0),
            n(EDGE + 1.0),
            n(*at)
        ));
        let name = svg::shortened(name, 13);
        canvas.text(
            Style::Strong,
            Anchor::Start,
            (left, top + LINE - 3.0),
            &name,
        );
        let hex = format!("{address:#x}");
        canvas.text(
            Style::Mono,
            Anchor::Start,
            (left, top + 2.0 * LINE - 4.0),
            &hex,
        );
        end = top + 2.0 * LINE;
    }
    if !arrows.is_empty() {
        canvas.shape(&format!(
            "<path fill=\"none\" stroke=\"currentColor\" d=\"{arrows}\"/>"
        ));
    }
    end + 2.0
}

/// Each box from low to high addresses, each named hole, and what points where.
fn description(rows: &[Row], pointers: &BTreeMap<String, u64>) -> Vec<String> {
    let mut sentences = vec!["From the lowest to the highest address:".to_owned()];
    for row in rows {
        let (start, end) = row.range();
        let inside = |(_, address): &(&String, &u64)| (start..end).contains(*address);
        let names: Vec<String> = pointers
            .iter()
            .filter(inside)
            .map(|(name, address)| format!("{name} {address:#x}"))
            .collect();
        let pointed = if names.is_empty() {
            String::new()
        } else {
            format!("; here is {}", names.join(", "))
        };
        match row {
            Row::Box(region) => sentences.push(format!(
                "{}, {start:08x}-{end:08x}, {}, {}{pointed}.",
                region.name,
                amount(Kind::Bytes, region.mapped as f64),
                region.permissions.join(" ")
            )),
            Row::Hole(..) if end - start >= HOLE || !names.is_empty() => sentences.push(format!(
                "{} not mapped{pointed}.",
                amount(Kind::Bytes, (end - start) as f64)
            )),
            Row::Hole(..) => {}
        }
    }
    sentences
}

#[cfg(test)]
mod tests;
