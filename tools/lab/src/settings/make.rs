//! Makes a setting, or tells why it cannot be made here.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, bail};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

use super::all::Make;
use super::guardian::Guardian;
use super::trial::Workplace;

/// A setting that is made.
#[derive(Default)]
pub struct Made {
    /// Words before a command, for the user who runs it.
    pub under: &'static [&'static str],
    /// Words before the change of the user.
    pub by_root: &'static [&'static str],
    /// The list of the listings' programs, if it is another one.
    pub programs: Option<PathBuf>,
    /// What a process does before it becomes a command.
    before: Option<Arc<dyn Fn() -> io::Result<()> + Send + Sync>>,
    guardian: Option<Guardian>,
}

/// Calls that kernels of some years ago do not have, and containers forbid:
/// userfaultfd(2), mseal(2), pkey_alloc(2) and its siblings. mseal has the same
/// number everywhere; the libc crate does not have it yet.
const NEWER: [libc::c_long; 5] = [
    libc::SYS_userfaultfd,
    462,
    libc::SYS_pkey_mprotect,
    libc::SYS_pkey_alloc,
    libc::SYS_pkey_free,
];

/// The error is the reason why it is not tried here.
pub fn make(make: &Make, system: bool, place: &Workplace) -> anyhow::Result<Made> {
    let mut made = Made::default();
    match make {
        Make::Under(words) => made.under = words,
        Make::ByRoot(_) if !rustix::process::geteuid().is_root() => {
            bail!("needs the rights of root");
        }
        Make::ByRoot(words) => made.by_root = words,
        Make::AroundListings(words) => made.programs = Some(around_listings(words, place)?),
        Make::HugePagesOff => {
            let off = || Ok(rustix::thread::disable_transparent_huge_pages(true)?);
            made.before = Some(Arc::new(off));
        }
        Make::Refused(errno) => {
            let filter = filter(*errno).context("seccomp")?;
            let apply = move || {
                let applied = seccompiler::apply_filter(&filter);
                applied.map_err(|_| io::Error::last_os_error())
            };
            made.before = Some(Arc::new(apply));
        }
        Make::OfSystem(..) if !system => bail!("--system changes it for the time being"),
        Make::OfSystem(guardian, file, value) => {
            let file = place.root.join(file);
            made.guardian = Some(Guardian::start(guardian, &file, value)?);
        }
    }
    Ok(made)
}

impl Made {
    /// Has a command start in the setting, as far as words and variables do not.
    pub fn apply(&self, command: &mut Command) {
        let Some(before) = self.before.clone() else {
            return;
        };
        // SAFETY: prctl(2) and seccomp(2) are bare system calls; nothing is
        // allocated or locked between fork and exec.
        unsafe { command.pre_exec(move || before()) };
    }

    /// Restores what was changed, and looks whether that is so.
    pub fn undo(self) -> anyhow::Result<()> {
        self.guardian.map_or(Ok(()), Guardian::restore)
    }
}

fn filter(errno: i32) -> Result<BpfProgram, seccompiler::BackendError> {
    SeccompFilter::new(
        NEWER.iter().map(|call| (*call, Vec::new())).collect(),
        SeccompAction::Allow,
        SeccompAction::Errno(errno.unsigned_abs()),
        std::env::consts::ARCH.try_into()?,
    )?
    .try_into()
}

/// A script in the place of each listing's program; the new list of programs.
fn around_listings(words: &str, place: &Workplace) -> anyhow::Result<PathBuf> {
    let folder = place.folder.join("around");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let mut scripts = BTreeMap::new();
    for (listing, program) in &place.programs {
        let script = folder.join(listing);
        symlink(program, script.with_extension("program"))?;
        let text = format!("#!/bin/sh\nexec {words} \"$0.program\" \"$@\"\n");
        fs::write(&script, text)?;
        fs::set_permissions(&script, PermissionsExt::from_mode(0o755))?;
        scripts.insert(listing, script);
    }
    let list = folder.join("programs.json");
    fs::write(&list, serde_json::to_vec(&scripts)?).context("cannot write the list of programs")?;
    Ok(list)
}
