//! `cargo xtask test`: everything that CI runs.

mod counted;
pub mod needs;

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

pub use counted::Counted;

use crate::{browser, build, check, index, licences, say};

/// The mdBook that the book is tested with, and that readers may use.
const MDBOOK: &str = "0.5.4";

/// Runs everything; the last line tells how many tests passed.
pub fn test(root: &Path, soak: Option<u32>) -> anyhow::Result<()> {
    let start = Instant::now();
    needs::install()?;
    let tools = "tools/Cargo.toml";
    step("formatting", || {
        cargo(root, &["fmt", "--check"])?;
        cargo(root, &["fmt", "--check", "--all", "--manifest-path", tools])
    })?;
    step("lints", || {
        let strict = ["--all-targets", "--", "-D", "warnings"];
        cargo(root, &[&["clippy", "--workspace"][..], &strict].concat())?;
        cargo(
            root,
            &[
                &["clippy", "--workspace", "--manifest-path", tools][..],
                &strict,
            ]
            .concat(),
        )
    })?;
    step("mdBook, for the tests", || install_mdbook(root))?;
    step("the book", || {
        build::build(root, &build::Options::default())
    })?;
    step("the README's index", || index::check(root))?;
    step("the licences", || licences::check(root))?;
    let mut counted = step("tests", || cargo_test(root, tools))?;
    let seen = step("in a real browser", || browser::test(root, &[]))?;
    counted.passed += seen.passed;
    counted.failed += seen.failed;
    if let Some(times) = soak {
        counted.passed += step("every claim, again and again", || check::soak(root, times))?;
    }
    say(&format!(
        "\neverything that CI runs, in {:.0} s\n{} passed, {} failed",
        start.elapsed().as_secs_f64(),
        counted.passed,
        counted.failed
    ));
    if counted.failed > 0 {
        bail!("{} tests failed", counted.failed);
    }
    Ok(())
}

fn step<T>(name: &str, run: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    say(&format!("\n== {name}"));
    let start = Instant::now();
    let done = run().with_context(|| format!("failed at: {name}"))?;
    say(&format!(
        "== {name}: {:.1} s",
        start.elapsed().as_secs_f64()
    ));
    Ok(done)
}

fn cargo(root: &Path, words: &[&str]) -> anyhow::Result<()> {
    let status = cargo_command(root, words)
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("`cargo {}` ended with {status}", words.join(" "));
    }
    Ok(())
}

fn cargo_command(root: &Path, words: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(words).current_dir(root).stdin(Stdio::null());
    cargo
}

/// Installs the mdBook of the tests and of the bench, unless it is there.
pub fn install_mdbook(root: &Path) -> anyhow::Result<()> {
    let folder = root.join("target/tools");
    let version = Command::new(folder.join("bin/mdbook"))
        .arg("--version")
        .output();
    let wanted = format!("mdbook v{MDBOOK}");
    if version.is_ok_and(|output| output.stdout.starts_with(wanted.as_bytes())) {
        return Ok(());
    }
    let package = format!("mdbook@{MDBOOK}");
    cargo(
        root,
        &[
            "install",
            "--locked",
            "--root",
            "target/tools",
            "--target-dir",
            "target/mdbook",
            &package,
        ],
    )
}

/// Passes cargo's output on and adds up the runner's summaries.
fn cargo_test(root: &Path, manifest: &str) -> anyhow::Result<Counted> {
    let words = [
        "test",
        "--workspace",
        "--no-fail-fast",
        "--manifest-path",
        manifest,
    ];
    let mut cargo = cargo_command(root, &words);
    // The same cases each time: a find by chance belongs to who looks for it.
    cargo.env("PROPTEST_RNG_SEED", "1");
    Counted::of(cargo, &format!("`cargo {}`", words.join(" ")), add)
}

/// `test result: ok. 12 passed; 0 failed; …`
fn add(counted: &mut Counted, line: &str) {
    let Some(summary) = line.strip_prefix("test result: ") else {
        return;
    };
    let words: Vec<&str> = summary.split([' ', ';']).collect();
    for pair in words.windows(2) {
        let number = pair[0].parse::<u64>().unwrap_or(0);
        match pair[1] {
            "passed" => counted.passed += number,
            "failed" => counted.failed += number,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Counted, add};

    #[test]
    fn summaries_are_added_up() {
        let mut counted = Counted::default();
        for line in [
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test a::b ... ok",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s",
        ] {
            add(&mut counted, line);
        }
        assert_eq!((counted.passed, counted.failed), (15, 2));
    }
}
