//! The pages of a mapping as a grid, beside the steps of `capture steps`.

use super::svg::{
    Canvas, END, FIRST, QUIET, SECOND, SMALL, START, STRONG, THIRD, WIDTH, shortened,
};
use crate::view::View;
use session::{PageRun, Place};

/// The most pages of a grid: 64 in a row, 80 rows (16 MiB in small pages are 64
/// rows, and may have grown by a neighbour).
const MOST: u64 = 64 * 80;

/// A grid for each place. None where the record has not the pages of each,
/// where they are too many, or where all grids would look the same. `figure` is
/// an id that no other figure of the page has.
pub fn grids(views: &[View], places: &[Place], figure: &str) -> Vec<String> {
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
    let needed = occurs(&SHARED) || occurs(&SWAPPED);
    let key = STATES.into_iter().filter(|state| needed && occurs(state));
    let key: Vec<State> = key.collect();
    let steps = grids.iter().zip(found).zip(places).zip(1..);
    let steps = steps.map(|(((grid, (name, _)), place), number)| {
        let id = format!("{figure}-pages-{number}");
        grid.draw(&id, name, &place.to_string(), &key)
    });
    steps.collect()
}

/// What a cell shows: the letter of the attribute `data-cell`, by which a row that
/// counts such pages is linked with them; in words; a colour; and the shape of a cell a
/// unit wide, by which it is told apart: a square, one half filled, a cross, a small
/// frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State(char, &'static str, &'static str, &'static str);

/// Present, mapped here and nowhere else.
const EXCLUSIVE: State = State('x', "present, exclusive", FIRST, "M.04.04h.92v.92h-.92z");
/// Present, and mapped elsewhere too (the zero page is one of these).
const SHARED: State = State('s', "present, not exclusive", SECOND, HALF);
const SWAPPED: State = State('w', "swapped out", THIRD, CROSS);
/// Nothing behind it.
const EMPTY: State = State('e', "with no page", QUIET, HOLLOW);

const HALF: &str = "M.05.05h.9v.9h-.9zM.19.19v.62h.62z";
const CROSS: &str = "M.08.22l.14-.14.7.7-.14.14zM.78.08l.14.14-.7.7-.14-.14z";
const HOLLOW: &str = "M.18.18h.64v.64h-.64zM.27.27v.46h.46v-.46z";
const STATES: [State; 4] = [EXCLUSIVE, SHARED, SWAPPED, EMPTY];

impl State {
    fn of(run: &PageRun) -> Self {
        let state = run.state;
        match (state.present, state.exclusive, state.swapped) {
            (true, true, _) => EXCLUSIVE,
            (true, false, _) => SHARED,
            (false, _, true) => SWAPPED,
            (false, _, false) => EMPTY,
        }
    }

    fn cell(self) -> String {
        format!("<path fill=\"{}\" d=\"{}\"/>", self.2, self.3)
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
    fn draw(&self, id: &str, name: &str, place: &str, key: &[State]) -> String {
        let present = self.count(EXCLUSIVE) + self.count(SHARED);
        let present = format!("{present} of {} pages present", self.total());
        let mut canvas = Canvas::default();
        canvas.text(STRONG, START, 0.0, 13.0, &shortened(place, 19));
        canvas.text(SMALL, END, WIDTH, 13.0, &present);
        let said = |state: State| format!("{} {}", self.count(state), state.1);
        let occurring = STATES.into_iter().filter(|state| self.count(*state) > 0);
        let (mut patterns, mut cells) = (String::new(), String::new());
        for state in occurring.clone() {
            let (letter, cell, path) = (state.0, state.cell(), self.path(state));
            patterns.push_str(&format!(
                "<pattern id=\"{id}{letter}\" width=\"1\" height=\"1\" patternUnits=\"userSpaceOnUse\">{cell}</pattern>"
            ));
            cells.push_str(&format!(
                "<path data-cell=\"{letter}\" fill=\"url(#{id}{letter})\" d=\"{path}\"/>"
            ));
        }
        let pitch = (WIDTH / self.columns as f64).min(24.0);
        // 64 cells must fill the width: three decimals.
        canvas.shapes += &format!(
            "<defs>{patterns}</defs><g transform=\"translate(0 22)scale({pitch:.3})\">{cells}</g>"
        );
        let mut bottom = 22.0 + self.total().div_ceil(self.columns) as f64 * pitch;
        for state in key {
            let (top, cell) = (bottom + 7.0, state.cell());
            canvas.shapes += &format!("<g transform=\"translate(0 {top:.1})scale(12)\">{cell}</g>");
            canvas.text(SMALL, START, 18.0, bottom + 17.0, &said(*state));
            bottom += 18.0;
        }
        let all: Vec<String> = occurring.map(said).collect();
        let said = [format!("{present}: {}.", all.join("; "))];
        let title = format!("Pages of {name} at {place}");
        canvas.finish(&title, &said, bottom + 6.0, 1.0)
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
