//! `capture draw pages`: the pages of a mapping as a grid, at checkpoints.

mod state;

use std::collections::BTreeSet;

use super::svg::{self, Anchor, Canvas, Style, WIDTH, n};
use super::{DrawError, Drawing, Image};
use crate::view::FieldError;
use session::{Checkpoint, PageRun, Place, Record};
use state::State;

/// The most cells of a grid: 64 in a row, 80 rows (16 MiB in small pages are 64
/// rows, and may have grown by a neighbour).
const MOST_CELLS: u64 = 64 * 80;

/// One grid per checkpoint.
pub fn draw(
    record: &Record,
    at: &[Place],
    of: Option<&str>,
    title: Option<&str>,
) -> Result<Drawing, DrawError> {
    let mut images = Vec::new();
    let mut mapping = String::new();
    let mut per_cell = 1;
    for place in at {
        let checkpoint = record.at(&place.checkpoint)?;
        let name = mapping_name(record, checkpoint, of)?;
        let found = checkpoint.pages_of(place.process.as_deref(), name);
        let runs = found.filter(|runs| !runs.is_empty());
        let runs = runs.ok_or_else(|| DrawError::NoPages {
            name: name.to_owned(),
            place: place.to_string(),
        })?;
        let grid = Grid::new(runs);
        per_cell = per_cell.max(grid.per_cell);
        let key = key(std::slice::from_ref(&grid));
        images.push(grid.draw(&record.listing, name, place, &key));
        name.clone_into(&mut mapping);
    }
    let title = title.map_or_else(
        || format!("Pages of the mapping at {mapping} in {}", record.listing),
        str::to_owned,
    );
    let cells = if per_cell == 1 {
        "Each cell is a page".to_owned()
    } else {
        format!("Each cell stands for {per_cell} pages, and is filled if one of them is present")
    };
    Ok(Drawing {
        verb: "pages",
        caption: format!("{title}. {cells}, from the lowest address, row by row."),
        images,
    })
}

/// The grids of a stepper, one for each place; `None` where the record has not
/// the pages of each, or where they would all look the same. `figure` is its id.
pub fn steps(record: &Record, at: &[Place], of: Option<&str>, figure: &str) -> Option<Vec<Image>> {
    let mut names = Vec::new();
    let mut grids = Vec::new();
    for place in at {
        let checkpoint = record.at(&place.checkpoint).ok()?;
        let name = mapping_name(record, checkpoint, of).ok()?;
        let runs = checkpoint.pages_of(place.process.as_deref(), name)?;
        names.push(name);
        grids.push(Grid::new(runs));
    }
    let first = grids.first()?;
    if first.total() < 2 || grids.iter().all(|grid| grid.runs == first.runs) {
        return None;
    }
    // The same key below each, so that nothing moves from step to step.
    let key = key(&grids);
    let images = grids.iter().zip(at).zip(names);
    let images = images.map(|((grid, place), name)| grid.draw(figure, name, place, &key));
    Some(images.collect())
}

/// The name of the address whose pages are meant.
fn mapping_name<'a>(
    record: &'a Record,
    at: &'a Checkpoint,
    of: Option<&'a str>,
) -> Result<&'a str, DrawError> {
    let addresses = &at.addresses;
    let listing = record.listing.clone();
    let checkpoint = at.name.clone();
    let names = || addresses.keys().cloned().collect::<Vec<_>>();
    match of {
        Some(name) if addresses.contains_key(name) => Ok(name),
        Some(name) => Err(FieldError::UnknownMapping {
            listing,
            checkpoint,
            name: name.to_owned(),
            known: names(),
        }
        .into()),
        None if addresses.len() > 1 => Err(FieldError::Ambiguous {
            listing,
            checkpoint,
            names: names(),
        }
        .into()),
        None => {
            let first = addresses.keys().next().map(String::as_str);
            first.ok_or_else(|| {
                FieldError::NoMapping {
                    listing,
                    checkpoint,
                    hint: String::new(),
                }
                .into()
            })
        }
    }
}

/// What a key below grids must explain: nothing, where all that is there is
/// exclusive.
fn key(grids: &[Grid]) -> Vec<State> {
    let occurring = grids.iter().flat_map(Grid::occurring);
    let occurring: BTreeSet<State> = occurring.collect();
    if occurring.contains(&State::Shared) || occurring.contains(&State::Swapped) {
        occurring.into_iter().rev().collect()
    } else {
        Vec::new()
    }
}

/// Cells in rows.
struct Grid {
    /// Neighbouring cells in one state.
    runs: Vec<(State, u64)>,
    cells: u64,
    columns: u64,
    per_cell: u64,
    /// Pages by state, in the order of [`State::ALL`].
    counts: [u64; 4],
}

impl Grid {
    fn new(pages: &[PageRun]) -> Self {
        let total: u64 = pages.iter().map(|run| run.pages).sum();
        let per_cell = total.div_ceil(MOST_CELLS).next_power_of_two();
        let cells = total.div_ceil(per_cell);
        let mut columns = 8;
        while columns < 64 && columns * columns < 4 * cells {
            columns *= 2;
        }
        let counts = State::ALL.map(|state| {
            let of_state = pages.iter().filter(|run| State::of(run) == state);
            of_state.map(|run| run.pages).sum()
        });
        Self {
            runs: cell_runs(pages, per_cell),
            cells,
            columns,
            per_cell,
            counts,
        }
    }

    fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How many of its pages are present.
    fn here(&self) -> u64 {
        self.counts[0] + self.counts[1]
    }

    /// How many of its pages are in each state that occurs.
    fn present(&self) -> String {
        let mut text = format!("{} of {} pages present", self.here(), self.total());
        if self.counts[2] > 0 {
            text.push_str(&format!(", {} swapped out", self.counts[2]));
        }
        text
    }

    /// The same for those who do not see the cells.
    fn described(&self) -> String {
        let [exclusive, shared, ..] = self.counts;
        let present = self.here();
        let verb = if present == 1 { "is" } else { "are" };
        let of_which = if shared > 0 {
            format!(": {exclusive} mapped here only, {shared} not exclusive")
        } else if present > 0 {
            ", mapped here only".to_owned()
        } else {
            String::new()
        };
        format!(
            "{present} of {} pages {verb} present{of_which}.",
            self.total()
        )
    }

    fn occurring(&self) -> impl Iterator<Item = State> {
        let runs = |state| self.runs.iter().any(move |(other, _)| *other == state);
        State::ALL.into_iter().filter(move |state| runs(*state))
    }

    /// The pages of `name` at a place. `figure` tells the ids apart from those of
    /// other figures.
    fn draw(&self, figure: &str, name: &str, place: &Place, key: &[State]) -> Image {
        let title = format!("Pages of {name} at {place}");
        let mut description = vec![self.described()];
        if self.counts[2] > 0 {
            description.push(format!("{} are swapped out.", self.counts[2]));
        }
        let id = svg::id(
            [figure, &title]
                .into_iter()
                .chain(description.iter().map(String::as_str)),
        );

        let mut canvas = Canvas::default();
        canvas.text(
            Style::Strong,
            Anchor::Start,
            (0.0, 13.0),
            &place.to_string(),
        );
        canvas.text(Style::Quiet, Anchor::End, (WIDTH, 13.0), &self.present());
        let columns = self.columns.min(self.cells);
        let pitch = (WIDTH / self.columns as f64).min(24.0);
        let rows = self.cells.div_ceil(columns);
        let mut patterns = String::new();
        let mut cells = String::new();
        for state in self.occurring() {
            let pattern = format!("{id}-{}", state as u8);
            patterns.push_str(&format!(
                "<pattern id=\"{pattern}\" width=\"1\" height=\"1\" patternUnits=\"userSpaceOnUse\">{}</pattern>",
                state.cell()
            ));
            cells.push_str(&format!(
                "<path data-cell=\"{}\" fill=\"url(#{pattern})\" d=\"{}\"/>",
                state.letter(),
                self.path(state)
            ));
        }
        canvas.shape(&format!(
            "<defs>{patterns}</defs><g transform=\"translate(0 22)scale({})\">{cells}</g>",
            round(pitch)
        ));
        let mut bottom = 22.0 + rows as f64 * pitch;
        for state in key {
            canvas.shape(&format!(
                "<g transform=\"translate(0 {})scale(12)\">{}</g>",
                n(bottom + 7.0),
                state.cell()
            ));
            canvas.text(
                Style::Quiet,
                Anchor::Start,
                (18.0, bottom + 17.0),
                state.name(),
            );
            bottom += 18.0;
        }
        canvas.finish(title, description, bottom + 6.0, 1.0)
    }

    /// The cells of a state: of each run the rest of its first row, whole rows,
    /// and the beginning of its last row.
    fn path(&self, wanted: State) -> String {
        let columns = self.columns;
        let mut path = String::new();
        let mut first = 0;
        for (state, count) in &self.runs {
            let end = first + count;
            let mut at = first;
            while *state == wanted && at < end {
                let (row, column) = (at / columns, at % columns);
                let rows = if column == 0 {
                    ((end - at) / columns).max(1)
                } else {
                    1
                };
                let length = (columns - column).min(end - at);
                path.push_str(&format!("M{column} {row}h{length}v{rows}h-{length}z"));
                at += if rows > 1 { rows * columns } else { length };
            }
            first = end;
        }
        path
    }
}

/// A scale with three decimals: 64 cells must fill the width.
fn round(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The pages as cells: a cell of several pages shows the state that says most.
fn cell_runs(pages: &[PageRun], per_cell: u64) -> Vec<(State, u64)> {
    let mut runs: Vec<(State, u64)> = Vec::new();
    let mut push = |state, count| match runs.last_mut() {
        Some((last, sum)) if *last == state => *sum += count,
        _ if count > 0 => runs.push((state, count)),
        _ => {}
    };
    // The cell that is not yet full.
    let (mut filled, mut strongest) = (0, State::Empty);
    for run in pages {
        let state = State::of(run);
        let mut left = run.pages;
        if filled > 0 {
            let taken = left.min(per_cell - filled);
            strongest = strongest.max(state);
            filled += taken;
            left -= taken;
            if filled < per_cell {
                continue;
            }
            push(strongest, 1);
        }
        push(state, left / per_cell);
        filled = left % per_cell;
        strongest = if filled > 0 { state } else { State::Empty };
    }
    if filled > 0 {
        push(strongest, 1);
    }
    runs
}

#[cfg(test)]
mod tests;
