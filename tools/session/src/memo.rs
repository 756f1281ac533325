//! What one process keeps from build to build, while it serves.
//!
//! A record is taken again only if a session now would be given the very same:
//! programs, session, commands and machine. A build of its own has none of
//! this: all its captures are fresh.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::compile::Compiled;
use crate::environment::Environment;
use crate::record::Record;
use crate::records::Commands;
use crate::session::Session;

/// Kept records, and where the compiled listings are.
#[derive(Debug, Default)]
pub struct Memo {
    records: Mutex<BTreeMap<String, (Basis, Arc<Record>)>>,
    compiled: Mutex<Option<(Vec<Stamp>, Arc<Compiled>)>>,
}

/// All that a session is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Basis {
    /// The programs, and the stored record.
    pub files: Vec<Stamp>,
    pub session: Session,
    pub commands: Commands,
    pub environment: Environment,
}

/// Tells a file from any other, and from what it was before it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    path: PathBuf,
    /// Its device and number, its size, and when it changed.
    is: (u64, u64, u64, i64, i64),
}

impl Stamp {
    pub fn of(path: &Path) -> io::Result<Self> {
        let is = fs::metadata(path)?;
        // Not the time of modification, which a program can set.
        let changed = (is.ctime(), is.ctime_nsec());
        Ok(Self {
            path: path.to_owned(),
            is: (is.dev(), is.ino(), is.size(), changed.0, changed.1),
        })
    }
}

impl Memo {
    /// The record of a listing: the one that is known if it was made of the same, or
    /// else what a session leaves now.
    pub fn record<E>(
        &self,
        listing: &str,
        basis: Basis,
        session: impl FnOnce() -> Result<Record, E>,
    ) -> Result<Arc<Record>, E> {
        let records = || self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let known = records().get(listing).cloned();
        let known = known.filter(|(known, _)| *known == basis);
        let known = known.map(|(_, record)| record);
        // What a machine lacked for a session may have come: that is tried again.
        if let Some(record) = known.as_ref().filter(|known| known.lacked().is_none()) {
            return Ok(Arc::clone(record));
        }
        let record = session()?;
        if let Some(known) = known.filter(|known| known.lacked() == record.lacked()) {
            return Ok(known);
        }
        let record = Arc::new(record);
        records().insert(listing.to_owned(), (basis, Arc::clone(&record)));
        Ok(record)
    }

    /// The compiled listings of the workspace at `root`, by `compile` unless no
    /// source has changed and every program is still there.
    pub fn compiled<E>(
        &self,
        root: &Path,
        compile: impl FnOnce() -> Result<Compiled, E>,
    ) -> Result<Arc<Compiled>, E> {
        // Taken before: what is saved while cargo runs counts as changed.
        let sources = sources(root).ok();
        let mut kept = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some((known, compiled)), Some(sources)) = (&*kept, &sources)
            && known == sources
            && compiled.programs.values().all(|program| program.exists())
        {
            return Ok(Arc::clone(compiled));
        }
        let compiled = Arc::new(compile()?);
        *kept = sources
            .filter(|_| compiled.failures.is_empty() && compiled.needed.is_empty())
            .map(|sources| (sources, Arc::clone(&compiled)));
        Ok(compiled)
    }
}

/// Everything that cargo compiles the listings from.
fn sources(root: &Path) -> io::Result<Vec<Stamp>> {
    let mut stamps = Vec::new();
    let top = ["Cargo.toml", "Cargo.lock", ".cargo", "listings"];
    let mut waiting: Vec<PathBuf> = top.iter().map(|name| root.join(name)).collect();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                waiting.push(entry?.path());
            }
        } else {
            stamps.extend(Stamp::of(&path).ok());
        }
    }
    stamps.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(stamps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    #[test]
    fn a_record_is_taken_again_only_if_it_was_made_of_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("program");
        fs::write(&program, "one").expect("written");
        let record = sample("", "");
        let basis = || Basis {
            files: vec![Stamp::of(&program).expect("a file")],
            session: Session::default(),
            commands: Commands::new(),
            environment: sample("", "").environment,
        };
        let memo = Memo::default();
        assert!(
            memo.record("listing", basis(), || Ok::<_, ()>(record))
                .is_ok()
        );
        let again = |basis: &Basis| memo.record("listing", basis.clone(), || Err(())).is_ok();
        assert!(again(&basis()));

        let mut other = basis();
        other.session.alone = true;
        assert!(!again(&other));
        let mut other = basis();
        other
            .commands
            .insert("mapped".to_owned(), ["ls".to_owned()].into());
        assert!(!again(&other));
        let mut other = basis();
        other.environment.huge_pages = Some("always".to_owned());
        assert!(!again(&other));
        fs::write(&program, "two").expect("written");
        assert!(!again(&basis()));
    }

    #[test]
    fn what_a_machine_lacks_is_asked_each_time() {
        let memo = Memo::default();
        let basis = |alone: bool| Basis {
            files: Vec::new(),
            session: Session {
                alone,
                ..Session::default()
            },
            commands: Commands::new(),
            environment: sample("", "").environment,
        };
        let keep = |alone: bool, record: &Record| {
            let record = memo.record("l", basis(alone), || Ok::<_, ()>(record.clone()));
            record.expect("a record")
        };
        let known = || memo.record("l", basis(false), || Err(())).is_ok();
        let fresh = sample("", "");
        let skipped = |why: &str| Record {
            skipped: Some(why.to_owned()),
            ..fresh.clone()
        };
        let stored = Record {
            stored: Some("needs swap".to_owned()),
            ..fresh.clone()
        };
        for lacking in [&skipped("needs swap"), &stored] {
            let first = keep(false, lacking);
            assert!(!known());
            assert!(Arc::ptr_eq(&first, &keep(false, lacking)));
            assert!(!Arc::ptr_eq(&first, &keep(true, lacking)));
        }
        let first = keep(false, &skipped("needs swap"));
        assert!(!Arc::ptr_eq(&first, &keep(false, &skipped("needs more"))));
        let first = keep(false, &fresh);
        assert!(known());
        assert!(Arc::ptr_eq(&first, &keep(false, &fresh)));
    }

    #[test]
    fn listings_are_compiled_again_if_a_source_has_changed_or_a_program_is_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let write = |name: &str, text: &str| {
            let path = root.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        };
        write("listings/a/b/src/main.rs", "one");
        write("program", "");
        let memo = Memo::default();
        let compiles = || {
            let mut called = false;
            let compiled = memo.compiled(root, || {
                called = true;
                Ok::<_, ()>(Compiled {
                    programs: [("b".to_owned(), root.join("program"))].into(),
                    ..Compiled::default()
                })
            });
            compiled.expect("compiled");
            called
        };
        assert!(compiles());
        assert!(!compiles());
        write("listings/a/b/src/main.rs", "two");
        assert!(compiles());
        write("listings/a/b/Cargo.toml", "");
        assert!(compiles());
        fs::remove_file(root.join("program")).expect("removed");
        assert!(compiles());
    }
}
