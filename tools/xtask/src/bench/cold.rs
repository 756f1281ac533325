//! The first build on a machine, and what stands for it elsewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

use super::room;
use super::run::{Cost, run};

/// The released programs that a book with mdbook-cmdrun needs.
const RELEASED: [(&str, &str); 2] = [("mdbook", "0.5.4"), ("mdbook-cmdrun", "0.7.3")];

/// The listing that a reader runs first.
const LISTING: &str = "mmap-anon-interactive";

/// What the first builds cost, all crates downloaded.
pub struct Cold {
    /// `cargo xtask build` on a fresh clone.
    pub ours: Cost,
    /// `cargo install` of the released programs.
    pub released: Cost,
    /// `cargo run -p LISTING` on a fresh clone.
    pub listing: Cost,
}

/// Measures them, each once.
pub fn measure(root: &Path, folder: &Path) -> anyhow::Result<Cold> {
    let clone = folder.join("clone");
    let _ = fs::remove_dir_all(&clone);
    room::copy(root, &clone)?;
    for manifest in ["Cargo.toml", "tools/Cargo.toml"] {
        fetch(&clone.join(manifest), folder)?;
    }
    for manifest in manifests(folder)? {
        fetch(&manifest, folder)?;
    }

    let mut listing = super::cargo(&clone);
    listing.args(["run", "-p", LISTING]);
    let listing = run(listing, &folder.join("listing.log"))?;
    fs::remove_dir_all(clone.join("target"))?;

    let mut ours = super::cargo(&clone);
    ours.args(["xtask", "build"]);
    let ours = run(ours, &folder.join("cold.log"))?;
    fs::remove_dir_all(&clone)?;

    let released = install(folder, &RELEASED, &folder.join("released"))?;
    fs::remove_dir_all(folder.join("released"))?;
    Ok(Cold {
        ours,
        released,
        listing,
    })
}

/// Installs released programs, compiled from nothing.
pub fn install(folder: &Path, packages: &[(&str, &str)], to: &Path) -> anyhow::Result<Cost> {
    let target = folder.join("install");
    let _ = fs::remove_dir_all(&target);
    let mut install = super::cargo(folder);
    install.args(["install", "--locked", "--root"]).arg(to);
    install.arg("--target-dir").arg(&target);
    install.args(
        packages
            .iter()
            .map(|(name, version)| format!("{name}@{version}")),
    );
    let cost = run(install, &folder.join("install.log"))?;
    let _ = fs::remove_dir_all(&target);
    Ok(cost)
}

/// Downloads what a lock file names.
fn fetch(manifest: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut fetch = super::cargo(folder);
    fetch
        .args(["fetch", "--locked", "--manifest-path"])
        .arg(manifest);
    run(fetch, &folder.join("fetch.log"))?;
    Ok(())
}

/// The manifests of the released programs, in cargo's own store: beside each
/// lies the lock file that `cargo install --locked` uses.
fn manifests(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let package = folder.join("download");
    let dependencies: String = RELEASED
        .iter()
        .map(|(name, version)| format!("{name} = \"={version}\"\n"))
        .collect();
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("src/lib.rs"), "")?;
    fs::write(
        package.join("Cargo.toml"),
        format!(
            "[package]\nname = \"download\"\nedition = \"2024\"\n[dependencies]\n{dependencies}\n[workspace]\n"
        ),
    )?;
    let output = Command::from(super::cargo(&package))
        .args(["metadata", "--format-version", "1"])
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        bail!(
            "cargo metadata:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let released = packages.filter(|package| {
        let is = |key: &str, text: &str| package[key].as_str() == Some(text);
        RELEASED
            .iter()
            .any(|(name, version)| is("name", name) && is("version", version))
    });
    Ok(released
        .filter_map(|package| package["manifest_path"].as_str().map(PathBuf::from))
        .collect())
}
