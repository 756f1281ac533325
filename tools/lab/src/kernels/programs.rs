//! The programs that run in a guest: the listings, and what checks them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use session::{Foreign, cargo_build};

use super::all::Machine;
use xtask::{must_succeed, needs};

/// What is compiled for one kind of machine.
pub struct Programs {
    pub listings: BTreeMap<String, PathBuf>,
    pub capture: PathBuf,
}

impl Programs {
    /// Compiles them as `cargo run -p LISTING` does: the programs that a reader
    /// of such a machine has, which ask its own loader for its own libraries.
    pub fn compile(root: &Path, machine: &Machine) -> anyhow::Result<Self> {
        let (triple, linker) = (&machine.rust(), &format!("{}-gcc", machine.gnu));
        let target = (!machine.is_this()).then_some(Foreign { triple, linker });
        if target.is_some() {
            needs::programs(root, &format!("{linker}={}", machine.compiler()))?;
            must_succeed(Command::new("rustup").args(["target", "add", triple]))
                .context("cannot fetch Rust's standard library for another kind of machine")?;
        }
        let listings = cargo_build(root, None, target)?;
        let mut failures = listings.failures.values().chain([&listings.needed]);
        if let Some(words) = failures.find(|words| !words.is_empty()) {
            bail!("the listings do not compile for {triple}\n{words}");
        }
        let tools = cargo_build(&root.join("tools"), Some(&["capture"]), target)?;
        let capture = tools.program("capture").map_err(anyhow::Error::msg)?;
        Ok(Self {
            listings: listings.programs,
            capture: capture.to_owned(),
        })
    }
}
