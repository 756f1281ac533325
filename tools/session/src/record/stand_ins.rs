//! Stand-ins for what is new in every session by its nature, so that two builds
//! can be compared byte by byte: process and thread ids, inode numbers, the day,
//! and what a session says of its listing, that it `varies`.
//!
//! They are for excerpts. Claims are checked on the record itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use text::nearest;

use super::fields::{is_field, printed};
use super::{Moment, Record};

/// What stands for the day.
const DAY: &str = "1970-01-01";

/// What stands before the id of a process.
const CALLED: &[&str] = &["/proc/", "process ", "process id ", "id:\t", "' ("];

/// Words behind a number that make it an amount, and no id.
const UNITS: &[&str] = &["kB", "page", "pages", "byte", "bytes", "ns", "faults"];

/// The record as an excerpt of a reproducible build has it. `varies` are the
/// names of fields, of printed values, and of lines such as `anna: 1`.
pub fn with_stand_ins(record: &Record, varies: &[String]) -> serde_json::Result<Record> {
    let mut ids = Ids::default();
    ids.of_processes(record);
    ids.of_files(record);
    let stand_ins = StandIns {
        ids,
        varies,
        folder: format!("/session-{}", record.listing),
    };
    let mut value = serde_json::to_value(record)?;
    stand_ins.replace(&mut value);
    let mut shown: Record = serde_json::from_value(value)?;
    stand_ins.in_order(&mut shown.transcript);
    Ok(shown)
}

/// What is wrong with the names of what varies: one that nothing in the record has.
pub fn unknown(record: &Record, varies: &[String]) -> Option<String> {
    let mut names = BTreeSet::new();
    all_names(record, &mut names);
    // A field that this kernel lacks may vary on another.
    let elsewhere = |name: &str| is_field(name) && !record.checkpoints.is_empty();
    let known = |name: &str| names.contains(name) || elsewhere(name);
    let wrong = varies.iter().find(|name| !known(name))?;
    (record.skipped.is_none()).then(|| {
        let near = nearest(wrong, names.iter().copied());
        format!("`varies` names `{wrong}`, which is no field, value, mapping or line of it{near}")
    })
}

fn all_names<'a>(record: &'a Record, names: &mut BTreeSet<&'a str>) {
    names.extend(record.values.keys().map(String::as_str));
    for moment in &record.transcript {
        if let Moment::Printed(line) = moment {
            names.extend(line.split_once(": ").map(|(name, _)| name));
        }
    }
    for checkpoint in &record.checkpoints {
        names.extend(checkpoint.values.keys().map(String::as_str));
        names.extend(checkpoint.addresses.keys().map(String::as_str));
        names.extend(printed(&checkpoint.proc).filter(|name| !name.contains(' ')));
    }
    for companion in record.companions.values() {
        all_names(companion, names);
    }
}

/// The numbers that name something, and what stands for each.
#[derive(Default)]
struct Ids {
    processes: BTreeMap<String, String>,
    inodes: BTreeMap<String, String>,
}

impl Ids {
    fn of_processes(&mut self, record: &Record) {
        self.process(record.pid.to_string());
        for checkpoint in &record.checkpoints {
            for process in checkpoint.processes.values() {
                self.process(process.pid.to_string());
            }
        }
        for moment in &record.transcript {
            // As Rust names a thread that has panicked.
            if let Moment::Printed(line) = moment
                && let Some(rest) = line.strip_prefix("thread '")
                && let Some((_, rest)) = rest.split_once("' (")
                && let Some((thread, _)) = rest.split_once(')')
            {
                self.process(thread.to_owned());
            }
        }
        for companion in record.companions.values() {
            self.of_processes(companion);
        }
    }

    fn process(&mut self, id: String) {
        let next = 1001 + self.processes.len();
        self.processes.entry(id).or_insert(next.to_string());
    }

    fn of_files(&mut self, record: &Record) {
        for checkpoint in &record.checkpoints {
            let others = checkpoint.processes.values().map(|other| &other.proc);
            for proc in std::iter::once(&checkpoint.proc).chain(others) {
                for inode in proc.maps.lines().filter_map(|line| header(line)?.inode()) {
                    let next = 101 + self.inodes.len();
                    let inode = inode.to_owned();
                    self.inodes.entry(inode).or_insert(next.to_string());
                }
            }
        }
        for companion in record.companions.values() {
            self.of_files(companion);
        }
    }

    /// What stands for a word behind this text. A short number may be anything,
    /// and counts only where the text calls it a process.
    fn stand_in(&self, before: &str, word: &str) -> Option<&str> {
        let long = word.len() >= 5;
        let process = long || CALLED.iter().any(|called| before.ends_with(called));
        let process = self.processes.get(word).filter(|_| process);
        let inode = || self.inodes.get(word).filter(|_| long);
        process.or_else(inode).map(String::as_str)
    }
}

/// The first line of a VMA in `maps` and `smaps`: what comes before the inode
/// number, and all from there on.
struct Header<'a> {
    before: &'a str,
    rest: &'a str,
}

fn header(line: &str) -> Option<Header<'_>> {
    let mut words = line.splitn(6, ' ');
    let (range, modes, ..) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let (start, end) = range.split_once('-')?;
    let hexadecimal = |text: &str| text.len() >= 8 && text.chars().all(|c| c.is_ascii_hexdigit());
    if modes.len() != 4 || !hexadecimal(start) || !hexadecimal(end) {
        return None;
    }
    let rest = words.next()?;
    let at = line.len() - rest.len() - words.next().map_or(0, |name| name.len() + 1);
    Some(Header {
        before: &line[..at],
        rest: &line[at..],
    })
}

impl<'a> Header<'a> {
    fn inode(&self) -> Option<&'a str> {
        self.rest.split(' ').next().filter(|inode| *inode != "0")
    }
}

struct StandIns<'a> {
    ids: Ids,
    varies: &'a [String],
    /// What the name of the session's folder begins with.
    folder: String,
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
                            let stand_in = self.ids.processes.get(&pid.to_string());
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
        match header(line) {
            Some(header) => self.header(&header),
            None => self.words(line),
        }
    }

    /// With the name in the column where the kernel puts it.
    fn header(&self, header: &Header) -> String {
        let (inode, name) = header.rest.split_once(' ').unwrap_or((header.rest, ""));
        let stand_in = self.ids.inodes.get(inode).map_or(inode, String::as_str);
        let shorter = inode.len().saturating_sub(stand_in.len());
        let padding = if name.trim().is_empty() { 0 } else { shorter };
        let (before, name) = (header.before, self.words(name));
        format!("{before}{stand_in} {:padding$}{name}", "")
    }

    /// Another build at the same time gets another folder: `NAME.s4Xk1d`.
    fn words(&self, line: &str) -> String {
        if let Some((before, rest)) = line.split_once(&self.folder)
            && let Some((suffix, rest)) = rest.split_once('/')
            && suffix.starts_with('.')
        {
            let folder = &self.folder;
            return format!("{}{folder}/{}", self.words(before), self.words(rest));
        }
        let mut replaced = String::new();
        let mut rest = line;
        while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
            replaced.push_str(&rest[..start]);
            rest = &rest[start..];
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
            let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
            let next = behind
                .trim_start()
                .split(|c: char| !c.is_ascii_alphabetic());
            let amount = next.take(1).any(|next| UNITS.contains(&next));
            let stand_in = self.ids.stand_in(&replaced, word).filter(|_| !amount);
            replaced.push_str(stand_in.unwrap_or(word));
            rest = behind;
        }
        replaced + rest
    }

    /// Lines such as `anna: 1`, which come in whatever order, in one order.
    fn in_order(&self, transcript: &mut [Moment]) {
        let racing = |moment: &&mut Moment| match moment {
            Moment::Printed(line) => line
                .split_once(": ")
                .is_some_and(|(name, _)| self.varies(name)),
            Moment::Pressed(_) => false,
        };
        let mut places: Vec<&mut Moment> = transcript.iter_mut().filter(racing).collect();
        let mut lines: Vec<Moment> = places.iter().map(|place| (**place).clone()).collect();
        lines.sort_by(|one, other| format!("{one:?}").cmp(&format!("{other:?}")));
        for (place, line) in places.iter_mut().zip(lines) {
            **place = line;
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
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let end = rest[start..].find(|c: char| !c.is_ascii_digit() && c != '.');
        let end = end.map_or(rest.len(), |end| start + end);
        let padded = ["  ", "\t ", "\t"]
            .iter()
            .any(|gap| rest[..start].ends_with(gap));
        let width = if padded { end - start } else { 1 };
        replaced.push_str(&rest[..start]);
        replaced.push_str(&format!("{:>width$}", 1));
        rest = &rest[end..];
    }
    replaced + rest
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
