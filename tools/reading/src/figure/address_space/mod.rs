//! `capture draw address-space`: the VMAs of a process, from low to high.

mod regions;

use anyhow::{Context, Result, anyhow};
use clap::Args;

use super::axis::amount;
use super::drawing;
use super::svg::{Canvas, END, FIRST, MIDDLE, MONO, QUIET, SMALL, START, STRONG, n, shortened};
use crate::excerpt::{Excerpt, Part};
use crate::unit::Kind;
use crate::view::{View, of_stat};
use regions::{RESERVED, Region, regions};
use session::{Mapping, Place, Record};

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

/// A box, or a hole between two, and the printed addresses in it.
struct Row<'a> {
    start: u64,
    end: u64,
    /// `None` where nothing is mapped.
    region: Option<&'a Region>,
    pointers: Vec<(&'a str, u64)>,
}

/// The process's address space at a checkpoint, with the printed addresses.
#[derive(Debug, Args)]
pub struct AddressSpace {
    /// The place: CHECKPOINT, or CHECKPOINT:PROCESS
    #[arg(long, value_name = "PLACE")]
    at: Place,
}

impl Part for AddressSpace {
    fn places(&self) -> Vec<Place> {
        vec![self.at.clone()]
    }

    fn excerpt(&self, record: &Record, _: Option<&str>) -> Result<Excerpt> {
        let (at, listing) = (&self.at, &record.listing);
        let pointers = &record.at(&at.checkpoint)?.addresses;
        let files = View::at(record, at, None)?.files();
        let files = files.context("after its end, a process has no memory")?;
        let maps = Mapping::all(&files.smaps)
            .map_err(|why| anyhow!("cannot read the smaps of `{listing}` at `{at}`: {why}"))?;
        // The kernel's page lies at the end of all addresses, and is no memory of
        // the process.
        let is_kernels = |map: &Mapping| map.path == "[vsyscall]";
        let (kernels, maps): (Vec<_>, Vec<_>) = maps.into_iter().partition(is_kernels);
        // Where the program's text begins.
        let start_code = of_stat(&files.stat, 26);
        let regions = regions(&maps, start_code, pointers);
        let pointers = pointers.iter().map(|(name, at)| (&name[..], *at));
        let rows = rows(&regions, &pointers.collect::<Vec<_>>());

        let mut canvas = Canvas::default();
        canvas.text(SMALL, START, 0.0, 11.0, "lowest address");
        let (mut top, mut below) = (18.0, 0.0);
        for row in &rows {
            let height = row.height(record.environment.page_size);
            match row.region {
                Some(region) => draw_box(&mut canvas, region, top, height),
                None => draw_hole(&mut canvas, row.end - row.start, top, height),
            }
            for (name, address) in &row.pointers {
                let share = (address - row.start) as f64 / (row.end - row.start) as f64;
                below = draw_pointer(&mut canvas, name, *address, top + share * height, below);
            }
            top += height;
        }
        canvas.text(SMALL, START, 0.0, top + 14.0, "highest address");

        let title = format!("Address space of {listing} at {at}");
        let left_out = match kernels.first() {
            Some(map) => format!(
                " Left out: [vsyscall], the kernel's page at {:x}.",
                map.start
            ),
            None => String::new(),
        };
        let mut said = vec!["From the lowest to the highest address:".to_owned()];
        said.extend(rows.iter().filter_map(Row::described));
        let caption = format!(
            "{title}. A box grows by the same height each time its size doubles; \
         shaded boxes show files; along dashed lines nothing is mapped.{left_out}"
        );
        let svg = canvas.finish(&title, &said, (below + 2.0).max(top + 20.0), 1.15);
        Ok(drawing("address-space", &caption, &svg, &said))
    }
}

/// The regions and the holes between them.
fn rows<'a>(regions: &'a [Region], pointers: &[(&'a str, u64)]) -> Vec<Row<'a>> {
    let row = |start, end, region| {
        let inside = pointers.iter().filter(|(_, at)| (start..end).contains(at));
        let mut pointers: Vec<_> = inside.copied().collect();
        pointers.sort_by_key(|(_, at)| *at);
        Row {
            start,
            end,
            region,
            pointers,
        }
    };
    let mut rows: Vec<Row> = Vec::new();
    for region in regions {
        let before = rows.last().map_or(region.start, |row| row.end);
        if before < region.start {
            rows.push(row(before, region.start, None));
        }
        rows.push(row(region.start, region.end, Some(region)));
    }
    rows
}

impl Row<'_> {
    fn height(&self, page_size: u64) -> f64 {
        let height = match self.region {
            Some(region) => {
                let pages = (region.mapped / page_size).max(1) as f64;
                // Several permissions have a line of their own.
                let more = match region.permissions.len() {
                    1 => 0.0,
                    _ => LINE - 2.0,
                };
                LEAST + (GROWTH * pages.log2()).max(more)
            }
            None => BREAKS[usize::from(self.end - self.start < HOLE)],
        };
        height.max(self.pointers.len() as f64 * 2.0 * LINE)
    }

    /// In words: a box, or a hole that is named or pointed to.
    fn described(&self) -> Option<String> {
        let (start, end) = (self.start, self.end);
        let mut words = match self.region {
            Some(region) => format!(
                "{}, {start:08x}-{end:08x}, {}, {}",
                region.name,
                memory(region.mapped),
                region.permissions.join(" ")
            ),
            None if end - start < HOLE && self.pointers.is_empty() => return None,
            None => format!("{} not mapped", memory(end - start)),
        };
        for (index, (name, at)) in self.pointers.iter().enumerate() {
            let joint = if index == 0 { "; here is" } else { "," };
            words.push_str(&format!("{joint} {name} {at:#x}"));
        }
        Some(words + ".")
    }
}

fn draw_box(canvas: &mut Canvas, region: &Region, top: f64, height: f64) {
    let fill = match &region.name[..] {
        _ if region.of_file => format!("fill=\"{FIRST}\" fill-opacity=\".14\""),
        RESERVED => "fill=\"none\" stroke-dasharray=\"5 3\"".to_owned(),
        _ => "fill=\"none\"".to_owned(),
    };
    canvas.shapes += &format!(
        "<path {fill} stroke=\"{QUIET}\" d=\"M.5 {}H{EDGE}v{}H.5z\"/>",
        n(top),
        n(height)
    );
    let (first, second) = (top + LINE, top + 2.0 * LINE - 1.0);
    let (start, end) = (region.start, region.end);
    let permissions = region.permissions.join(" ");
    canvas.text(STRONG, START, 6.0, first, &shortened(&region.name, 20));
    canvas.text(SMALL, END, EDGE - 5.0, first, &memory(region.mapped));
    canvas.text(MONO, START, 6.0, second, &format!("{start:08x}-{end:08x}"));
    match region.permissions.len() {
        1 => canvas.text(MONO, END, EDGE - 5.0, second, &permissions),
        _ => canvas.text(MONO, START, 6.0, second + LINE - 1.0, &permissions),
    }
}

fn draw_hole(canvas: &mut Canvas, size: u64, top: f64, height: f64) {
    canvas.shapes += &format!(
        "<path stroke=\"{QUIET}\" stroke-dasharray=\"2 3\" d=\"M.5 {0}v{1}M{EDGE} {0}v{1}\"/>",
        n(top),
        n(height)
    );
    if size >= HOLE {
        let middle = top + height / 2.0;
        // Two short strokes at each side: here the drawing leaves something out.
        canvas.shapes += &format!(
            "<path stroke=\"{QUIET}\" d=\"M0 {0}l8-5m-8 9l8-5M{1} {0}l8-5m-8 9l8-5\"/>",
            n(middle + 1.0),
            EDGE - 8.0
        );
        let text = format!("{} not mapped", memory(size));
        canvas.text(SMALL, MIDDLE, EDGE / 2.0, middle + 4.0, &text);
    }
}

fn memory(bytes: u64) -> String {
    amount(Kind::Memory, bytes as f64)
}

/// A name and its address right of the boxes, not above `from`, with an arrow to
/// its place. Returns where they end.
fn draw_pointer(canvas: &mut Canvas, name: &str, address: u64, at: f64, from: f64) -> f64 {
    let top = from.max(at - LINE + 3.0);
    let left = EDGE + 15.0;
    canvas.shapes += &format!(
        "<path fill=\"none\" stroke=\"currentColor\" d=\"M{} {}L{} {}l7-3m-7 3l7 3\"/>",
        left - 2.0,
        n(top + LINE - 4.0),
        EDGE + 1.0,
        n(at)
    );
    canvas.text(STRONG, START, left, top + LINE - 3.0, &shortened(name, 13));
    let address = format!("{address:#x}");
    canvas.text(MONO, START, left, top + 2.0 * LINE - 4.0, &address);
    top + 2.0 * LINE
}

#[cfg(test)]
mod tests;
