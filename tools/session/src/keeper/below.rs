//! The processes below this one.

use std::fs;

use procfs_core::process::Stat;
use procfs_core::{FromRead, ProcResult};
use rustix::process::{self as proc, Pid, Signal, WaitOptions};

/// What the kernel says of a process.
pub fn stat(pid: u32) -> ProcResult<Stat> {
    Stat::from_file(format!("/proc/{pid}/stat"))
}

/// Every process below this one, by way of those of its children that count.
pub fn below(counts: impl Fn(&Stat) -> bool) -> Vec<Stat> {
    let all = fs::read_dir("/proc").into_iter().flatten();
    let mut stats: Vec<Stat> = all
        .filter_map(|entry| {
            let entry = entry.ok()?;
            // Only a process has a number for a name, and it may be gone
            // between the listing and the reading.
            stat(entry.file_name().to_str()?.parse().ok()?).ok()
        })
        .collect();
    let own = own_id();
    let mut found: Vec<Stat> = stats
        .extract_if(.., |stat| stat.ppid == own && counts(stat))
        .collect();
    let mut at = 0;
    while let Some(parent) = found.get(at).map(|stat| stat.pid) {
        found.extend(stats.extract_if(.., |stat| stat.ppid == parent));
        at += 1;
    }
    found
}

/// Kills all of them until none is left. What a killed process leaves is handed
/// to this subreaper, so that each round reaches further down.
pub fn end_below(counts: impl Fn(&Stat) -> bool) {
    let own = own_id();
    loop {
        let mut killed = below(&counts);
        // A dead one is waited for by its parent, and a program that runs as
        // another user cannot be ended.
        killed.retain(|stat| {
            let pid = Pid::from_raw(stat.pid);
            (stat.state != 'Z' || stat.ppid == own)
                && pid.is_some_and(|pid| proc::kill_process(pid, Signal::KILL).is_ok())
        });
        if killed.is_empty() {
            return;
        }
        for child in killed.iter().filter(|stat| stat.ppid == own) {
            let _ = proc::waitpid(Pid::from_raw(child.pid), WaitOptions::empty());
        }
    }
}

fn own_id() -> i32 {
    proc::getpid().as_raw_nonzero().get()
}
