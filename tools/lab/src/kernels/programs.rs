//! The programs that run in a guest: the listings, and what checks them.

use std::collections::BTreeMap;
use std::env::consts::ARCH;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use session::{Foreign, cargo_build};

use super::all::Machine;
use xtask::needs;

/// What is compiled for one kind of machine.
pub struct Programs {
    pub listings: BTreeMap<String, PathBuf>,
    pub capture: PathBuf,
}

impl Programs {
    /// Compiles them as `cargo run -p LISTING` does: the programs that a reader
    /// of such a machine has, which ask its own loader for its own libraries.
    pub fn compile(root: &Path, machine: &Machine) -> anyhow::Result<Self> {
        let linker = format!("{}-gcc", machine.gnu);
        let target = (machine.architecture != ARCH).then_some(Foreign {
            triple: machine.rust,
            linker: &linker,
        });
        if target.is_some() {
            needs::programs(root, &[(&linker, machine.compiler)])?;
            add_target(machine.rust)?;
        }
        let listings = cargo_build(root, None, target)?;
        let mut failures = listings.failures.values().chain([&listings.needed]);
        if let Some(words) = failures.find(|words| !words.is_empty()) {
            bail!("the listings do not compile for {}\n{words}", machine.rust);
        }
        let tools = cargo_build(&root.join("tools"), Some(&["capture"]), target)?;
        let capture = tools.program("capture").map_err(anyhow::Error::msg)?;
        Ok(Self {
            listings: listings.programs,
            capture: capture.to_owned(),
        })
    }
}

fn add_target(triple: &str) -> anyhow::Result<()> {
    let mut add = Command::new("rustup");
    add.args(["target", "add", triple]).stdin(Stdio::null());
    let status = add.status().context(
        "cannot start rustup, which fetches Rust's standard library for another kind of machine",
    )?;
    if !status.success() {
        bail!("`rustup target add {triple}` ended with {status}");
    }
    Ok(())
}
