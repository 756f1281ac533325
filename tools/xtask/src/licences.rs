//! `cargo xtask licences`: the licence of everything that the book's tools and
//! tests are made of, in tools/LICENCES.md.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

const FILE: &str = "tools/LICENCES.md";

/// The list is the same on every machine.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// Names and versions, by licence.
type Licences = BTreeMap<String, Vec<String>>;

/// Writes the list.
pub fn write(root: &Path) -> anyhow::Result<()> {
    fs::write(root.join(FILE), list(root)?).with_context(|| format!("cannot write {FILE}"))
}

/// Fails if the list is not the one that would be written now.
pub fn check(root: &Path) -> anyhow::Result<()> {
    let written = fs::read_to_string(root.join(FILE)).unwrap_or_default();
    if written != list(root)? {
        bail!("{FILE} is old; run `cargo xtask licences`, and look at what has changed in it");
    }
    Ok(())
}

fn list(root: &Path) -> anyhow::Result<String> {
    let mut text = String::from(
        "# What the book's tools are made of\n\nWritten by `cargo xtask licences`, for x86-64 Linux.\n",
    );
    for (title, licences) in [
        ("Crates of the listings", of_cargo(root, "Cargo.toml")?),
        (
            "Crates of the tools and their tests",
            of_cargo(root, "tools/Cargo.toml")?,
        ),
        ("Packages of the tests in a browser", of_npm(root)?),
    ] {
        write!(text, "\n## {title}\n\n| Licence | Of |\n|---|---|\n")?;
        for (licence, mut names) in licences {
            names.sort();
            writeln!(text, "| {licence} | {} |", names.join(", "))?;
        }
    }
    Ok(text)
}

fn of_cargo(root: &Path, manifest: &str) -> anyhow::Result<Licences> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(["--filter-platform", PLATFORM, "--manifest-path", manifest])
        .current_dir(root)
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        bail!(
            "`cargo metadata`: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    Ok(by_licence(
        packages
            // Those without a source are the repository's own.
            .filter(|package| !package["source"].is_null())
            .map(|package| (package["name"].as_str().unwrap_or_default(), package)),
    ))
}

fn of_npm(root: &Path) -> anyhow::Result<Licences> {
    let file = "tests/browser/package-lock.json";
    let text =
        fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))?;
    let lock: Value = serde_json::from_str(&text).with_context(|| format!("cannot read {file}"))?;
    let packages = lock["packages"].as_object().into_iter().flatten();
    Ok(by_licence(packages.filter_map(|(path, package)| {
        Some((path.rsplit_once("node_modules/")?.1, package))
    })))
}

fn by_licence<'a>(packages: impl Iterator<Item = (&'a str, &'a Value)>) -> Licences {
    let mut licences = Licences::new();
    for (name, package) in packages {
        let licence = package["license"].as_str().unwrap_or("none stated");
        let version = package["version"].as_str().unwrap_or_default();
        // As SPDX has it; some crates still write it so.
        let licence = licence.replace('/', " OR ").replace("  ", " ");
        licences
            .entry(licence)
            .or_default()
            .push(format!("{name} {version}"));
    }
    licences
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// A lock file with addresses would bind the book to one registry's host.
    #[test]
    fn lock_files_name_no_host_but_cargos_own_index() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let lines = |file: &str| {
            let text = std::fs::read_to_string(root.join(file)).expect(file);
            let lines: Vec<String> = text
                .lines()
                .filter(|line| line.contains("://") && !line.contains("\"url\": "))
                .map(|line| line.trim().to_owned())
                .collect();
            lines
        };
        for file in ["Cargo.lock", "tools/Cargo.lock"] {
            let lines = lines(file);
            assert!(!lines.is_empty());
            for line in lines {
                assert_eq!(
                    line, "source = \"registry+https://github.com/rust-lang/crates.io-index\"",
                    "{file}"
                );
            }
        }
        // What is left there names who takes donations.
        assert_eq!(lines("tests/browser/package-lock.json"), [""; 0]);
    }
}
