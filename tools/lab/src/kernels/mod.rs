//! `cargo lab kernels`: whether the book is true on other kernels.
//!
//! A guest (`guest`) is a kernel of `all` and a small Debian in memory, with the
//! listings. QEMU boots it (`qemu`), what it prints is its report (`report`), and of
//! all reports comes the table of an appendix (`table`).

mod all;
mod guest;
mod qemu;
mod report;
mod table;

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use reading::Verdict;
use session::Listings;
use xtask::say;

use all::{KERNELS, Kernel};
use report::Report;

use crate::verdicts::{failures, told};

/// What the appendix *What holds where* includes.
const TABLE: &str = "src/appendices/what-holds-where.txt";

/// The kernel whose records the book shows where it cannot make its own.
const RECORDED_ON: &str = "6.12";

/// The names of all kernels.
pub fn names() -> impl Iterator<Item = &'static str> {
    KERNELS.iter().map(|kernel| kernel.name)
}

/// Asks all that the book asks of the kernels of these names, or of all.
pub fn kernels(root: &Path, names: &[String]) -> anyhow::Result<()> {
    let is_meant = |kernel: &&Kernel| crate::is_meant(kernel.name, names);
    let folder = root.join("target/matrix");
    let plan = crate::plan(root)?;
    let mut reports = Vec::new();
    for kernel in KERNELS.iter().filter(is_meant) {
        let guest = guest::make(&folder, root, kernel, &plan)?;
        let report = qemu::run(root, kernel, &guest)?;
        say(&format!("\n== {}: {}", kernel.name, report.machine));
        for (user, verdicts) in &report.users {
            say(&format!("  {user}: {}", told(verdicts)));
        }
        if kernel.name == RECORDED_ON {
            store(root, &report)?;
        }
        reports.push((kernel.title, report));
    }
    // One table is of one day, and of all kernels.
    if names.is_empty() {
        fs::write(root.join(TABLE), table::markdown(&reports))
            .with_context(|| format!("cannot write {TABLE}"))?;
        say(&format!("\nwrote {TABLE}"));
    }
    let users = reports.iter().flat_map(|(_, report)| report.users.values());
    let failed: usize = users.map(failures).sum();
    if failed > 0 {
        bail!("{failed} listings fail");
    }
    Ok(())
}

/// Puts a guest's records beside the listings whose sessions ask for it.
fn store(root: &Path, report: &Report) -> anyhow::Result<()> {
    let listings = Listings::of(root)?;
    for (name, record) in &report.records {
        if report.verdicts(name)[0] != Some(&Verdict::Holds) {
            bail!(
                "the record of `{name}` is not stored: it does not hold on the kernel {RECORDED_ON}"
            );
        }
        let file = listings.get(name)?.folder.join("record.json");
        fs::write(&file, format!("{record}\n"))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}
