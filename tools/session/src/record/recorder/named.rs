//! What a listing has named so far.

use std::collections::BTreeMap;

use super::lines;
use crate::record::ProcFiles;
use crate::record::fields::{prints, reserved};

/// The most addresses, values and processes that a listing may name: more than a
/// page can tell of, and a bound for a program that floods.
pub const MOST_NAMES: usize = 64;

/// Addresses, values and processes, by their names.
#[derive(Default)]
pub struct Named {
    pub addresses: BTreeMap<String, u64>,
    pub values: BTreeMap<String, String>,
    pub processes: BTreeMap<String, u32>,
    /// What each name is: `address`, `value` or `process`.
    kinds: BTreeMap<String, &'static str>,
    /// The lines that no checkpoint has seen yet, by the name in each.
    unseen: BTreeMap<String, String>,
}

impl Named {
    /// Takes what a line names; tells the process, if it is one.
    pub fn take(&mut self, line: &str) -> Result<Option<u32>, String> {
        if let Some((name, address)) = lines::address(line) {
            self.allow(name, "address", line)?;
            self.addresses.insert(name.to_owned(), address);
        } else if let Some((name, value)) = lines::value(line) {
            self.allow(name, "value", line)?;
            self.values.insert(name.to_owned(), value.to_owned());
        } else if let Some((name, pid)) = lines::process(line) {
            self.allow(name, "process", line)?;
            self.processes.insert(name.to_owned(), pid);
            return Ok(Some(pid));
        }
        Ok(None)
    }

    /// A name means one thing between two checkpoints, always of one kind, and
    /// never one of the kernel's.
    fn allow(&mut self, name: &str, kind: &'static str, line: &str) -> Result<(), String> {
        if let Some(known) = reserved(name) {
            return Err(taken(line, known));
        }
        if *self.kinds.entry(name.to_owned()).or_insert(kind) != kind {
            return Err(format!(
                "prints `{line}`, and named `{name}` before as something else; give each its own name"
            ));
        }
        if self.kinds.len() > MOST_NAMES {
            return Err(too_many());
        }
        match self.unseen.insert(name.to_owned(), line.to_owned()) {
            Some(before) if before != line => Err(format!(
                "prints `{before}`, and `{line}` with no checkpoint between them, so that nobody could look at the first; give each its own name"
            )),
            _ => Ok(()),
        }
    }

    /// A checkpoint has seen them.
    pub fn seen(&mut self) {
        self.unseen.clear();
    }

    /// No name is one of this kernel's own, which may be newer than those that are
    /// known.
    pub fn differ_from(&self, proc: &ProcFiles) -> Result<(), String> {
        let mut names = self.kinds.keys();
        let known = names.find_map(|name| Some(taken(name, prints(proc, name)?)));
        known.map_or(Ok(()), Err)
    }
}

fn taken(line: &str, known: &str) -> String {
    format!(
        "prints `{line}`, and `{known}` is a name of the kernel's or of the book's: a claim could not tell whose word it is; give it another name"
    )
}

pub fn too_many() -> String {
    format!(
        "names more than {MOST_NAMES} addresses, values, processes or checkpoints; a listing names the few that a page tells of"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(printed: &[&str]) -> String {
        let mut named = Named::default();
        for line in printed {
            match *line {
                "CHECKPOINT" => named.seen(),
                line => match named.take(line) {
                    Ok(_) => {}
                    Err(failure) => return failure,
                },
            }
        }
        String::new()
    }

    #[test]
    fn a_name_means_one_thing() {
        for (printed, reason) in [
            (&["Rss = 12345"][..], "prints `Rss = 12345`, and `Rss`"),
            (&["rss = 1"], "and `Rss` is"),
            (&["end at 0x1000"], "and `end` is"),
            (&["pid is process 7"], "and `Pid` is"),
            (&["vmflags = nh"], "and `VmFlags` is"),
            (
                &["a = 1", "a at 0x1000"],
                "named `a` before as something else",
            ),
            (
                &["a at 0x1000", "CHECKPOINT", "a is process 7"],
                "named `a` before as something else",
            ),
            (&["a = 1", "a = 2"], "`a = 1`, and `a = 2`"),
            (
                &["a at 0x1000", "b at 0x2000", "a at 0x3000"],
                "`a at 0x1000`, and `a at 0x3000`",
            ),
            (
                &["a = 1", "CHECKPOINT", "a = 2", "a = 3"],
                "`a = 2`, and `a = 3`",
            ),
        ] {
            assert!(
                told(printed).contains(reason),
                "{printed:?}: {}",
                told(printed)
            );
        }
        for fine in [
            &["a = 1", "a = 1"][..],
            &["a = 1", "CHECKPOINT", "a = 2"],
            &["a at 0x1000", "CHECKPOINT", "a at 0x2000", "rss_before = 7"],
            &["Rss is what Size = says"],
        ] {
            assert_eq!(told(fine), "");
        }
    }

    #[test]
    fn a_field_of_a_newer_kernel_is_not_printed() {
        let mut named = Named::default();
        assert!(named.take("vmnew = 1").is_ok());
        let mut proc = ProcFiles::default();
        assert!(named.differ_from(&proc).is_ok());
        proc.status = "VmNew:\t1 kB\n".to_owned();
        let failure = named.differ_from(&proc).expect_err("the kernel's");
        assert!(failure.contains("`VmNew`"), "{failure}");
    }
}
