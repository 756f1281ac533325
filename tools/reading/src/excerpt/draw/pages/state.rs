//! The states of a page, and how each looks.

use crate::excerpt::draw::svg::{FIRST, QUIET, SECOND, THIRD};
use session::PageRun;

/// What a cell of the grid shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nothing behind it.
    Empty,
    /// In swap.
    Swapped,
    /// Present, and mapped elsewhere too (the zero page is one of these).
    Shared,
    /// Present, mapped here and nowhere else.
    Exclusive,
}

impl State {
    pub fn of(run: &PageRun) -> Self {
        let state = run.state;
        match (state.present, state.exclusive, state.swapped) {
            (true, true, _) => Self::Exclusive,
            (true, false, _) => Self::Shared,
            (false, _, true) => Self::Swapped,
            (false, _, false) => Self::Empty,
        }
    }

    /// From what says most to what says least.
    pub const ALL: [Self; 4] = [Self::Exclusive, Self::Shared, Self::Swapped, Self::Empty];

    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "no page",
            Self::Swapped => "swapped out",
            Self::Shared => "present, not exclusive",
            Self::Exclusive => "present, exclusive",
        }
    }

    /// For the attribute `data-cell`: a row that counts such pages is linked
    /// with them by it.
    pub fn letter(self) -> char {
        match self {
            Self::Empty => 'e',
            Self::Swapped => 'w',
            Self::Shared => 's',
            Self::Exclusive => 'x',
        }
    }

    /// One cell, a unit wide: told apart by its shape.
    pub fn cell(self) -> String {
        match self {
            Self::Empty => format!(
                "<path fill=\"none\" stroke=\"{QUIET}\" stroke-width=\".09\" d=\"M.22.22h.56v.56h-.56z\"/>"
            ),
            Self::Exclusive => format!("<path fill=\"{FIRST}\" d=\"M.04.04h.92v.92h-.92z\"/>"),
            Self::Shared => format!(
                "<path fill=\"none\" stroke=\"{SECOND}\" stroke-width=\".14\" d=\"M.12.12h.76v.76h-.76z\"/><path fill=\"{SECOND}\" d=\"M.12.88v-.76l.76.76z\"/>"
            ),
            Self::Swapped => format!(
                "<path stroke=\"{THIRD}\" stroke-width=\".2\" d=\"M.15.15l.7.7m0-.7l-.7.7\"/>"
            ),
        }
    }
}
