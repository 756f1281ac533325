//! What a session left.

mod fields;
mod mapping;
mod page_text;
mod place;
mod recorder;
mod snapshot;
mod stand_ins;
mod stored;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::error::RecordsError;
use crate::keeper::Ending;
use text::nearest;

pub use mapping::{Mapping, blocks, bounds};
pub use page_text::{escaped, page_text, page_text_from, showable};
pub use place::{END, Place};
pub use recorder::{Order, lines, record};
pub use snapshot::{PageRun, PageState, Pages, ProcFiles, kernel_text};
pub use stand_ins::{unknown, with_stand_ins};
pub use stored::{FILE as STORED, or_stored};

#[cfg(test)]
mod sample;
#[cfg(test)]
pub use sample::sample;

/// One session's transcript, raw kernel files and environment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// The listing's name.
    pub listing: String,
    /// The machine, and the day.
    pub environment: Environment,
    /// The program's arguments.
    pub arguments: Vec<String>,
    /// Process id of the listing.
    pub pid: u32,
    /// What happened in terminal 1, in order.
    pub transcript: Vec<Moment>,
    /// The checkpoints, in the order in which they were reached.
    pub checkpoints: Vec<Checkpoint>,
    /// The values printed by the end, by name: `faults = 64`.
    pub values: BTreeMap<String, String>,
    /// The records of the programs that ran beside this one, by their names in
    /// the session.
    pub companions: BTreeMap<String, Record>,
    /// How the listing ended.
    pub ending: Ending,
    /// Why the listing did nothing on this machine, in its own words.
    pub skipped: Option<String>,
    /// Why this machine did not make the record: it is a stored one then.
    #[serde(default)]
    pub stored: Option<String>,
}

/// One line of terminal 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Moment {
    /// The listing printed this line.
    Printed(String),
    /// Return was pressed, at this checkpoint.
    Pressed(String),
}

/// The lines that a listing printed.
fn printed(record: &Record) -> impl Iterator<Item = &str> {
    record.transcript.iter().filter_map(|moment| match moment {
        Moment::Printed(line) => Some(&line[..]),
        Moment::Pressed(_) => None,
    })
}

/// What was seen while the listing waited for Return.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The word before the colon: `mapped`.
    pub name: String,
    /// What Return does next: `write one byte`.
    pub next: String,
    /// The addresses printed so far, by name.
    pub addresses: BTreeMap<String, u64>,
    /// The values printed so far, by name.
    pub values: BTreeMap<String, String>,
    /// Raw text of the kernel's files.
    pub proc: ProcFiles,
    /// The other processes that the listing named and that live, by name.
    pub processes: BTreeMap<String, Process>,
    /// State of every page of each named mapping.
    pub pages: Pages,
    /// The commands of the second terminal, and what they printed.
    pub commands: Vec<Executed>,
}

impl Checkpoint {
    /// The pages of a named mapping: the listing's own, or another process's.
    pub fn pages_of(&self, process: Option<&str>, name: &str) -> Option<&[PageRun]> {
        let pages = match process {
            None => &self.pages,
            Some(process) => &self.processes.get(process)?.pages,
        };
        pages.get(name).map(Vec::as_slice)
    }

    /// Where it is, for the listing's own process.
    pub fn place(&self) -> Place {
        Place {
            checkpoint: self.name.clone(),
            process: None,
        }
    }
}

/// Another process, as it was at a checkpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Process {
    pub pid: u32,
    /// Raw text of the kernel's files.
    pub proc: ProcFiles,
    /// State of every page of each mapping that the listing named.
    pub pages: Pages,
}

impl Process {
    /// How many bytes it holds.
    pub fn size(&self) -> usize {
        let pages = self.pages.values().map(|runs| size_of_val(&runs[..]));
        self.proc.size() + pages.sum::<usize>()
    }
}

/// A command that was run at a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Executed {
    /// As the chapter has it: `grep ^$memory /proc/$PID/maps`.
    pub command: String,
    /// As a reader would type it: with the values filled in.
    pub shown: String,
    /// What it printed, or why that cannot be shown.
    pub output: Result<String, String>,
}

impl Record {
    /// What this machine lacked for the session.
    pub fn lacked(&self) -> Option<&str> {
        self.skipped.as_deref().or(self.stored.as_deref())
    }

    /// What an excerpt is called: of a stored record, with kernel and day.
    pub fn caption(&self, text: &str) -> String {
        let machine = &self.environment;
        match self.stored {
            None => text.to_owned(),
            Some(_) => format!(
                "{text}, recorded earlier on Linux {}, {}",
                machine.kernel, machine.date
            ),
        }
    }

    /// The checkpoint of that name.
    pub fn at(&self, name: &str) -> Result<&Checkpoint, RecordsError> {
        let found = self.checkpoints.iter().find(|found| found.name == name);
        found.ok_or_else(|| {
            let listing = &self.listing;
            RecordsError(if self.checkpoints.is_empty() {
                format!(
                    "`{listing}` printed no checkpoint, so there is nothing to see at `{name}`; a checkpoint is a line such as `{name}: press Return to go on`"
                )
            } else {
                let near = nearest(name, self.checkpoints.iter().map(|c| &c.name[..]));
                format!("`{listing}` has no checkpoint `{name}`{near}")
            })
        })
    }
}
