//! `capture show`: a command of terminal 2 and its output.

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

use super::terminal::{Row, terminal};
use super::{Excerpt, Part};
use session::{Checkpoint, Place, Record, bounds, quoted};

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
        words => words
            .iter()
            .map(|word| quoted(word))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

impl Part for Show {
    fn places(&self) -> Vec<Place> {
        vec![self.at.clone()]
    }

    fn command(&self) -> Option<String> {
        Some(shell_command(&self.command))
    }

    /// The command and its output as console text.
    fn excerpt(&self, record: &Record, _: Option<&str>) -> Result<Excerpt> {
        let at = &self.at.checkpoint;
        let checkpoint = record.at(at)?;
        let command = shell_command(&self.command);
        let mut executed = checkpoint.commands.iter();
        let executed = executed.find(|executed| executed.command == command);
        let executed = executed.with_context(|| {
            format!("the record does not hold the command `{command}` at `{at}`: it was not known when the session ran; is it in single quotes, so that no other shell touches it?")
        })?;
        let output = executed.output.as_ref();
        let output = output.map_err(|why| anyhow!("`{}` at `{at}` {why}", executed.shown))?;
        let keep: Vec<Word> = self
            .keep
            .iter()
            .map(|word| Word::of(word, checkpoint))
            .collect();
        let marks = self
            .mark
            .iter()
            .map(|(word, note)| (Word::of(word, checkpoint), note));
        let marks: Vec<(Word, &String)> = marks.collect();

        let no_line = |what: String| match output.trim_end() {
            "" => anyhow!(
                "no line of the output {what}\nit printed nothing; is the command in single quotes, so that no other shell fills in its variables?"
            ),
            output => anyhow!("no line of the output {what}\nit printed:\n{output}"),
        };
        let words = keep.iter().map(|word| (word, "--keep"));
        for (word, option) in words.chain(marks.iter().map(|(word, _)| (word, "--mark"))) {
            if !output.lines().any(|line| word.begins(line)) {
                bail!(no_line(format!(
                    "begins with `{word}`, which {option} asks for"
                )));
            }
        }
        for text in &self.expect_output {
            if !output.lines().any(|line| line.contains(text.as_str())) {
                bail!(no_line(format!("holds `{text}`, which is claimed")));
            }
        }

        let mut rows = vec![Row::command(&executed.shown)];
        for line in lines(output) {
            if keep.is_empty() || keep.iter().any(|word| word.begins(line)) {
                let mark = marks.iter().find(|(word, _)| word.begins(line));
                rows.push(Row::line(
                    2,
                    line,
                    false,
                    mark.map(|(_, note)| note.as_str()),
                ));
            } else if rows.last() != Some(&Row::elided()) {
                rows.push(Row::elided());
            }
        }
        let caption = record.caption(&format!("while the listing waits at {at}"));
        Ok(terminal(2, &caption, &rows))
    }
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
