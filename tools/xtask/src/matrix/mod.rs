//! `cargo xtask matrix`: whether the book is true on other machines.

mod archive;
mod debian;
mod guest;
mod kernels;
mod programs;
mod qemu;
mod report;
mod settings;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::{Context, bail};
use clap::Subcommand;
use gate::Planner;
use reading::{Plan, Verdict};
use session::Listings;

use crate::build;
use crate::check::Pages;
use guest::Guest;
use kernels::Kernel;
use programs::Programs;
use report::Report;

/// What the appendix *What holds where* includes.
const TABLE: &str = "src/appendices/what-holds-where.txt";

/// The kernel whose records the book shows where it cannot make its own.
const RECORDED_ON: &str = "6.12";

#[derive(Debug, Subcommand)]
pub enum Part {
    /// Debian's kernels, in QEMU
    Kernels {
        /// Only these
        names: Vec<String>,
    },
    /// Other settings of this machine: limits, huge pages, a full disk, …
    Settings {
        /// Change settings of the whole system, too, and restore them
        #[arg(long)]
        system: bool,
        /// Only these
        names: Vec<String>,
    },
}

/// Runs one part of the matrix, or all of it.
pub fn matrix(root: &Path, part: Option<Part>) -> anyhow::Result<()> {
    match part {
        Some(Part::Kernels { names }) => kernels(root, &names),
        Some(Part::Settings { system, names }) => settings::settings(root, system, &names),
        None => {
            settings::settings(root, false, &[])?;
            kernels(root, &[])
        }
    }
}

fn kernels(root: &Path, names: &[String]) -> anyhow::Result<()> {
    let chosen = kernels::named(names)?;
    let folder = root.join("target/matrix");
    let plan = plan(root)?;
    let mut programs: BTreeMap<&str, Programs> = BTreeMap::new();
    let mut reports = Vec::new();
    for kernel in &chosen {
        let architecture = kernel.machine.architecture;
        if !programs.contains_key(architecture) {
            programs.insert(architecture, Programs::compile(root, kernel.machine)?);
        }
        let guest = Guest::make(&folder, root, kernel, &programs[architecture], &plan)?;
        let report = qemu::run(kernel, &guest)?;
        tell(kernel, &report);
        if kernel.name == RECORDED_ON {
            store(root, &report)?;
        }
        reports.push((kernel.title, report));
    }
    // One table is of one day, and of all kernels.
    if names.is_empty() {
        let columns: Vec<_> = reports
            .iter()
            .map(|(title, report)| (*title, report))
            .collect();
        fs::write(root.join(TABLE), table::markdown(&columns))
            .with_context(|| format!("cannot write {TABLE}"))?;
        println!("\nwrote {TABLE}");
    }
    let failed: usize = reports.iter().map(|(_, report)| report.failures()).sum();
    if failed > 0 {
        bail!("{failed} listings fail");
    }
    Ok(())
}

/// Puts a guest's records beside the listings whose session files ask for it.
fn store(root: &Path, report: &Report) -> anyhow::Result<()> {
    let listings = Listings::of(root)?;
    for (name, record) in &report.records {
        let holds = report.root.as_ref().and_then(|root| root.get(name));
        if holds != Some(&Verdict::Holds) {
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

/// Prints what a guest reports.
fn tell(kernel: &Kernel, report: &Report) {
    println!(
        "\n== {}: {}, booted in {:.1} s, done in {:.1} s",
        kernel.name,
        report.machine,
        report.booted.as_secs_f64(),
        report.done.as_secs_f64()
    );
    for (user, verdicts) in report.users() {
        let mut held = 0;
        println!("  as {user}:");
        for (listing, verdict) in verdicts {
            match verdict {
                Verdict::Holds => held += 1,
                Verdict::Skipped(reason) => println!("    skipped {listing}: {reason}"),
                Verdict::Fails(messages) => {
                    println!("    FAILS {listing}\n      {}", messages.join("\n      "));
                }
            }
        }
        println!("    {held} of {} hold", verdicts.len());
    }
}

/// All that the book asks of its listings.
fn plan(root: &Path) -> anyhow::Result<Plan> {
    let plan = Arc::new(Mutex::new(Plan::new()));
    let planner = Planner {
        plan: Arc::clone(&plan),
    };
    build::load(root, Path::new("book"), planner)?.preprocess_book(&Pages)?;
    let plan = plan.lock().ok().context("the book's plan is lost")?;
    Ok(plan.clone())
}
