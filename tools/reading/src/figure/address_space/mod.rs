//! `capture draw address-space`: the VMAs of a process, from low to high.

mod regions;

use anyhow::{Context, Result, anyhow};
use clap::Args;

use super::axis::amount;
use super::drawing;
use super::svg::{Canvas, END, FIRST, MIDDLE, MONO, QUIET, SMALL, START, STRONG, shortened};
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
        let regions = with_holes(regions(&maps, start_code, pointers));
        let mut pointers: Vec<(&str, u64)> =
            pointers.iter().map(|(name, at)| (&name[..], *at)).collect();
        pointers.sort_by_key(|(_, at)| *at);

        let mut canvas = Canvas::default();
        canvas.text(SMALL, START, 0.0, 11.0, "lowest address");
        let mut said = vec!["From the lowest to the highest address:".to_owned()];
        let (mut top, mut below) = (18.0, 0.0);
        for region in &regions {
            let Region { start, end, .. } = *region;
            let inside = pointers.iter().filter(|(_, at)| (start..end).contains(at));
            let inside: Vec<(&str, u64)> = inside.copied().collect();
            let height = height(region, inside.len(), record.environment.page_size);
            match region.is_hole() {
                true => draw_hole(&mut canvas, end - start, top, height),
                false => draw_box(&mut canvas, region, top, height),
            }
            said.extend(described(region, &inside));
            for (name, address) in inside {
                let share = (address - start) as f64 / (end - start) as f64;
                below = draw_pointer(&mut canvas, name, address, top + share * height, below);
            }
            top += height;
        }
        canvas.text(SMALL, START, 0.0, top + 14.0, "highest address");

        let title = format!("Address space of {listing} at {at}");
        let left_out = kernels.first().map_or_else(String::new, |map| {
            let at = map.start;
            format!(" Left out: [vsyscall], the kernel's page at {at:x}.")
        });
        let caption = format!(
            "{title}. A box grows by the same height each time its size doubles; \
         shaded boxes show files; along dashed lines nothing is mapped.{left_out}"
        );
        let svg = canvas.finish(&title, &said, (below + 2.0).max(top + 20.0), 1.15);
        Ok(drawing("address-space", &caption, &svg, &said))
    }
}

/// The regions and the holes between them.
fn with_holes(regions: Vec<Region>) -> Vec<Region> {
    let mut all: Vec<Region> = Vec::new();
    for region in regions {
        let hole = all.last().map_or(region.start, |last| last.end)..region.start;
        if !hole.is_empty() {
            all.push(Region {
                start: hole.start,
                end: hole.end,
                ..Region::default()
            });
        }
        all.push(region);
    }
    all
}

fn height(region: &Region, pointers: usize, page_size: u64) -> f64 {
    let height = match region.permissions.len() {
        0 => BREAKS[usize::from(region.end - region.start < HOLE)],
        lines => {
            let pages = (region.mapped / page_size).max(1) as f64;
            // Several permissions have a line of their own.
            let more = if lines == 1 { 0.0 } else { LINE - 2.0 };
            LEAST + (GROWTH * pages.log2()).max(more)
        }
    };
    height.max(pointers as f64 * 2.0 * LINE)
}

/// In words: a box, or a hole that is named or pointed to.
fn described(region: &Region, pointers: &[(&str, u64)]) -> Option<String> {
    let Region {
        name, start, end, ..
    } = region;
    let mut words = match region.is_hole() {
        true if end - start < HOLE && pointers.is_empty() => return None,
        true => format!("{} not mapped", memory(end - start)),
        false => {
            let (mapped, permissions) = (memory(region.mapped), region.permissions.join(" "));
            format!("{name}, {start:08x}-{end:08x}, {mapped}, {permissions}")
        }
    };
    for (index, (name, at)) in pointers.iter().enumerate() {
        let joint = if index == 0 { "; here is" } else { "," };
        words.push_str(&format!("{joint} {name} {at:#x}"));
    }
    Some(words + ".")
}

fn draw_box(canvas: &mut Canvas, region: &Region, top: f64, height: f64) {
    let fill = match &region.name[..] {
        _ if region.of_file => format!("fill=\"{FIRST}\" fill-opacity=\".14\""),
        RESERVED => "fill=\"none\" stroke-dasharray=\"5 3\"".to_owned(),
        _ => "fill=\"none\"".to_owned(),
    };
    canvas.shapes +=
        &format!("<path {fill} stroke=\"{QUIET}\" d=\"M.5 {top:.1}H{EDGE}v{height:.1}H.5z\"/>");
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
        "<path stroke=\"{QUIET}\" stroke-dasharray=\"2 3\" d=\"M.5 {top:.1}v{height:.1}M{EDGE} {top:.1}v{height:.1}\"/>"
    );
    if size >= HOLE {
        let (middle, right) = (top + height / 2.0, EDGE - 8.0);
        // Two short strokes at each side: here the drawing leaves something out.
        canvas.shapes += &format!(
            "<path stroke=\"{QUIET}\" d=\"M0 {middle:.1}l8-5m-8 9l8-5M{right} {middle:.1}l8-5m-8 9l8-5\"/>"
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
    let left = EDGE + 15.0;
    let first = from.max(at - LINE + 3.0) + LINE - 3.0;
    let second = first + LINE - 1.0;
    canvas.shapes += &format!(
        "<path fill=\"none\" stroke=\"currentColor\" d=\"M{:.1} {:.1}L{} {at:.1}l7-3m-7 3l7 3\"/>",
        left - 2.0,
        first - 1.0,
        EDGE + 1.0
    );
    canvas.text(STRONG, START, left, first, &shortened(name, 13));
    canvas.text(MONO, START, left, second, &format!("{address:#x}"));
    second + 4.0
}

#[cfg(test)]
mod tests;
