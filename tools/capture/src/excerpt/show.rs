//! `capture show`: a command of terminal 2 and its output.

use super::{Excerpt, Row, Terminal};
use crate::record::{Checkpoint, Record, RecordError};

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
    let keep: Vec<String> = wanted.keep.iter().map(|w| in_full(w, checkpoint)).collect();
    let marks: Vec<(String, &String)> = wanted
        .marks
        .iter()
        .map(|(word, note)| (in_full(word, checkpoint), note))
        .collect();
    let words = keep.iter().map(|word| (word, "--keep"));
    for (word, option) in words.chain(marks.iter().map(|(word, _)| (word, "--mark"))) {
        if !output.lines().any(|line| begins_with(line, word)) {
            return Err(ShowError::NoSuchLine {
                word: word.clone(),
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
        if !keep.is_empty() && !keep.iter().any(|word| begins_with(line, word)) {
            if rows.last() != Some(&Row::Elided) {
                rows.push(Row::Elided);
            }
            continue;
        }
        let mark = marks.iter().find(|(word, _)| begins_with(line, word));
        rows.push(Row::Line {
            text: line.to_owned(),
            pressed: false,
            note: mark.map(|(_, note)| (*note).clone()),
        });
    }
    Ok(Excerpt::Terminal(Terminal {
        number: 2,
        caption: format!("while the listing waits at {at}"),
        rows,
    }))
}

/// The lines of an output, of which the last may lack its line feed.
fn lines(output: &str) -> impl Iterator<Item = &str> {
    // An empty output has no line; `split` would give one.
    let lines = (!output.is_empty()).then(|| output.strip_suffix('\n').unwrap_or(output));
    lines.into_iter().flat_map(|lines| lines.split('\n'))
}

/// Whether a line begins with a whole word: `Rss` is not `RssAnon`.
fn begins_with(line: &str, word: &str) -> bool {
    line.strip_prefix(word).is_some_and(|rest| {
        let joined = |c: char| c.is_alphanumeric() || c == '_';
        !word.ends_with(joined) || !rest.starts_with(joined)
    })
}

/// A word in which `$PID` or an address may stand.
fn in_full(word: &str, checkpoint: &Checkpoint) -> String {
    let mut full = word.to_owned();
    for (name, address) in &checkpoint.addresses {
        full = full.replace(&format!("${name}"), &format!("{address:08x}"));
    }
    full
}

#[cfg(test)]
mod tests {
    use super::{begins_with, lines};

    #[test]
    fn a_word_is_a_whole_word() {
        assert!(begins_with("Rss:    0 kB", "Rss"));
        assert!(!begins_with("RssAnon: 1 kB", "Rss"));
        assert!(begins_with(
            "7f1571c00000-7f1572c00000 rw-p",
            "7f1571c00000"
        ));
        assert!(begins_with("VmFlags: rd", "VmFlags:"));
    }

    #[test]
    fn only_the_last_line_feed_is_no_line() {
        assert_eq!(lines("a\n\nb\n").collect::<Vec<_>>(), ["a", "", "b"]);
        assert_eq!(lines("a\n\n").collect::<Vec<_>>(), ["a", ""]);
        assert_eq!(lines("\n").collect::<Vec<_>>(), [""]);
        assert_eq!(lines("").count(), 0);
    }
}
