//! `cargo xtask matrix`: whether the book is true on other machines.

mod settings;

use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::Context;
use capture::Plan;
use clap::Subcommand;
use cmdrun::Planner;

use crate::build;
use crate::check::Pages;

#[derive(Debug, Subcommand)]
pub enum Part {
    /// Other settings of this machine: limits, huge pages, namespaces, a full disk, …
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
        Some(Part::Settings { system, names }) => settings::settings(root, system, &names),
        None => settings::settings(root, false, &[]),
    }
}

/// All that the book asks of its listings.
fn plan(root: &Path) -> anyhow::Result<Plan> {
    let plan = Arc::new(Mutex::new(Plan::new()));
    let planner = Planner {
        plan: Arc::clone(&plan),
    };
    build::load_with(root, Path::new("book"), planner)?.preprocess_book(&Pages)?;
    let plan = plan.lock().ok().context("the book's plan is lost")?;
    Ok(plan.clone())
}
