//! Why a session left no record.

use std::io;

use crate::keeper::{self, Ending};
use crate::record::page_text::{PageTextError, showable};
use crate::record::snapshot::ProcError;

use super::run::{MOST_NAMES, RECORD_LIMIT};

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
