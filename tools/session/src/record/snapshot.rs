//! What the kernel says of a process that waits at a checkpoint.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

use serde::{Deserialize, Serialize};

use super::{Mapping, showable};

/// Raw text of the kernel's files about one process; see proc(5).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ProcFiles {
    pub maps: String,
    pub smaps: String,
    pub smaps_rollup: String,
    pub status: String,
    pub stat: String,
    pub limits: String,
}

/// The pages of mappings, by the names of their addresses, run-length encoded.
pub type Pages = BTreeMap<String, Vec<PageRun>>;

/// Neighbouring pages in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRun {
    /// How many pages.
    pub pages: u64,
    /// Their state.
    pub state: PageState,
}

/// One page, by the flags of `/proc/PID/pagemap`; see
/// `Documentation/admin-guide/mm/pagemap.rst`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageState {
    /// Bit 63: there is a page of memory behind this address.
    pub present: bool,
    /// Bit 62: its content is in swap.
    pub swapped: bool,
    /// Bit 61: it belongs to a file or to shared memory.
    pub file_or_shared: bool,
    /// Bit 56: mapped here and nowhere else.
    pub exclusive: bool,
}

/// What is told of a file of `/proc` that could not be read.
fn unreadable(path: &str, error: &io::Error) -> String {
    let advice = match error.kind() {
        io::ErrorKind::NotFound => {
            "; the book needs /proc mounted, and a kernel with CONFIG_PROC_PAGE_MONITOR"
        }
        io::ErrorKind::PermissionDenied => {
            "; a process may read this of its own user's processes: is the program set-user-ID, or /proc restricted?"
        }
        _ => "",
    };
    format!("cannot read {path}: {error}{advice}")
}

impl ProcFiles {
    /// Reads them all, from a process that does not move.
    pub fn read(pid: u32) -> Result<Self, String> {
        let read = |name: &str| {
            let path = format!("/proc/{pid}/{name}");
            let bytes = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
            Ok::<_, String>(kernel_text(&bytes))
        };
        Ok(Self {
            maps: read("maps")?,
            smaps: read("smaps")?,
            smaps_rollup: read("smaps_rollup")?,
            status: read("status")?,
            stat: read("stat")?,
            limits: read("limits")?,
        })
    }

    /// How many bytes those are that grow with the mappings.
    pub fn size(&self) -> usize {
        self.maps.len() + self.smaps.len()
    }
}

/// The text of a file of `/proc`. The names of files and processes that stand in
/// it may be any bytes but a line feed, which the kernel writes as `\012`: what a
/// page could not show becomes U+FFFD.
pub fn kernel_text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    // Nearly always; and it is most of what a session reads.
    let plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    if bytes.iter().all(plain) {
        return text.into_owned();
    }
    text.replace(|c| !showable(c), "\u{fffd}")
}

/// The largest mapping whose pages are looked at one by one: 1 GiB of 4 KiB
/// pages.
const MOST_PAGES: u64 = 1 << 18;

/// The state of every page of the mappings that the addresses point into. A
/// mapping that is gone, or too large, has none.
pub fn page_states(
    pid: u32,
    addresses: &BTreeMap<String, u64>,
    smaps: &str,
    page_size: u64,
) -> Result<Pages, String> {
    let path = format!("/proc/{pid}/pagemap");
    let fail = |error| unreadable(&path, &error);
    let pagemap = File::open(&path).map_err(fail)?;
    let mut states = BTreeMap::new();
    for (name, address) in addresses {
        let Ok(mapping) = Mapping::holding(*address, smaps) else {
            continue;
        };
        let count = (mapping.end - mapping.start) / page_size;
        if count > MOST_PAGES {
            continue;
        }
        let mut entries = vec![0; usize::try_from(count * 8).unwrap_or_default()];
        match pagemap.read_exact_at(&mut entries, mapping.start / page_size * 8) {
            Ok(()) => drop(states.insert(name.clone(), runs(&entries))),
            // The kernel's own page, [vsyscall], lies behind the last entry.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(error) => return Err(fail(error)),
        }
    }
    Ok(states)
}

/// Run-length encoding of pagemap entries, eight bytes each.
fn runs(entries: &[u8]) -> Vec<PageRun> {
    let mut runs: Vec<PageRun> = Vec::new();
    for entry in entries.as_chunks().0 {
        let bits = u64::from_ne_bytes(*entry);
        let bit = |number: u32| bits >> number & 1 == 1;
        let state = PageState {
            present: bit(63),
            swapped: bit(62),
            file_or_shared: bit(61),
            exclusive: bit(56),
        };
        match runs.last_mut() {
            Some(run) if run.state == state => run.pages += 1,
            _ => runs.push(PageRun { pages: 1, state }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_a_page_can_show() {
        assert_eq!(
            kernel_text(b"Name:\ta\r\x1b\xff\xe2\x80\xae \xc3\xa9\n"),
            "Name:\ta\u{fffd}\u{fffd}\u{fffd}\u{fffd} é\n"
        );
    }

    #[test]
    fn neighbours_in_one_state_are_one_run() {
        let touched = 1_u64 << 63 | 1 << 56;
        let bytes: Vec<u8> = [touched, touched, 0, 0, 0, touched]
            .iter()
            .flat_map(|entry| entry.to_ne_bytes())
            .collect();
        let runs = runs(&bytes);
        let counts: Vec<(u64, bool)> = runs.iter().map(|r| (r.pages, r.state.present)).collect();
        assert_eq!(counts, [(2, true), (3, false), (1, true)]);
        assert!(runs[0].state.exclusive);
    }
}
