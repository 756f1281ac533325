//! A command of the second terminal.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::failure::{so_far, tame};
use super::shell::filled_in;
use crate::compile::readers_environment;
use crate::keeper::{self, Ending, Event, Kept};
use crate::record::mapping::blocks;
use crate::record::{Executed, page_text};

/// How long a command may take at the most.
const COMMAND_LIMIT: Duration = Duration::from_secs(10);

/// A shell beside a listing that waits.
pub struct SecondTerminal<'a> {
    pub pid: u32,
    /// Other processes, by name.
    pub processes: &'a BTreeMap<String, u32>,
    pub addresses: &'a BTreeMap<String, u64>,
    pub folder: &'a Path,
    pub limit: Duration,
    /// The smaps texts of all processes.
    pub smaps: Vec<&'a str>,
}

impl SecondTerminal<'_> {
    /// Runs a command as a reader would type it. What goes wrong is kept for
    /// the excerpt that shows the command.
    pub fn run(&self, text: &str) -> Executed {
        let value = |name: &str| self.values().find(|(known, _)| *known == name);
        let shown = filled_in(text, &|name| value(name).map(|(_, value)| value));
        let output = match &shown {
            Ok(_) => self.output(text),
            Err(why) => Err(why.clone()),
        };
        Executed {
            command: text.to_owned(),
            shown: shown.unwrap_or_else(|_| text.to_owned()),
            output,
        }
    }

    fn output(&self, text: &str) -> Result<String, String> {
        // Variables of this shell alone: no reader's environment has them.
        let values = self
            .values()
            .map(|(name, value)| format!("{name}={value} "));
        let text = values.collect::<String>() + ";" + text;
        let mut shell = Command::new("sh");
        // -u: a mistyped variable is an error, not an empty word.
        shell.args(["-u", "-c", &text]).current_dir(self.folder);
        readers_environment(&mut shell);
        shell.env("LC_ALL", "C");
        let kept =
            Kept::start(&shell, false).map_err(|error| format!("cannot start a shell: {error}"))?;
        let (output, ending) = self.watch(kept)?;
        if ending != Ending::Exit(0) {
            return Err(format!(
                "ended with {ending}; a command that a page shows must succeed{}",
                so_far(&String::from_utf8_lossy(&output))
            ));
        }
        page_text(output).map_err(|error| error.to_string())
    }

    fn watch(&self, mut kept: Kept) -> Result<(Vec<u8>, Ending), String> {
        let limit = self.limit.min(COMMAND_LIMIT);
        let deadline = Instant::now() + limit;
        let mut output = Vec::new();
        let mut ending = None;
        let mut closed = false;
        loop {
            if let (Some(ending), true) = (ending, closed) {
                return Ok((output, ending));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match kept.next(left).map_err(|error| error.to_string())? {
                Event::Printed(bytes) => output.extend(bytes),
                Event::OutputClosed => closed = true,
                Event::Ended(how) => ending = Some(how),
                Event::Left(pid, name) => {
                    return Err(format!("left `{}` (process {pid}) running", tame(&name)));
                }
                Event::Flooded => {
                    return Err(format!("printed more than {} bytes", keeper::OUTPUT_LIMIT));
                }
                Event::KeeperGone if ending.is_some() => {}
                Event::KeeperGone => {
                    return Err(format!("did not end by itself: {}", keeper::KILLED));
                }
                Event::TimedOut => {
                    return Err(format!(
                        "timed out after {} s; a command of the second terminal only looks{}",
                        limit.as_secs(),
                        so_far(&String::from_utf8_lossy(&output))
                    ));
                }
            }
        }
    }

    /// A whole smaps block on a page is the block that the claims are checked
    /// against. Tells where that is not so.
    pub fn differs_from_raw(&self, output: &str) -> Option<String> {
        let raw = || self.smaps.iter().flat_map(|smaps| blocks(smaps));
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

    fn values(&self) -> impl Iterator<Item = (&str, String)> {
        let addresses = self
            .addresses
            .iter()
            // As maps prints them: at least eight digits.
            .map(|(name, address)| (name.as_str(), format!("{address:08x}")));
        let processes = self.processes.iter();
        addresses
            .chain(processes.map(|(name, pid)| (name.as_str(), pid.to_string())))
            .chain([("PID", self.pid.to_string())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_differs_is_told_by_its_line() {
        let block =
            |rss: &str| format!("7f15-7f16 rw-p 00000000 00:00 0 \nRss: {rss} kB\nVmFlags: rd\n");
        let raw = block("4");
        let terminal = SecondTerminal {
            pid: 1,
            processes: &BTreeMap::new(),
            addresses: &BTreeMap::new(),
            folder: Path::new("/"),
            limit: COMMAND_LIMIT,
            smaps: vec![&raw],
        };
        assert_eq!(terminal.differs_from_raw(&block("4")), None);
        let told = terminal.differs_from_raw(&block("8")).expect("told");
        assert!(
            told.contains("in the record: `Rss: 8 kB` instead of `Rss: 4 kB`;"),
            "{told}"
        );
    }
}
