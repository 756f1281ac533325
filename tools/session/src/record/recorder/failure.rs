//! Why a session left no record.

use std::time::Instant;

use crate::record::escaped;

/// Why a session left no record, and when that was noticed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SessionFailure {
    message: String,
    at: Instant,
    /// Whether a signal ended a program that should have lived.
    pub death: bool,
}

impl From<String> for SessionFailure {
    fn from(message: String) -> Self {
        let (at, death) = (Instant::now(), false);
        Self { message, at, death }
    }
}

impl SessionFailure {
    pub fn of_companion(self, name: &str) -> Self {
        let message = format!("ran beside `{name}`, which {self}");
        Self { message, ..self }
    }

    /// Several, the cause before its consequences: who was killed did not die of
    /// another's exit status, whoever was noticed first.
    pub fn all(mut failures: Vec<Self>) -> Option<Self> {
        failures.sort_by_key(|failure| (!failure.death, failure.at));
        failures.into_iter().reduce(|cause, consequence| {
            let message = format!("{cause}\nafter that, it {consequence}");
            Self { message, ..cause }
        })
    }
}

/// The last lines of what was printed.
pub fn so_far(output: &[u8]) -> String {
    let output = String::from_utf8_lossy(output);
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

/// A line for the builder's terminal.
pub fn tame(line: &str) -> String {
    match line.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => escaped(&line[..end]) + "…",
        None => escaped(line),
    }
}

#[cfg(test)]
mod tests {
    use super::so_far;

    #[test]
    fn a_message_commands_no_terminal() {
        assert_eq!(
            so_far("red \x1b[31m\u{202e}\n\tplain é\r\n".as_bytes()),
            "\nit printed:\nred \\u{1b}[31m\\u{202e}\n\tplain é"
        );
    }

    #[test]
    fn a_message_is_short() {
        let told = so_far(format!("{}\n", "é".repeat(1 << 20)).repeat(20).as_bytes());
        assert_eq!(
            told.chars().count(),
            "\nit printed:\n...\n".len() + 12 * 302 - 1
        );
    }
}
