//! `capture show`: a command of terminal 2 and its output.

use clap::Args;

use super::{Excerpt, Part, Row, Terminal};
use crate::answer::AnswerError;
use session::{Checkpoint, Place, Record, RecordError, bounds, quoted};

/// A command of terminal 2 and its output.
#[derive(Debug, Args)]
pub struct Show {
    /// The checkpoint, and the process that claims mean: CHECKPOINT:PROCESS
    #[arg(long, value_name = "PLACE")]
    at: Place,
    /// Show only lines that begin with one of these words; others become ...
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    keep: Vec<String>,
    /// Put a note beside the lines that begin with a word
    #[arg(long, value_name = "WORD=NOTE", value_parser = mark)]
    mark: Vec<(String, String)>,
    /// Words that must stand in a line of the output
    #[arg(long, value_name = "TEXT")]
    expect_output: Vec<String>,
    /// The shell command, in single quotes
    #[arg(index = 2, last = true, required = true)]
    command: Vec<String>,
}

fn mark(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((word, note)) if !word.is_empty() && !note.is_empty() => {
            Ok((word.to_owned(), note.to_owned()))
        }
        _ => Err("write WORD=NOTE, such as 'Rss=not allocated'".to_owned()),
    }
}

/// The words behind `--` as one shell command: one word is the command itself,
/// several are a simple command, quoted again where they need it.
fn shell_command(words: &[String]) -> String {
    match words {
        [command] => command.clone(),
        words => {
            let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            quoted.join(" ")
        }
    }
}

impl Part for Show {
    fn places(&self) -> Vec<Place> {
        vec![self.at.clone()]
    }

    fn command(&self) -> Option<String> {
        Some(shell_command(&self.command))
    }

    fn excerpt(&self, record: &Record, _: Option<&str>) -> Result<Excerpt, AnswerError> {
        Ok(show(record, &self.at.checkpoint, self)?)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShowError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error("`{command}` at `{checkpoint}` {why}")]
    Command {
        command: String,
        checkpoint: String,
        why: String,
    },
    #[error(
        "the record does not hold the command `{command}` at `{checkpoint}`: it was not known when the session ran; is it in single quotes, so that no other shell touches it?"
    )]
    NotRun { command: String, checkpoint: String },
    #[error(
        "no line of the output holds `{text}`, which is claimed\n{}",
        printed(output)
    )]
    NotInOutput { text: String, output: String },
    #[error(
        "no line of the output begins with `{word}`, which {option} asks for\n{}",
        printed(output)
    )]
    NoSuchLine {
        word: String,
        option: &'static str,
        output: String,
    },
}

fn printed(output: &str) -> String {
    match output {
        "" => "it printed nothing; is the command in single quotes, so that no other shell fills in its variables?".to_owned(),
        output => format!("it printed:\n{output}"),
    }
}

/// The command and its output as console text.
fn show(record: &Record, at: &str, wanted: &Show) -> Result<Excerpt, ShowError> {
    let checkpoint = record.at(at)?;
    let command = shell_command(&wanted.command);
    let executed = checkpoint
        .commands
        .iter()
        .find(|executed| executed.command == command)
        .ok_or_else(|| ShowError::NotRun {
            command: command.clone(),
            checkpoint: at.to_owned(),
        })?;
    let output = executed.output.as_ref().map_err(|why| ShowError::Command {
        command: executed.shown.clone(),
        checkpoint: at.to_owned(),
        why: why.clone(),
    })?;
    let keep: Vec<Word> = wanted
        .keep
        .iter()
        .map(|word| Word::of(word, checkpoint))
        .collect();
    let marks: Vec<(Word, &String)> = wanted
        .mark
        .iter()
        .map(|(word, note)| (Word::of(word, checkpoint), note))
        .collect();
    let words = keep.iter().map(|word| (word, "--keep"));
    for (word, option) in words.chain(marks.iter().map(|(word, _)| (word, "--mark"))) {
        if !output.lines().any(|line| word.begins(line)) {
            return Err(ShowError::NoSuchLine {
                word: word.to_string(),
                option,
                output: output.trim_end().to_owned(),
            });
        }
    }

    let absent = |text: &&String| !output.lines().any(|line| line.contains(text.as_str()));
    if let Some(text) = wanted.expect_output.iter().find(absent) {
        return Err(ShowError::NotInOutput {
            text: text.clone(),
            output: output.trim_end().to_owned(),
        });
    }

    let mut rows = vec![Row::Command(executed.shown.clone())];
    for line in lines(output) {
        if !keep.is_empty() && !keep.iter().any(|word| word.begins(line)) {
            if rows.last() != Some(&Row::Elided) {
                rows.push(Row::Elided);
            }
            continue;
        }
        let mark = marks.iter().find(|(word, _)| word.begins(line));
        rows.push(Row::Line {
            text: line.to_owned(),
            pressed: false,
            note: mark.map(|(_, note)| (*note).clone()),
        });
    }
    Ok(Excerpt::Terminal(Terminal {
        number: 2,
        caption: record.caption(&format!("while the listing waits at {at}")),
        rows,
    }))
}

/// The lines of an output, of which the last may lack its line feed.
fn lines(output: &str) -> impl Iterator<Item = &str> {
    // An empty output has no line; `split` would give one.
    let lines = (!output.is_empty()).then(|| output.strip_suffix('\n').unwrap_or(output));
    lines.into_iter().flat_map(|lines| lines.split('\n'))
}

/// What a line must begin with.
enum Word {
    /// A whole word: `Rss` is not `RssAnon`.
    Text(String),
    /// The range of a mapping that holds this address.
    Address(u64),
}

impl Word {
    /// A word of an option, in which `$memory` is an address.
    fn of(text: &str, checkpoint: &Checkpoint) -> Self {
        let name = text.strip_prefix('$');
        match name.and_then(|name| checkpoint.addresses.get(name)) {
            Some(address) => Self::Address(*address),
            None => Self::Text(text.to_owned()),
        }
    }

    fn begins(&self, line: &str) -> bool {
        match self {
            Self::Text(word) => line.strip_prefix(word).is_some_and(|rest| {
                let joined = |c: char| c.is_alphanumeric() || c == '_';
                !word.ends_with(joined) || !rest.starts_with(joined)
            }),
            Self::Address(address) => {
                bounds(line).is_some_and(|(start, end)| (start..end).contains(address))
            }
        }
    }
}

impl std::fmt::Display for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(word) => f.write_str(word),
            Self::Address(address) => write!(f, "the range that holds {address:#x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Word, lines, shell_command};

    #[test]
    fn a_word_is_a_whole_word() {
        let begins = |line: &str, word: &str| Word::Text(word.to_owned()).begins(line);
        assert!(begins("Rss:    0 kB", "Rss"));
        assert!(!begins("RssAnon: 1 kB", "Rss"));
        assert!(begins("VmFlags: rd", "VmFlags:"));
    }

    #[test]
    fn an_address_is_any_inside_a_range() {
        let line = "7f1571c00000-7f1572c00000 rw-p 00000000 00:00 0";
        assert!(Word::Address(0x7f15_71c0_0010).begins(line));
        assert!(!Word::Address(0x7f15_72c0_0000).begins(line));
        assert!(!Word::Address(0x10).begins("Rss: 0 kB"));
    }

    #[test]
    fn only_the_last_line_feed_is_no_line() {
        assert_eq!(lines("a\n\nb\n").collect::<Vec<_>>(), ["a", "", "b"]);
        assert_eq!(lines("a\n\n").collect::<Vec<_>>(), ["a", ""]);
        assert_eq!(lines("\n").collect::<Vec<_>>(), [""]);
        assert_eq!(lines("").count(), 0);
    }

    #[test]
    fn several_words_are_a_simple_command() {
        let command = |words: &[&str]| {
            shell_command(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(command(&["a | b"]), "a | b");
        assert_eq!(
            command(&["grep", "^7f", "/proc/$PID/maps"]),
            "grep ^7f /proc/$PID/maps"
        );
        assert_eq!(command(&["grep", "a b", "x"]), "grep \"a b\" x");
    }
}
