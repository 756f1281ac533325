//! A command of the second terminal.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use super::failure::{so_far, tame};
use super::shell::filled_in;
use crate::compile::readers_environment;
use crate::keeper::{Ending, Event, Kept, Program};
use crate::record::mapping::blocks;
use crate::record::{Executed, page_text};

/// How long a command may take at the most.
const COMMAND_LIMIT: Duration = Duration::from_secs(10);

/// Runs a command beside a listing that waits, as a reader would type it. What goes
/// wrong is kept for the excerpt that shows the command.
pub fn execute(text: &str, values: &[(&str, String)], folder: &Path, limit: Duration) -> Executed {
    let shown = filled_in(text, values);
    // Variables of this shell alone: no reader's environment has them.
    let set = values
        .iter()
        .map(|(name, value)| format!("{name}={value} "));
    let script = format!("{};{text}", set.collect::<String>());
    Executed {
        command: text.to_owned(),
        output: shown
            .clone()
            .and_then(|_| output(&script, folder, limit.min(COMMAND_LIMIT))),
        shown: shown.unwrap_or_else(|_| text.to_owned()),
    }
}

fn output(script: &str, folder: &Path, limit: Duration) -> Result<String, String> {
    let mut environment = readers_environment();
    environment.push(("LC_ALL".into(), Some("C".into())));
    // -u: a mistyped variable is an error, not an empty word.
    let words = ["sh", "-u", "-c", script];
    let shell = Program {
        words: words.map(OsString::from).into(),
        folder: Some(folder.to_owned()),
        environment,
    };
    let mut kept =
        Kept::start(shell, false).map_err(|error| format!("cannot start a shell: {error}"))?;
    let deadline = Instant::now() + limit;
    let mut output = Vec::new();
    loop {
        return Err(
            match kept.next(deadline).map_err(|error| error.to_string())? {
                Event::Printed(bytes) => {
                    output.extend(bytes);
                    continue;
                }
                Event::Ended(Ending::Exit(0)) => return page_text(output),
                Event::Ended(ending) => format!(
                    "ended with {ending}; a command that a page shows must succeed{}",
                    so_far(&output)
                ),
                Event::Left(pid, name) => {
                    format!("left `{}` (process {pid}) running", tame(&name))
                }
                Event::TimedOut => format!(
                    "timed out after {} s; a command of the second terminal only looks{}",
                    limit.as_secs(),
                    so_far(&output)
                ),
            },
        );
    }
}

/// A whole smaps block on a page is the block that the claims are checked against.
/// Tells where that is not so.
pub fn differs_from_raw(output: &str, smaps: &[&str]) -> Option<String> {
    let raw = || smaps.iter().flat_map(|smaps| blocks(smaps));
    let shown = blocks(output)
        .filter(|block| block.contains("\nVmFlags:"))
        .find(|shown| !raw().any(|raw| raw == *shown))?;
    let header = shown.lines().next().unwrap_or_default();
    let recorded = raw().find(|raw| raw.lines().next() == Some(header));
    let mut pairs = shown.lines().zip(recorded.unwrap_or_default().lines());
    let differs = match pairs.find(|(shown, recorded)| shown != recorded) {
        Some((shown, recorded)) => format!(": `{shown}` instead of `{recorded}`"),
        None => String::new(),
    };
    Some(format!(
        "the smaps block `{header}` differs from the one in the record{differs}; cut it with `sed -n \"/^$memory-/,/^VmFlags/p\" /proc/$PID/smaps`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_differs_is_told_by_its_line() {
        let block =
            |rss: &str| format!("7f15-7f16 rw-p 00000000 00:00 0 \nRss: {rss} kB\nVmFlags: rd\n");
        let raw = block("4");
        assert_eq!(differs_from_raw(&block("4"), &[&raw]), None);
        let told = differs_from_raw(&block("8"), &[&raw]).expect("told");
        assert!(
            told.contains("in the record: `Rss: 8 kB` instead of `Rss: 4 kB`;"),
            "{told}"
        );
    }
}
