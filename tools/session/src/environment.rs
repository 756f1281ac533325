//! The machine that a record was made on.

use std::fs;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

/// What a reader must know of the machine to compare it with their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Kernel release, as `uname -r` prints it.
    pub kernel: String,
    /// Machine hardware name, as `uname -m` prints it.
    pub architecture: String,
    /// Page size in bytes, from sysconf(3).
    pub page_size: u64,
    /// Mode of transparent huge pages; `None` where the kernel has none.
    pub huge_pages: Option<String>,
    /// `/proc/sys/vm/overcommit_memory`: 0, 1 or 2.
    pub overcommit: Option<u8>,
    /// Whether the effective user is root.
    pub root: bool,
    /// The day, in UTC, as `2026-11-24`.
    pub date: String,
}

impl Environment {
    /// This machine, now.
    pub fn here() -> Self {
        let uname = rustix::system::uname();
        let read = |path| fs::read_to_string(path).ok();
        let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        Self {
            kernel: uname.release().to_string_lossy().into_owned(),
            architecture: uname.machine().to_string_lossy().into_owned(),
            page_size: rustix::param::page_size() as u64,
            huge_pages: read("/sys/kernel/mm/transparent_hugepage/enabled")
                .and_then(|modes| chosen(&modes).map(str::to_owned)),
            overcommit: read("/proc/sys/vm/overcommit_memory")
                .and_then(|mode| mode.trim().parse().ok()),
            root: rustix::process::geteuid().is_root(),
            date: now.split('T').next().unwrap_or_default().to_owned(),
        }
    }
}

/// From here on, this thread and all that it starts has no randomised addresses;
/// see personality(2).
pub fn without_address_randomisation() -> std::io::Result<()> {
    // SAFETY: personality(2) takes no pointer; what changes is where the memory
    // of programs lies that are started from here on.
    let done = unsafe {
        let now = libc::personality(0xffff_ffff);
        #[expect(clippy::cast_sign_loss, reason = "-1 stays -1, and is refused")]
        libc::personality(now as libc::c_ulong | libc::ADDR_NO_RANDOMIZE as libc::c_ulong)
    };
    if done < 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok(())
}

/// The mode in brackets, in a file such as `always [madvise] never`.
fn chosen(modes: &str) -> Option<&str> {
    let (_, rest) = modes.split_once('[')?;
    rest.split_once(']').map(|(mode, _)| mode)
}

impl std::fmt::Display for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let user = if self.root {
            "root"
        } else {
            "an ordinary user"
        };
        let huge = self.huge_pages.as_deref().unwrap_or("not in this kernel");
        let overcommit = self.overcommit.map(|mode| mode.to_string());
        write!(
            f,
            "Linux {}, {}, {} KiB pages, transparent huge pages: {huge}, overcommit mode {}, as {user}, {}",
            self.kernel,
            self.architecture,
            self.page_size / 1024,
            overcommit.as_deref().unwrap_or("unknown"),
            self.date
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_a_reader_compares() {
        let environment = Environment {
            kernel: "6.18.1".to_owned(),
            architecture: "x86_64".to_owned(),
            page_size: 4096,
            huge_pages: chosen("always [madvise] never\n").map(str::to_owned),
            overcommit: Some(0),
            root: false,
            date: "2026-11-24".to_owned(),
        };
        assert_eq!(
            environment.to_string(),
            "Linux 6.18.1, x86_64, 4 KiB pages, transparent huge pages: madvise, \
             overcommit mode 0, as an ordinary user, 2026-11-24"
        );
    }
}
