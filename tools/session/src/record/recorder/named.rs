//! What a listing has named so far.

use std::collections::BTreeMap;

use super::{SessionFailure, lines};
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
    kinds: BTreeMap<String, Kind>,
    /// The lines that no checkpoint has seen yet, by the name in each.
    unseen: BTreeMap<String, String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Address,
    Value,
    Process,
}

impl Named {
    /// Takes what a line names; tells the process, if it is one.
    pub fn take(&mut self, line: &str) -> Result<Option<u32>, SessionFailure> {
        if let Some((name, address)) = lines::address(line) {
            self.allow(name, Kind::Address, line)?;
            self.addresses.insert(name.to_owned(), address);
        } else if let Some((name, value)) = lines::value(line) {
            self.allow(name, Kind::Value, line)?;
            self.values.insert(name.to_owned(), value.to_owned());
        } else if let Some((name, pid)) = lines::process(line) {
            self.allow(name, Kind::Process, line)?;
            self.processes.insert(name.to_owned(), pid);
            return Ok(Some(pid));
        }
        Ok(None)
    }

    /// A name means one thing between two checkpoints, always of one kind, and
    /// never one of the kernel's.
    fn allow(&mut self, name: &str, kind: Kind, line: &str) -> Result<(), SessionFailure> {
        let (name, line) = (name.to_owned(), line.to_owned());
        if let Some(known) = reserved(&name) {
            let known = known.to_owned();
            return Err(SessionFailure::Reserved { line, known });
        }
        if *self.kinds.entry(name.clone()).or_insert(kind) != kind {
            return Err(SessionFailure::TwoKinds { name, line });
        }
        if self.kinds.len() > MOST_NAMES {
            return Err(SessionFailure::TooManyNames);
        }
        match self.unseen.insert(name, line.clone()) {
            Some(before) if before != line => Err(SessionFailure::Overwritten { before, line }),
            _ => Ok(()),
        }
    }

    /// A checkpoint has seen them.
    pub fn seen(&mut self) {
        self.unseen.clear();
    }

    /// No name is one of this kernel's own, which may be newer than those that are
    /// known.
    pub fn differ_from(&self, proc: &ProcFiles) -> Result<(), SessionFailure> {
        let mut names = self.kinds.keys();
        match names.find_map(|name| Some((name, prints(proc, name)?))) {
            None => Ok(()),
            Some((name, known)) => Err(SessionFailure::Reserved {
                line: name.clone(),
                known: known.to_owned(),
            }),
        }
    }
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
                    Err(failure) => return failure.to_string(),
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
        let failure = named
            .differ_from(&proc)
            .expect_err("the kernel's")
            .to_string();
        assert!(failure.contains("`VmNew`"), "{failure}");
    }
}
