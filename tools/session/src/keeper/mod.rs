//! Nothing is left running.
//!
//! What a session starts, and what a page runs, is started by a *keeper*: this same
//! binary under another name ([`inside`]). It keeps one program at a time, one after
//! the other, so that a build has as many as programs run at once. A keeper is a child
//! subreaper (prctl(2), `PR_SET_CHILD_SUBREAPER`): a grandchild stays within its reach
//! even after a double fork or a `setsid`, which also tells whose it is. Between the
//! builder and a keeper there is a socket: when the builder's end closes, for whatever
//! reason, a SIGKILL among them, the keeper ends everything below it and removes the
//! builder's folders. When a keeper is killed, its program is killed with it
//! (`PR_SET_PDEATHSIG`), and the rest is handed to the builder, a subreaper as well,
//! and is ended there.
//!
//! [`Kept`] is the builder's side. A [`Folder`] of a builder that was killed together
//! with its keepers is removed by the next builder.

pub mod alone;
mod below;
mod folder;
pub mod inside;
mod outside;
mod wire;

pub use below::stat;
pub use folder::Folder;
pub use outside::{Event, Kept};
pub use wire::Program;

use serde::{Deserialize, Serialize};
use signal_hook::low_level::signal_name;
use text::nearest;

/// The name under which the running binary becomes a keeper.
pub const NAME: &str = "capture-keeper";

/// What a builder is told of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Word {
    /// The program runs, under this process id.
    Started(u32),
    /// The program could not be started.
    NotStarted(String),
    /// The program ended but left this process behind: id and name.
    Left(u32, String),
    /// The program has ended, and everything below it.
    Ended(Ending),
    /// The program was let go of: nothing is left.
    Cleared,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// It called exit(3) with this status, or returned from `main`.
    Exit(i32),
    /// This signal ended it.
    Signal(i32),
}

impl Ending {
    /// As a shell tells it.
    fn status(self) -> u8 {
        let status = match self {
            Self::Exit(status) => status,
            Self::Signal(number) => 128 + number,
        };
        status.try_into().unwrap_or(u8::MAX)
    }
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exit(status) => write!(f, "exit status {status}"),
            Self::Signal(number) => match signal_name(*number) {
                Some(name) => write!(f, "signal {name}"),
                None => write!(f, "signal {number}"),
            },
        }
    }
}

/// The number of a signal on this architecture, by its name in signal(7); or the
/// nearest name.
pub fn signal_number(name: &str) -> Result<i32, String> {
    let all = 1..=libc::SIGRTMAX();
    let found = all
        .clone()
        .find(|number| signal_name(*number) == Some(name));
    found.ok_or_else(|| nearest(name, all.filter_map(signal_name)))
}
