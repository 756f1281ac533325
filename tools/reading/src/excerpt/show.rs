//! `capture show`: a command of terminal 2 and its output.

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

use super::terminal::{Row, terminal};
use super::{Excerpt, Part};
use session::{Checkpoint, Place, Record, bounds};

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
    command: String,
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

impl Part for Show {
    fn places(&self) -> Vec<Place> {
        vec![self.at.clone()]
    }

    fn command(&self) -> Option<String> {
        Some(self.command.clone())
    }

    /// The command and its output as console text.
    fn excerpt(&self, record: &Record, _: Option<&str>) -> Result<Excerpt> {
        let (at, command) = (&self.at.checkpoint, &self.command);
        let checkpoint = record.at(at)?;
        let mut executed = checkpoint.commands.iter();
        let executed = executed.find(|executed| executed.command == *command);
        let executed = executed.with_context(|| {
            format!("the record does not hold the command `{command}` at `{at}`: it was not known when the session ran; is it in single quotes, so that no other shell touches it?")
        })?;
        let output = executed.output.as_ref();
        let output = output.map_err(|why| anyhow!("`{}` at `{at}` {why}", executed.shown))?;
        let lines = || output.split_terminator('\n');
        let begins = |line: &str, word: &str| begins(line, word, checkpoint);
        let marked = self.mark.iter().map(|(word, _)| (word, "--mark"));
        let words = self.keep.iter().map(|word| (word, "--keep")).chain(marked);
        let absent = words.filter(|(word, _)| !lines().any(|line| begins(line, word)));
        let absent =
            absent.map(|(word, option)| format!("begins with `{word}`, which {option} asks for"));
        let claimed = self.expect_output.iter();
        let unclaimed = claimed.filter(|text| !output.contains(*text));
        let unclaimed = unclaimed.map(|text| format!("holds `{text}`, which is claimed"));
        if let Some(what) = absent.chain(unclaimed).next() {
            let printed = match output.trim_end() {
                "" => "it printed nothing; is the command in single quotes, so that no other shell fills in its variables?".to_owned(),
                output => format!("it printed:\n{output}"),
            };
            bail!("no line of the output {what}\n{printed}");
        }

        let mut rows = vec![Row::command(&executed.shown)];
        for line in lines() {
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
}
