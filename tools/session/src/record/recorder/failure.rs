//! Why a session left no record.

use std::io;
use std::time::Instant;

use crate::keeper::{self, Ending};
use crate::record::page_text::{PageTextError, showable};
use crate::record::snapshot::ProcError;

use text::nearest;

use super::look::RECORD_LIMIT;
use super::named::MOST_NAMES;

/// Why a session left no record.
#[derive(Debug, thiserror::Error)]
pub enum SessionFailure {
    #[error("cannot start the session: {0}")]
    Start(#[from] io::Error),
    #[error(
        "timed out after {seconds} s, waiting for {waiting_for}; a checkpoint is a whole line such as `mapped: press Return to write one byte`, and `seconds = N` in its session allows more time{}",
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
        "ended with {ending} instead of {expected}, {whence}; if that is meant, its session says so with `exit-status = N` or `signal = \"SIG…\"`{}",
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
        "calls a checkpoint `end`, which is what claims call the time after its end; give it another name"
    )]
    CalledEnd,
    #[error(
        "did not wait at the checkpoint `{0}`: there it reads one line of standard input, and prints and does nothing until Return is pressed"
    )]
    NotWaiting(String),
    #[error(
        "ended {0}; it must wait for Return there, itself and not in a process that it leaves behind"
    )]
    EndedWaiting(String),
    #[error("waits at `{0}`, but that process goes on running; let it wait, too, or name it later")]
    NotAtRest(String),
    #[error(
        "prints `{line}`, and `{known}` is a name of the kernel's or of the book's: a claim could not tell whose word it is; give it another name"
    )]
    Reserved { line: String, known: String },
    #[error("prints `{line}`, and named `{name}` before as something else; give each its own name")]
    TwoKinds { name: String, line: String },
    #[error(
        "prints `{before}`, and `{line}` with no checkpoint between them, so that nobody could look at the first; give each its own name"
    )]
    Overwritten { before: String, line: String },
    #[error(
        "prints `{line}`, but process {pid} is none that it has started and that is still there"
    )]
    NotStarted { line: String, pid: u32 },
    #[error(
        "{does} at the checkpoint `{wanted}`, which it did not reach{}",
        nearest(wanted, known.iter().map(String::as_str))
    )]
    NeverReached {
        wanted: String,
        does: &'static str,
        known: Vec<String>,
    },
    #[error("prints `{line}` {wrong}")]
    Skipped { line: String, wrong: String },
    #[error(
        "names more than {MOST_NAMES} addresses, values, processes or checkpoints; a listing names the few that a page tells of"
    )]
    TooManyNames,
    #[error(
        "left more than {} MiB of the kernel's files by the checkpoint `{checkpoint}`; give the listing fewer mappings, or fewer checkpoints",
        RECORD_LIMIT >> 20
    )]
    TooLarge { checkpoint: String },
    #[error(transparent)]
    Proc(#[from] ProcError),
    #[error("did not end by itself: {}", keeper::KILLED)]
    KeeperGone,
    #[error("ran beside `{name}`, which {failure}")]
    Companion {
        name: String,
        failure: Box<SessionFailure>,
    },
    #[error("{cause}\nafter that, it {consequence}")]
    Both {
        cause: Box<SessionFailure>,
        consequence: Box<SessionFailure>,
    },
}

impl SessionFailure {
    /// Whether a signal ended a program that should have lived.
    fn is_death(&self) -> bool {
        match self {
            Self::WrongEnding { ending, .. } => matches!(ending, Ending::Signal(_)),
            Self::Companion { failure, .. } => failure.is_death(),
            _ => false,
        }
    }
}

/// A failure, and when it was noticed.
pub struct TimedFailure {
    at: Instant,
    pub failure: SessionFailure,
}

impl TimedFailure {
    pub fn now(failure: SessionFailure) -> Self {
        let at = Instant::now();
        Self { at, failure }
    }

    pub fn of_companion(self, name: String) -> Self {
        let failure = Box::new(self.failure);
        let failure = SessionFailure::Companion { name, failure };
        Self { failure, ..self }
    }

    /// The cause and its consequence: who was killed did not die of the other's exit
    /// status, whoever was noticed first.
    pub fn or_earlier(self, other: Self) -> (Self, Self) {
        let order = |timed: &Self| (!timed.failure.is_death(), timed.at);
        if order(&self) <= order(&other) {
            (self, other)
        } else {
            (other, self)
        }
    }

    /// Both, the cause first.
    pub fn with(self, other: Self) -> Self {
        let (cause, consequence) = self.or_earlier(other);
        let failure = SessionFailure::Both {
            cause: Box::new(cause.failure),
            consequence: Box::new(consequence.failure),
        };
        Self { failure, ..cause }
    }
}

/// The last lines of what was printed.
pub fn so_far(output: &str) -> String {
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
    let shown: Vec<String> = shown.iter().map(|line| tame(line)).collect();
    format!("\nit printed:\n{cut}{}", shown.join("\n"))
}

/// The most characters of a line that a message holds.
const MOST_CHARACTERS: usize = 300;

/// A line for the builder's terminal, to which its control characters would be
/// commands.
pub fn tame(line: &str) -> String {
    let mut text = String::new();
    for c in line.chars().take(MOST_CHARACTERS) {
        if showable(c) {
            text.push(c);
        } else {
            text.extend(c.escape_default());
        }
    }
    if line.chars().nth(MOST_CHARACTERS).is_some() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::so_far;

    #[test]
    fn a_message_commands_no_terminal() {
        assert_eq!(
            so_far("red \x1b[31m\u{202e}\n\tplain é\r\n"),
            "\nit printed:\nred \\u{1b}[31m\\u{202e}\n\tplain é"
        );
    }

    #[test]
    fn a_message_is_short() {
        let told = so_far(&format!("{}\n", "é".repeat(1 << 20)).repeat(20));
        assert_eq!(
            told.chars().count(),
            "\nit printed:\n...\n".len() + 12 * 302 - 1
        );
    }
}
