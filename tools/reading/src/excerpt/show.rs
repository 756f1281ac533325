//! `capture show`: a command of terminal 2 and its output.

use anyhow::{Context, Result, anyhow};
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
    #[arg(long, value_name = "WORD=NOTE;…", value_delimiter = ';', value_parser = mark)]
    mark: Vec<(String, String)>,
    /// Words that must stand in a line of the output
    #[arg(long, value_name = "TEXT")]
    expect_output: Vec<String>,
    /// The shell command, in single quotes
    #[arg(index = 2, last = true, required = true)]
    command: Vec<String>,
}

fn mark(text: &str) -> Result<(String, String), String> {
    let (word, note) = match text.split_once('=') {
        // An address is called by its name.
        None => (text, text.strip_prefix('$').unwrap_or_default()),
        Some(both) => both,
    };
    if word.is_empty() || note.is_empty() {
        return Err("write WORD=NOTE, such as 'Rss=not allocated', or $ADDRESS".to_owned());
    }
    Ok((word.to_owned(), note.to_owned()))
}

/// The words behind `--` as one shell command: one word is the command itself,
/// several are a simple command, quoted again where they need it.
fn shell_command(words: &[String]) -> String {
    match words {
        [command] => command.clone(),
        words => {
            let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            words.join(" ")
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
        let begins = |line: &str, word: &str| begins(line, word, checkpoint);
        let is_there = |test: &dyn Fn(&str) -> bool, what: String| match output.trim_end() {
            output if output.lines().any(test) => Ok(()),
            "" => Err(anyhow!(
                "no line of the output {what}\nit printed nothing; is the command in single quotes, so that no other shell fills in its variables?"
            )),
            output => Err(anyhow!(
                "no line of the output {what}\nit printed:\n{output}"
            )),
        };
        let keep = self.keep.iter().map(|word| (word, "--keep"));
        for (word, option) in keep.chain(self.mark.iter().map(|(word, _)| (word, "--mark"))) {
            let what = format!("begins with `{word}`, which {option} asks for");
            is_there(&|line| begins(line, word), what)?;
        }
        for text in &self.expect_output {
            is_there(
                &|line| line.contains(text),
                format!("holds `{text}`, which is claimed"),
            )?;
        }

        let mut rows = vec![Row::command(&executed.shown)];
        for line in lines(output) {
            if self.keep.is_empty() || self.keep.iter().any(|word| begins(line, word)) {
                let note = self.mark.iter().find(|(word, _)| begins(line, word));
                let note = note.map(|(_, note)| &note[..]);
                rows.push(Row::line(2, line, false, note));
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

/// Whether a line begins with a whole word (`Rss` is not `RssAnon`), or is that of the
/// mapping that holds an address: `$memory`.
fn begins(line: &str, word: &str, checkpoint: &Checkpoint) -> bool {
    let address = word.strip_prefix('$');
    if let Some(address) = address.and_then(|name| checkpoint.addresses.get(name)) {
        return bounds(line).is_some_and(|(start, end)| (start..end).contains(address));
    }
    let joined = |c: char| c.is_alphanumeric() || c == '_';
    let rest = line.strip_prefix(word);
    rest.is_some_and(|rest| !word.ends_with(joined) || !rest.starts_with(joined))
}

#[cfg(test)]
mod tests {
    use super::{lines, shell_command};
    use crate::sample;

    /// Whether a line begins with a word, where `$memory` is that address.
    fn begins(line: &str, word: &str, memory: u64) -> bool {
        let mut checkpoint = sample("", "").checkpoints.remove(0);
        checkpoint.addresses.insert("memory".to_owned(), memory);
        super::begins(line, word, &checkpoint)
    }

    #[test]
    fn a_word_is_a_whole_word() {
        assert!(begins("Rss:    0 kB", "Rss", 0));
        assert!(!begins("RssAnon: 1 kB", "Rss", 0));
        assert!(begins("VmFlags: rd", "VmFlags:", 0));
        assert!(begins("$other: 1", "$other", 0));
    }

    #[test]
    fn an_address_is_any_inside_a_range() {
        let line = "7f1571c00000-7f1572c00000 rw-p 00000000 00:00 0";
        assert!(begins(line, "$memory", 0x7f15_71c0_0010));
        assert!(!begins(line, "$memory", 0x7f15_72c0_0000));
        assert!(!begins("Rss: 0 kB", "$memory", 0x10));
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
