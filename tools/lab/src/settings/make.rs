//! Starts a command in a setting, where words before it do not do that.

use std::env::consts::ARCH;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use seccompiler::{BackendError, BpfProgram, SeccompAction, SeccompFilter};

use super::all::Make;

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

/// Has a command start in the setting.
pub fn apply(make: &Make, command: &mut Command) -> anyhow::Result<()> {
    let before: Box<dyn FnMut() -> io::Result<()> + Send + Sync> = match make {
        Make::HugePagesOff => {
            Box::new(|| Ok(rustix::thread::disable_transparent_huge_pages(true)?))
        }
        Make::Refused(errno) => {
            let filter = filter(*errno)?;
            Box::new(move || {
                let applied = seccompiler::apply_filter(&filter);
                applied.map_err(|_| io::Error::last_os_error())
            })
        }
        Make::Under(_) | Make::ByRoot(_) | Make::OfSystem(..) => return Ok(()),
    };
    // SAFETY: prctl(2) and seccomp(2) are bare system calls; nothing is
    // allocated or locked between fork and exec.
    unsafe { command.pre_exec(before) };
    Ok(())
}

fn filter(errno: i32) -> Result<BpfProgram, BackendError> {
    SeccompFilter::new(
        NEWER.iter().map(|call| (*call, Vec::new())).collect(),
        SeccompAction::Allow,
        SeccompAction::Errno(errno.unsigned_abs()),
        ARCH.try_into()?,
    )?
    .try_into()
}
