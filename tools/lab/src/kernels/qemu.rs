//! Booting a guest, and hearing what it says.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use session::KEEP;

use super::all::Kernel;
use super::report::Report;
use crate::verdicts::tail;
use xtask::needs;

/// How many seconds a guest may take, all in all.
const LIMIT: u32 = 1800;

/// Boots a guest, lets it do its work and takes its report. QEMU runs under a
/// keeper, which ends it after a time, and when this process ends.
pub fn run(root: &Path, kernel: &Kernel, guest: &Path) -> anyhow::Result<Report> {
    let machine = kernel.machine;
    let (qemu, package) = machine.qemu;
    needs::programs(root, &format!("{qemu}={package}"))?;
    let log = guest.join("console.log");
    let status = Command::new("/proc/self/exe")
        .arg0(KEEP)
        .args([&LIMIT.to_string(), qemu])
        .args(machine.options.split(' '))
        // Not KVM: the same everywhere, and a guest of another architecture.
        .args(["-accel", "tcg", "-smp", "2", "-m", "2048"])
        .args(["-nodefaults", "-nographic", "-no-reboot", "-serial"])
        .arg("file:console.log")
        .args(["-kernel", "vmlinuz", "-initrd", "initramfs.cpio", "-append"])
        .arg(format!(
            "console={} loglevel=1 quiet panic=-1",
            machine.console
        ))
        .current_dir(guest)
        .stdin(Stdio::null())
        .status()
        .context("cannot start a keeper for QEMU")?;
    let printed = fs::read(&log).with_context(|| format!("cannot read {}", log.display()))?;
    let report = Report::of(&String::from_utf8_lossy(&printed));
    let ended = match status.code() {
        Some(124) => format!("did not finish within {LIMIT} s"),
        _ => format!("ended before its work was done, with {status}"),
    };
    if !status.success() || !report.is_complete() {
        let (name, tail) = (kernel.name, tail(&report.others));
        bail!("the guest {name} {ended}; it printed:\n{tail}");
    }
    Ok(report)
}
