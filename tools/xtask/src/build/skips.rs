//! `--deny-skips`: no listing is skipped, but those that are excepted by name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::bail;
use reading::records_folder;
use session::{Listings, Progress};

/// What a build skips, and what it may. A listing of which a page shows the
/// stored record is skipped, too.
pub struct Skips {
    except: BTreeSet<String>,
    /// Each listing, and why.
    found: Mutex<BTreeMap<String, String>>,
}

impl Skips {
    /// None but these may be skipped.
    pub fn except(root: &Path, except: &[String]) -> anyhow::Result<Self> {
        if let Some(folder) = records_folder() {
            bail!(
                "--deny-skips looks at sessions, and none is run: CAPTURE_RECORDS names the records in {}; unset it",
                folder.display()
            );
        }
        let listings = Listings::of(root)?;
        for name in except {
            listings.get(name)?;
        }
        Ok(Self {
            except: except.iter().cloned().collect(),
            found: Mutex::default(),
        })
    }

    /// Notes what a build tells.
    pub fn hear(&self, progress: Progress) {
        if let Progress::Skipped(listing, reason) = progress {
            self.found().insert(listing, reason);
        }
    }

    fn found(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails if a listing was skipped that may not be; tells of each that was not
    /// skipped and may be.
    pub fn check(&self) -> anyhow::Result<()> {
        let mut found = self.found().clone();
        for name in &self.except {
            if found.remove(name).is_none() {
                let _ = writeln!(
                    io::stderr(),
                    "  note: `{name}` was not skipped here; `--except {name}` is not needed"
                );
            }
        }
        if found.is_empty() {
            return Ok(());
        }
        let mut told = String::from("skipped, and --deny-skips allows it of no other listing:\n");
        let mut flags = String::new();
        for (listing, reason) in &found {
            writeln!(told, "  `{listing}`: {reason}")?;
            write!(flags, " --except {listing}")?;
        }
        bail!("{told}build where each has what it needs, or allow it by name:{flags}");
    }
}
