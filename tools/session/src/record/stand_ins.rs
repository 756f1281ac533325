//! Stand-ins for what is new in every session by its nature, so that two builds
//! can be compared byte by byte: process and thread ids, inode numbers, the day,
//! and what a session says of its listing, that it `varies`.
//!
//! They are for excerpts. Claims are checked on the record itself.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::once;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;
use text::nearest;

use super::fields::{self, is_field};
use super::{Moment, Record, printed};

/// What stands for the day.
const DAY: &str = "1970-01-01";

/// As Rust names a thread that has panicked.
static THREAD: Pattern = LazyLock::new(|| pattern(r"^thread '.*?' \((.*?)\)"));
/// What stands before the id of a process.
static CALLED: Pattern = LazyLock::new(|| pattern(r"(?:/proc/|process |process id |id:\t|' \()$"));
/// Behind a number, what makes it an amount, and no id.
static UNIT: Pattern =
    LazyLock::new(|| pattern(r"^\s*(?:kB|pages?|bytes?|ns|faults)(?:[^A-Za-z]|$)"));
/// The first line of a VMA in `maps` and `smaps`: what comes before the inode number,
/// that, and the name.
static HEADER: Pattern = LazyLock::new(|| {
    pattern("^([0-9A-Fa-f]{8,}-[0-9A-Fa-f]{8,} [^ ]{4} [^ ]* [^ ]* )([^ ]*)(.*)$")
});
static WORD: Pattern = LazyLock::new(|| pattern("[0-9A-Za-z]+"));
/// A number, and what stands before it in a padded column.
static NUMBER: Pattern = LazyLock::new(|| pattern(r"(  |\t ?)?([0-9][0-9.]*)"));

/// An expression, compiled once.
pub type Pattern = LazyLock<Regex>;

pub fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is well formed")
}

type Ids = BTreeMap<String, String>;

/// The record as an excerpt of a reproducible build has it. `varies` are the
/// names of fields, of printed values, and of lines such as `anna: 1`.
pub fn with_stand_ins(record: &Record, varies: &[String]) -> serde_json::Result<Record> {
    let stand_ins = StandIns {
        processes: ids(1001, all(record).flat_map(processes)),
        inodes: ids(101, all(record).flat_map(inodes)),
        varies,
        folder: pattern(&format!(r"(/session-{})\.[^/]*/", record.listing)),
    };
    let mut value = serde_json::to_value(record)?;
    stand_ins.replace(&mut value);
    let mut shown: Record = serde_json::from_value(value)?;
    stand_ins.in_order(&mut shown.transcript);
    Ok(shown)
}

/// What is wrong with the names of what varies: one that nothing in the record has.
pub fn unknown(record: &Record, varies: &[String]) -> Option<String> {
    let names: BTreeSet<&str> = all(record).flat_map(names).collect();
    // A field that this kernel lacks may vary on another.
    let elsewhere = |name: &str| is_field(name) && !record.checkpoints.is_empty();
    let known = |name: &str| names.contains(name) || elsewhere(name);
    let wrong = varies.iter().find(|name| !known(name))?;
    (record.skipped.is_none()).then(|| {
        let near = nearest(wrong, names.iter().copied());
        format!("`varies` names `{wrong}`, which is no field, value, mapping or line of it{near}")
    })
}

/// The record, and those of its companions, which have none.
fn all(record: &Record) -> impl Iterator<Item = &Record> {
    once(record).chain(record.companions.values())
}

fn names(record: &Record) -> impl Iterator<Item = &str> {
    let at_checkpoints = record.checkpoints.iter().flat_map(|checkpoint| {
        let named = checkpoint.values.keys().chain(checkpoint.addresses.keys());
        let fields = fields::printed(&checkpoint.proc).filter(|name| !name.contains(' '));
        named.map(String::as_str).chain(fields)
    });
    let racing = printed(record).filter_map(|line| Some(line.split_once(": ")?.0));
    let values = record.values.keys().map(String::as_str);
    values.chain(racing).chain(at_checkpoints)
}

/// The numbers that name something, and what stands for each.
fn ids(first: usize, all: impl Iterator<Item = String>) -> Ids {
    let mut ids = Ids::new();
    for id in all {
        let next = first + ids.len();
        ids.entry(id).or_insert(next.to_string());
    }
    ids
}

fn processes(record: &Record) -> impl Iterator<Item = String> {
    let checkpoints = record.checkpoints.iter();
    let others = checkpoints.flat_map(|checkpoint| checkpoint.processes.values());
    let threads = printed(record).filter_map(|line| Some(THREAD.captures(line)?[1].to_owned()));
    let pids = once(record.pid).chain(others.map(|other| other.pid));
    pids.map(|pid| pid.to_string()).chain(threads)
}

fn inodes(record: &Record) -> impl Iterator<Item = String> {
    let files = record.checkpoints.iter().flat_map(|checkpoint| {
        let others = checkpoint.processes.values().map(|other| &other.proc);
        once(&checkpoint.proc).chain(others)
    });
    let headers = files.flat_map(|proc| proc.maps.lines());
    let inodes = headers.filter_map(|line| Some(HEADER.captures(line)?[2].to_owned()));
    inodes.filter(|inode| inode != "0")
}

struct StandIns<'a> {
    processes: Ids,
    inodes: Ids,
    varies: &'a [String],
    /// The session's folder, where another build had one of its name.
    folder: Regex,
}

impl StandIns<'_> {
    fn varies(&self, name: &str) -> bool {
        self.varies.iter().any(|known| known == name)
    }

    fn replace(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.replace(value)),
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut() {
                    match (name.as_str(), &mut *value) {
                        ("pid", Value::Number(pid)) => {
                            let stand_in = self.processes.get(&pid.to_string());
                            if let Some(Ok(number)) = stand_in.map(|id| id.parse::<u32>()) {
                                *value = number.into();
                            }
                        }
                        ("date", Value::String(date)) => DAY.clone_into(date),
                        (name, Value::String(text)) if self.varies(name) => *text = ones(text),
                        // The states of a mapping's pages.
                        (name, Value::Array(runs)) if self.varies(name) => one_run(runs),
                        (_, value) => self.replace(value),
                    }
                }
            }
            _ => {}
        }
    }

    /// A text of several lines. A shell has the folders of processes in the order
    /// of their ids, and so has this.
    fn text(&self, text: &str) -> String {
        let mut lines: Vec<String> = text.split('\n').map(|line| self.line(line)).collect();
        let of_process = |line: &String| line.starts_with("/proc/");
        for run in lines.chunk_by_mut(|one, other| of_process(one) && of_process(other)) {
            run.sort();
        }
        lines.join("\n")
    }

    fn line(&self, line: &str) -> String {
        if let Some((name, value)) = line.split_once(" = ")
            && self.varies(name)
        {
            return format!("{name} = {}", ones(value));
        }
        if let Some((name, value)) = line.split_once(':')
            && value.ends_with(" kB")
            && self.varies(name)
        {
            return format!("{name}:{}", ones(value));
        }
        let Some((_, [before, inode, name])) = HEADER.captures(line).map(|found| found.extract())
        else {
            return self.words(line);
        };
        // With the name in the column where the kernel puts it.
        let stand_in = self.inodes.get(inode).map_or(inode, String::as_str);
        let shorter = inode.len().saturating_sub(stand_in.len());
        let padding = if name.trim().is_empty() { 0 } else { shorter };
        format!("{before}{stand_in}{:padding$}{}", "", self.words(name))
    }

    /// Another build at the same time gets another folder: `NAME.1`.
    fn words(&self, line: &str) -> String {
        let line = &self.folder.replace_all(line, "$1/");
        let replace = |found: &Captures| {
            let (word, range) = (&found[0], found.get_match().range());
            let stand_in = self.stand_in(&line[..range.start], word);
            let stand_in = stand_in.filter(|_| !UNIT.is_match(&line[range.end..]));
            stand_in.unwrap_or(word).to_owned()
        };
        WORD.replace_all(line, replace).into_owned()
    }

    /// What stands for a word behind this text. A short number may be anything,
    /// and counts only where the text calls it a process.
    fn stand_in(&self, before: &str, word: &str) -> Option<&str> {
        let long = word.len() >= 5;
        let process = self.processes.get(word);
        let process = process.filter(|_| long || CALLED.is_match(before));
        let inode = || self.inodes.get(word).filter(|_| long);
        process.or_else(inode).map(String::as_str)
    }

    /// Lines such as `anna: 1`, which come in whatever order, in one order.
    fn in_order(&self, transcript: &mut [Moment]) {
        let lines = transcript.iter_mut().filter_map(|moment| match moment {
            Moment::Printed(line) => Some(line),
            Moment::Pressed(_) => None,
        });
        let mut places: Vec<&mut String> = lines.collect();
        places.retain(|line| {
            line.split_once(": ")
                .is_some_and(|(name, _)| self.varies(name))
        });
        let mut lines: Vec<String> = places.iter().map(|line| (**line).clone()).collect();
        lines.sort();
        for (place, line) in places.into_iter().zip(lines) {
            *place = line;
        }
    }
}

/// The states of as many pages, all alike.
fn one_run(runs: &mut Vec<Value>) {
    let pages: u64 = runs.iter().filter_map(|run| run["pages"].as_u64()).sum();
    let Some(first) = runs.first_mut() else {
        return;
    };
    first["pages"] = pages.into();
    for state in first["state"].as_object_mut().into_iter().flatten() {
        *state.1 = false.into();
    }
    runs.truncate(1);
}

/// The text with 1 for each number; where the number ends a padded column, so
/// does the 1.
fn ones(text: &str) -> String {
    let one = |found: &Captures| match found.get(1) {
        Some(gap) => format!("{}{:>2$}", gap.as_str(), 1, found[2].len()),
        None => "1".to_owned(),
    };
    NUMBER.replace_all(text, one).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(varies: &[&str], change: impl FnOnce(&mut Record)) -> Record {
        let mut record = super::super::sample("", "");
        change(&mut record);
        let varies: Vec<String> = varies.iter().map(|name| (*name).to_owned()).collect();
        with_stand_ins(&record, &varies).expect("a record")
    }

    #[test]
    fn an_id_has_a_stand_in_and_an_amount_has_none() {
        let record = shown(&[], |record| {
            record.pid = 308;
            record.transcript = vec![Moment::Printed(
                "process id 308 has 308 kB in /proc/308/maps, 3080".to_owned(),
            )];
        });
        assert_eq!(record.pid, 1001);
        let line = "process id 1001 has 308 kB in /proc/1001/maps, 3080";
        assert_eq!(record.transcript, [Moment::Printed(line.to_owned())]);
        assert_eq!(record.environment.date, DAY);
    }

    #[test]
    fn a_name_stays_in_its_column() {
        let line = "7ffff7fbc000-7ffff7fbd000 rw-s 00000000 00:01 1079277                    /memfd:one (deleted)";
        let none = "7ffff7fbc000-7ffff7fbd000 rw-p 00000000 00:00 0 ";
        let record = shown(&[], |record| {
            record.checkpoints[0].proc.maps = format!("{line}\n{none}\n");
        });
        let (maps, column) = (&record.checkpoints[0].proc.maps, line.find('/'));
        let mut lines = maps.lines();
        let shown = lines.next().expect("a line");
        assert!(shown.contains(" 00:01 101  "), "{shown}");
        assert_eq!(shown.find('/'), column);
        assert_eq!(lines.next(), Some(none));
    }

    #[test]
    fn what_varies_is_in_the_record() {
        let mut record = super::super::sample("Rss: 0 kB\n", "Rss: 4 kB\n");
        record.transcript = vec![Moment::Printed("anna: 1".to_owned())];
        let told = |record: &Record, name: &str| unknown(record, &[name.to_owned()]);
        for name in [
            "Rss", "VmRSS", "memory", "touched", "median", "anna", "VmPin",
        ] {
            assert_eq!(told(&record, name), None);
        }
        for (name, meant) in [
            ("rss", "`Rss`"),
            ("medain", "`median`"),
            ("ana", "`anna`"),
            ("listing", ""),
            ("pid", ""),
        ] {
            let what = told(&record, name).expect(name);
            assert!(
                what.contains(&format!("`{name}`")) && what.contains(meant),
                "{what}"
            );
        }
        record.skipped = Some("needs swap".to_owned());
        assert_eq!(told(&record, "medain"), None);
    }

    #[test]
    fn what_varies_is_one_and_in_order() {
        let lines = |lines: [&str; 4]| lines.map(|line| Moment::Printed(line.to_owned()));
        let record = shown(&["anna", "ben", "taken", "VmRSS"], |record| {
            record.transcript =
                lines(["ben: 1", "taken = 2832", "anna: 1", "left = 1413 ns"]).into();
        });
        let expected = lines(["anna: 1", "taken = 1", "ben: 1", "left = 1413 ns"]);
        assert_eq!(record.transcript, expected);
        let status = &record.checkpoints[0].proc.status;
        assert!(status.contains("VmRSS:\t       1 kB\n"), "{status}");
    }
}
