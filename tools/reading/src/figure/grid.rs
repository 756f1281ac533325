//! The pages of a mapping as a grid, beside the steps of `capture steps`.

use super::svg::Anchor::{End, Start};
use super::svg::Style::{Quiet, Strong};
use super::svg::{Canvas, FIRST, Image, QUIET, SECOND, THIRD, WIDTH, n, shortened};
use crate::view::View;
use State::{Empty, Exclusive, Shared, Swapped};
use session::{PageRun, Place};

/// The most pages of a grid: 64 in a row, 80 rows (16 MiB in small pages are 64
/// rows, and may have grown by a neighbour).
const MOST: u64 = 64 * 80;

/// A grid for each place. None where the record has not the pages of each,
/// where they are too many, or where all grids would look the same. `figure` is
/// an id that no other figure of the page has.
pub fn grids(views: &[View], places: &[Place], figure: &str) -> Vec<Image> {
    let found = views.iter().map(View::pages);
    let Ok(found) = found.collect::<Result<Vec<_>, _>>() else {
        return Vec::new();
    };
    let grids: Vec<Grid> = found.iter().map(|(_, pages)| Grid::new(pages)).collect();
    let fits = |grid: &Grid| grid.total() <= MOST;
    let differs = |grid: &Grid| grid.runs != grids[0].runs;
    if !grids.iter().all(fits) || !grids.iter().any(differs) || grids[0].total() < 2 {
        return Vec::new();
    }
    // The same key below each, so that nothing moves from step to step. Where all
    // that is present is exclusive, none is needed.
    let occurs = |state: &State| grids.iter().any(|grid| grid.count(*state) > 0);
    let needed = occurs(&Shared) || occurs(&Swapped);
    let key = STATES.into_iter().filter(|state| needed && occurs(state));
    let key: Vec<State> = key.collect();
    let steps = grids.iter().zip(found).zip(places).zip(1..);
    let steps = steps.map(|(((grid, (name, _)), place), number)| {
        grid.draw(
            &format!("{figure}-pages-{number}"),
            name,
            &place.to_string(),
            &key,
        )
    });
    steps.collect()
}

/// What a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Present, mapped here and nowhere else.
    Exclusive,
    /// Present, and mapped elsewhere too (the zero page is one of these).
    Shared,
    /// In swap.
    Swapped,
    /// Nothing behind it.
    Empty,
}

const STATES: [State; 4] = [Exclusive, Shared, Swapped, Empty];

impl State {
    fn of(run: &PageRun) -> Self {
        let state = run.state;
        match (state.present, state.exclusive, state.swapped) {
            (true, true, _) => Exclusive,
            (true, false, _) => Shared,
            (false, _, true) => Swapped,
            (false, _, false) => Empty,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Exclusive => "present, exclusive",
            Shared => "present, not exclusive",
            Swapped => "swapped out",
            Empty => "with no page",
        }
    }

    /// For the attribute `data-cell`: a row that counts such pages is linked with
    /// them by it.
    fn letter(self) -> char {
        match self {
            Exclusive => 'x',
            Shared => 's',
            Swapped => 'w',
            Empty => 'e',
        }
    }

    /// One cell, a unit wide, told apart by its shape: a square, one half filled, a
    /// cross, a small frame.
    fn cell(self) -> String {
        let (colour, shape) = match self {
            Exclusive => (FIRST, "M.04.04h.92v.92h-.92z"),
            Shared => (SECOND, "M.05.05h.9v.9h-.9zM.19.19v.62h.62z"),
            Swapped => (
                THIRD,
                "M.08.22l.14-.14.7.7-.14.14zM.78.08l.14.14-.7.7-.14-.14z",
            ),
            Empty => (QUIET, "M.18.18h.64v.64h-.64zM.27.27v.46h.46v-.46z"),
        };
        format!("<path fill=\"{colour}\" d=\"{shape}\"/>")
    }
}

/// A cell for each page, in rows.
struct Grid {
    /// Neighbouring pages in one state.
    runs: Vec<(State, u64)>,
    columns: u64,
}

impl Grid {
    fn new(pages: &[PageRun]) -> Self {
        let mut runs: Vec<(State, u64)> = Vec::new();
        for run in pages {
            match runs.last_mut() {
                Some((state, count)) if *state == State::of(run) => *count += run.pages,
                _ => runs.push((State::of(run), run.pages)),
            }
        }
        let mut grid = Self { runs, columns: 8 };
        while grid.columns < 64 && grid.columns * grid.columns < 4 * grid.total() {
            grid.columns *= 2;
        }
        grid
    }

    fn total(&self) -> u64 {
        self.runs.iter().map(|(_, count)| count).sum()
    }

    fn count(&self, wanted: State) -> u64 {
        let of_state = self.runs.iter().filter(|(state, _)| *state == wanted);
        of_state.map(|(_, count)| count).sum()
    }

    /// The pages of `name` at a place; ids begin with `id`.
    fn draw(&self, id: &str, name: &str, place: &str, key: &[State]) -> Image {
        let present = self.count(Exclusive) + self.count(Shared);
        let present = format!("{present} of {} pages present", self.total());
        let mut canvas = Canvas::default();
        canvas.text(Strong, Start, 0.0, 13.0, &shortened(place, 19));
        canvas.text(Quiet, End, WIDTH, 13.0, &present);
        let said = |state: State| format!("{} {}", self.count(state), state.name());
        let occurring = STATES.into_iter().filter(|state| self.count(*state) > 0);
        let (mut patterns, mut cells) = (String::new(), String::new());
        for state in occurring.clone() {
            let (letter, cell, path) = (state.letter(), state.cell(), self.path(state));
            patterns.push_str(&format!(
                "<pattern id=\"{id}{letter}\" width=\"1\" height=\"1\" patternUnits=\"userSpaceOnUse\">{cell}</pattern>"
            ));
            cells.push_str(&format!(
                "<path data-cell=\"{letter}\" fill=\"url(#{id}{letter})\" d=\"{path}\"/>"
            ));
        }
        let pitch = (WIDTH / self.columns as f64).min(24.0);
        // 64 cells must fill the width: three decimals.
        canvas.shape(&format!(
            "<defs>{patterns}</defs><g transform=\"translate(0 22)scale({})\">{cells}</g>",
            (pitch * 1000.0).round() / 1000.0
        ));
        let mut bottom = 22.0 + self.total().div_ceil(self.columns) as f64 * pitch;
        for state in key {
            canvas.shape(&format!(
                "<g transform=\"translate(0 {})scale(12)\">{}</g>",
                n(bottom + 7.0),
                state.cell()
            ));
            canvas.text(Quiet, Start, 18.0, bottom + 17.0, &said(*state));
            bottom += 18.0;
        }
        let all: Vec<String> = occurring.map(said).collect();
        let said = vec![format!("{present}: {}.", all.join("; "))];
        canvas.finish(
            &format!("Pages of {name} at {place}"),
            said,
            bottom + 6.0,
            1.0,
        )
    }

    /// The cells of a state: of each run the rest of its first row, whole rows,
    /// and the beginning of its last row.
    fn path(&self, wanted: State) -> String {
        let columns = self.columns;
        let (mut path, mut end) = (String::new(), 0);
        for (state, count) in &self.runs {
            let mut at = end;
            end += count;
            while *state == wanted && at < end {
                let (row, column) = (at / columns, at % columns);
                let whole = if column == 0 { (end - at) / columns } else { 0 };
                let (rows, length) = (whole.max(1), (columns - column).min(end - at));
                path.push_str(&format!("M{column} {row}h{length}v{rows}h-{length}z"));
                at += rows * length;
            }
        }
        path
    }
}

#[cfg(test)]
mod tests;
