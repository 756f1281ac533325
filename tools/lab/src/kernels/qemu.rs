//! Booting a guest, and hearing what it says.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use session::KEEP;

use super::all::Kernel;
use super::guest::Guest;
use super::report::Report;
use xtask::needs;

/// How long a guest may take, all in all.
const LIMIT: Duration = Duration::from_secs(1800);

/// Boots a guest, lets it do its work and takes its report. QEMU runs under a
/// keeper, which ends it after a time, and when this process ends.
pub fn run(root: &Path, kernel: &Kernel, guest: &Guest) -> anyhow::Result<Report> {
    let machine = kernel.machine;
    needs::programs(root, &[(machine.qemu, machine.qemu_package)])?;
    let log = guest.initramfs.with_file_name("console.log");
    let status = Command::new("/proc/self/exe")
        .arg0(KEEP)
        .args([&LIMIT.as_secs().to_string(), machine.qemu])
        .args(machine.options)
        // Not KVM: the same everywhere, and a guest of another architecture.
        .args(["-accel", "tcg", "-smp", "2", "-m", "2048"])
        .args(["-nodefaults", "-nographic", "-no-reboot", "-serial"])
        .arg(format!("file:{}", log.display()))
        .arg("-kernel")
        .arg(&guest.kernel)
        .arg("-initrd")
        .arg(&guest.initramfs)
        .arg("-append")
        .arg(format!(
            "console={} loglevel=1 quiet panic=-1",
            machine.console
        ))
        .stdin(Stdio::null())
        .status()
        .context("cannot start a keeper for QEMU")?;
    let printed = fs::read(&log).with_context(|| format!("cannot read {}", log.display()))?;
    let report = Report::of(&String::from_utf8_lossy(&printed));
    let ended = match status.code() {
        Some(124) => format!("did not finish within {} s", LIMIT.as_secs()),
        _ => format!("ended before its work was done, with {status}"),
    };
    if !status.success() || !report.is_complete() {
        bail!(
            "the guest {} {ended}; it printed:\n{}",
            kernel.name,
            report.tail()
        );
    }
    Ok(report)
}
