//! `capture show`: a command of terminal 2 and its output.

use super::{Excerpt, Row, Terminal};
use session::{Checkpoint, Record, RecordError, bounds};

/// What to show of a command's output.
#[derive(Debug, Clone, Default)]
pub struct Show {
    /// The command, as the chapter has it.
    pub command: String,
    /// Only lines that begin with one of these words; all of them if empty.
    pub keep: Vec<String>,
    /// Notes in the margin, by the word that their line begins with.
    pub marks: Vec<(String, String)>,
    /// Words that must stand in a line of the output.
    pub holds: Vec<String>,
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
        "the record does not hold the command `{command}` at `{checkpoint}`: it was not known when the session ran"
    )]
    NotRun { command: String, checkpoint: String },
    #[error("no line of the output holds `{text}`, which is claimed\nit printed:\n{output}")]
    NotInOutput { text: String, output: String },
    #[error(
        "no line of the output begins with `{word}`, which {option} asks for\nit printed:\n{output}"
    )]
    NoSuchLine {
        word: String,
        option: &'static str,
        output: String,
    },
}

/// The command and its output as console text.
pub fn show(record: &Record, at: &str, wanted: &Show) -> Result<Excerpt, ShowError> {
    let checkpoint = record.at(at)?;
    let executed = checkpoint
        .commands
        .iter()
        .find(|executed| executed.command == wanted.command)
        .ok_or_else(|| ShowError::NotRun {
            command: wanted.command.clone(),
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
        .marks
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
    if let Some(text) = wanted.holds.iter().find(absent) {
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
    use super::{Word, lines};

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
}
