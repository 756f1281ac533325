//! `cargo lab`: what the maintainers of the book call, and no reader.
//!
//! It knows other machines: kernels in QEMU (`kernels`), settings of this one
//! (`settings`), and time (`bench`). It does not know
//! how a book is built, which `xtask` does, nor what a claim says: what it asks of
//! another machine is a plan that `gate` has read from the book.

mod bench;
mod check;
mod kernels;
mod settings;
mod verdicts;

use std::path::Path;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};
use reading::Plan;
use xtask::build;

/// Try the book *Memory, Mapped* on other machines, and measure it.
#[derive(Parser)]
#[command(name = "cargo lab", bin_name = "cargo lab")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Ask the book's claims of Debian's kernels, in QEMU, and write what holds
    /// where
    Kernels {
        /// Only these
        #[arg(value_parser = PossibleValuesParser::new(kernels::names()))]
        names: Vec<String>,
    },
    /// Ask them under other settings of this machine: limits, huge pages, a full
    /// disk, …
    Settings {
        /// Change settings of the whole system, too, and restore them
        #[arg(long)]
        system: bool,
        /// How many times each
        #[arg(long, default_value_t = 1)]
        times: u32,
        /// Only these
        #[arg(value_parser = PossibleValuesParser::new(settings::names()))]
        names: Vec<String>,
    },
    /// Run every session and check every claim, without making pages
    Check,
    /// The same so many times, as this user and, by root, as an ordinary one
    Soak {
        /// How many times
        times: u32,
    },
    /// Measure how fast the book is built
    Bench {
        /// Compile from nothing, too, which takes minutes
        #[arg(long)]
        cold: bool,
    },
    /// Print what the finished pages cost in Chromium, and how fast they are
    Pages,
}

/// Does what the arguments say.
#[must_use]
pub fn main() -> ExitCode {
    xtask::main_of(Cli::parse, |root, cli| match cli.task {
        Task::Kernels { names } => kernels::kernels(root, &names),
        Task::Settings {
            system,
            times,
            names,
        } => settings::settings(root, system, times, &names),
        Task::Check => check::check(root),
        Task::Soak { times } => settings::settings(root, false, times, &["as-it-is".to_owned()]),
        Task::Bench { cold } => bench::bench(root, cold),
        Task::Pages => xtask::test::browser::measure(root),
    })
}

/// All that the book asks of its listings.
fn plan(root: &Path) -> anyhow::Result<Plan> {
    let book = build::load(root)?;
    gate::plan(root, &book.config.book.src, &book.book)
}

/// Whether it was named on the command line, or nothing was.
fn is_meant(name: &str, names: &[String]) -> bool {
    names.is_empty() || names.iter().any(|each| each == name)
}
