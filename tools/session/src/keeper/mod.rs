//! Nothing is left running.
//!
//! Every program that a session starts runs under a *keeper*: a small process
//! of its own, which is this same binary under another name. The keeper is a
//! child subreaper (prctl(2), `PR_SET_CHILD_SUBREAPER`), so that a grandchild
//! stays within its reach even after a double fork or a `setsid`. It holds one
//! end of a socket. When the other end closes, for whatever reason, a SIGKILL
//! of the builder among them, the keeper ends everything below it and removes
//! the temporary folder.
//!
//! [`Kept`] is the builder's side, [`inside::main`] the keeper's. They speak in
//! lines: see [`Word`].

pub mod alone;
pub mod inside;
mod outside;

pub use outside::{Event, Keeper, Kept, OUTPUT_LIMIT, command, guard_folder};

use serde::{Deserialize, Serialize};

/// The name under which the running binary becomes a keeper.
pub const NAME: &str = "capture-keeper";

/// What a keeper tells its builder: one JSON text a line.
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
