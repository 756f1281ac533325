//! Booting a guest, and hearing what it says.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use session::KEEP;

use super::guest::Guest;
use super::kernels::Kernel;
use super::report::Report;
use crate::test::needs::install_programs;

/// How long a guest may take, all in all.
const LIMIT: Duration = Duration::from_secs(1800);

/// Boots a guest, lets it do its work and takes its report. QEMU runs under a
/// keeper, which ends it after a time, and when this process ends.
pub fn run(kernel: &Kernel, guest: &Guest) -> anyhow::Result<Report> {
    let machine = kernel.machine;
    install_programs(&[(machine.qemu, machine.qemu_package)])?;
    let start = Instant::now();
    let mut qemu = Command::new("/proc/self/exe")
        .arg0(KEEP)
        .args([&LIMIT.as_secs().to_string(), machine.qemu])
        .args(machine.options)
        // Not KVM: the same everywhere, and a guest of another architecture.
        .args(["-accel", "tcg", "-smp", "2", "-m", "2048"])
        .args([
            "-nodefaults",
            "-nographic",
            "-no-reboot",
            "-serial",
            "stdio",
        ])
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
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start a keeper for QEMU")?;
    let mut report = Report::default();
    let log = guest.initramfs.with_file_name("console.log");
    let mut console =
        File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    if let Some(output) = qemu.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line.context("cannot read what the guest prints")?;
            console.write_all(&line)?;
            console.write_all(b"\n")?;
            report.take(&String::from_utf8_lossy(&line), start.elapsed());
        }
    }
    let status = qemu.wait().context("cannot wait for QEMU")?;
    if status.code() == Some(124) {
        bail!(
            "the guest {} did not finish within {} s; it printed:\n{}",
            kernel.name,
            LIMIT.as_secs(),
            report.tail()
        );
    }
    if !status.success() || !report.is_complete() {
        bail!(
            "the guest {} ended before its work was done, and {} with {status}; it printed:\n{}",
            kernel.name,
            machine.qemu,
            report.tail()
        );
    }
    Ok(report)
}
