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

pub use folder::Folder;
pub use outside::{Event, Kept, OUTPUT_LIMIT};

use serde::{Deserialize, Serialize};

/// The name under which the running binary becomes a keeper.
pub const NAME: &str = "capture-keeper";

/// What became of a program whose keeper is gone.
pub const KILLED: &str = "its keeper was killed, by hand or for want of memory (`dmesg` tells), and what it kept was ended";

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

/// The name of a signal, as signal(7) gives it.
pub fn signal_name(number: i32) -> Option<&'static str> {
    SIGNALS
        .iter()
        .find(|(signal, _)| signal.as_raw() == number)
        .map(|(_, name)| *name)
}

/// The number of a signal on this architecture, by its name.
pub fn signal_number(name: &str) -> Option<i32> {
    SIGNALS
        .iter()
        .find(|(_, known)| *known == name)
        .map(|(signal, _)| signal.as_raw())
}

/// The signals that a listing may die by.
const SIGNALS: &[(rustix::process::Signal, &str)] = {
    use rustix::process::Signal;
    &[
        (Signal::ABORT, "SIGABRT"),
        (Signal::ALARM, "SIGALRM"),
        (Signal::BUS, "SIGBUS"),
        (Signal::FPE, "SIGFPE"),
        (Signal::HUP, "SIGHUP"),
        (Signal::ILL, "SIGILL"),
        (Signal::INT, "SIGINT"),
        (Signal::KILL, "SIGKILL"),
        (Signal::PIPE, "SIGPIPE"),
        (Signal::QUIT, "SIGQUIT"),
        (Signal::SEGV, "SIGSEGV"),
        (Signal::SYS, "SIGSYS"),
        (Signal::TERM, "SIGTERM"),
        (Signal::TRAP, "SIGTRAP"),
        (Signal::USR1, "SIGUSR1"),
        (Signal::USR2, "SIGUSR2"),
        (Signal::XCPU, "SIGXCPU"),
    ]
};
