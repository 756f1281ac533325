//! Why a session left no record.

use std::io;

use crate::keeper::{self, Ending};
use crate::record::page_text::PageTextError;
use crate::record::snapshot::ProcError;

/// Why a session left no record.
#[derive(Debug, thiserror::Error)]
pub enum SessionFailure {
    #[error("cannot start the session: {0}")]
    Start(#[from] io::Error),
    #[error(
        "timed out after {seconds} s, waiting for {waiting_for}; a checkpoint is a whole line such as `mapped: press Return to write one byte`, and `seconds = N` in session.toml allows more time{}",
        so_far(output)
    )]
    TimedOut {
        seconds: u64,
        waiting_for: String,
        output: String,
    },
    #[error(
        "printed more than {} bytes; a listing prints a few lines a reader can follow{}",
        keeper::OUTPUT_LIMIT,
        so_far(output)
    )]
    Flooded { output: String },
    #[error("{0}; a listing prints plain text")]
    Text(#[from] PageTextError),
    #[error(
        "ended with {ending} instead of {expected}, {whence}; if that is meant, session.toml says so with `exit-status = N` or `signal = \"SIG…\"`{}",
        so_far(output)
    )]
    WrongEnding {
        ending: Ending,
        expected: Ending,
        whence: String,
        output: String,
    },
    #[error(
        "left {} running when it ended; a listing waits for what it starts{}",
        processes.join(", "),
        so_far(output)
    )]
    LeftProcesses {
        processes: Vec<String>,
        output: String,
    },
    #[error(
        "reached the checkpoint `{0}` twice; each checkpoint of a listing has a name of its own"
    )]
    TwiceReached(String),
    #[error(
        "went on running after it announced the checkpoint `{0}`; it must wait for Return there"
    )]
    NotWaiting(String),
    #[error(transparent)]
    Proc(#[from] ProcError),
    #[error("the process that guards the session was killed")]
    KeeperGone,
    #[error("ran beside `{name}`, which {failure}")]
    Companion {
        name: String,
        failure: Box<SessionFailure>,
    },
}

fn so_far(output: &str) -> String {
    if output.is_empty() {
        return "\nit printed nothing".to_owned();
    }
    let lines: Vec<&str> = output.lines().collect();
    let shown = &lines[lines.len().saturating_sub(12)..];
    let cut = if shown.len() < lines.len() {
        "...\n"
    } else {
        ""
    };
    format!("\nit printed:\n{cut}{}", shown.join("\n"))
}
