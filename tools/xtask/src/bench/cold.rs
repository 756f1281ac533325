//! The first build on a machine, and what stands for it elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;

use super::contenders::{Contenders, cargo};
use super::run::Cost;
use super::table::Row;
use super::{room, step};

/// The released programs that a book with mdbook-cmdrun needs.
const RELEASED: [(&str, &str); 2] = [("mdbook", "0.5.4"), ("mdbook-cmdrun", "0.7.3")];

/// The listing that a reader runs first.
const LISTING: &str = "mmap-anon-interactive";

/// The rows of first builds, all crates downloaded. Each is measured once.
pub fn measure(contenders: &Contenders) -> anyhow::Result<Vec<Row>> {
    step("compiling everything from nothing; this takes minutes");
    let clone = contenders.folder.join("clone");
    let _ = fs::remove_dir_all(&clone);
    room::copy(&contenders.root, &clone)?;
    for manifest in ["Cargo.toml", "tools/Cargo.toml"] {
        fetch(contenders, &clone.join(manifest))?;
    }
    for manifest in manifests(&contenders.folder)? {
        fetch(contenders, &manifest)?;
    }

    let mut listing = cargo(&clone);
    listing.args(["run", "-p", LISTING]);
    let listing = contenders.run(listing, "listing")?.time.as_secs_f64();
    fs::remove_dir_all(clone.join("target"))?;

    let mut ours = cargo(&clone);
    ours.args(["xtask", "build"]);
    let ours = contenders.run(ours, "cold")?.time.as_secs_f64();
    fs::remove_dir_all(&clone)?;

    let to = contenders.folder.join("released");
    let released = install(contenders, &RELEASED, &to)?.time.as_secs_f64();
    fs::remove_dir_all(&to)?;
    Ok(vec![
        Row {
            figure: "cold `cargo xtask build`".to_owned(),
            measured: ours / released,
            goal: 0.25,
            unit: "× install",
            note: format!(
                "{ours:.0} s; `cargo install` of mdbook and mdbook-cmdrun {released:.0} s"
            ),
        },
        Row {
            figure: "cold `cargo run -p LISTING`".to_owned(),
            measured: listing,
            goal: 5.0,
            unit: "s",
            note: "on a fresh clone".to_owned(),
        },
    ])
}

/// Installs released programs, compiled from nothing.
pub fn install(
    contenders: &Contenders,
    packages: &[(&str, &str)],
    to: &Path,
) -> anyhow::Result<Cost> {
    let target = contenders.folder.join("install");
    let _ = fs::remove_dir_all(&target);
    let mut install = cargo(&contenders.folder);
    install.args(["install", "--locked", "--root"]).arg(to);
    install.arg("--target-dir").arg(&target);
    install.args(
        packages
            .iter()
            .map(|(name, version)| format!("{name}@{version}")),
    );
    let cost = contenders.run(install, "install")?;
    let _ = fs::remove_dir_all(&target);
    Ok(cost)
}

/// Downloads what a lock file names.
fn fetch(contenders: &Contenders, manifest: &Path) -> anyhow::Result<()> {
    let mut fetch = cargo(&contenders.folder);
    fetch
        .args(["fetch", "--locked", "--manifest-path"])
        .arg(manifest);
    contenders.run(fetch, "fetch")?;
    Ok(())
}

/// The manifests of the released programs, in cargo's own store: beside each
/// lies the lock file that `cargo install --locked` uses. One that was never
/// downloaded is left out, and `cargo install` downloads it.
fn manifests(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let package = folder.join("download");
    let [_, (name, version)] = RELEASED;
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("src/lib.rs"), "")?;
    fs::write(
        package.join("Cargo.toml"),
        format!(
            "[package]\nname = \"download\"\nedition = \"2024\"\n[dependencies]\n{name} = \"={version}\"\n[workspace]\n"
        ),
    )?;
    let output = cargo(&package)
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
    let mut packages = metadata["packages"].as_array().into_iter().flatten();
    let one = packages.find(|package| package["name"].as_str() == Some(name));
    let manifest = one.and_then(|package| package["manifest_path"].as_str());
    // Each package has a folder of its own there.
    let store = manifest.and_then(|path| Path::new(path).parent()?.parent());
    let store = store.context("cargo metadata names no manifest")?;
    let manifests =
        RELEASED.map(|(name, version)| store.join(format!("{name}-{version}/Cargo.toml")));
    Ok(manifests.into_iter().filter(|path| path.exists()).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_released_programs_are_in_cargos_store() {
        let folder = tempfile::tempdir().expect("a folder");
        let manifests = super::manifests(folder.path()).expect("downloaded");
        assert!(!manifests.is_empty());
        for manifest in manifests {
            assert!(manifest.with_file_name("Cargo.lock").exists());
        }
    }
}
