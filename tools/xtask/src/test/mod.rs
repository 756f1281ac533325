//! `cargo xtask test`: everything that CI runs.

pub mod browser;
mod counted;

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Context;

use counted::Counted;

use crate::{build, index, must_succeed, needs, say};

/// The workspaces: that of the listings, and that of the tools.
const WORKSPACES: [&str; 2] = ["Cargo.toml", TOOLS];
const TOOLS: &str = "tools/Cargo.toml";

/// The listings that CI's machines need not run, and what they need. Of those that
/// none runs, a page shows what each left on a guest of `cargo lab kernels`.
const SKIPPED: [(&str, &str); 6] = [
    ("full-tmpfs", "leave to mount a file system"),
    ("hugetlb-pages", "huge pages that root has reserved"),
    ("ksm-merge", "kernel samepage merging, started by root"),
    ("many-mappings", "a `vm.max_map_count` that can be reached"),
    ("protection-key", "a processor with protection keys"),
    ("swap-out", "swap that root has added"),
];

/// Runs everything, the cheap first; the last line tells how many tests passed.
pub fn test(root: &Path) -> anyhow::Result<()> {
    let start = Instant::now();
    needs::for_tests(root)?;
    step("formatting", || {
        let mut both = WORKSPACES.iter().map(|of| cargo(root, "fmt", of));
        both.try_for_each(|mut fmt| must_succeed(fmt.args(["--check", "--all"])))
    })?;
    step("the README's index", || index::check(root))?;
    step("lints", || {
        let mut both = WORKSPACES.iter().map(|of| cargo(root, "clippy", of));
        let strict = ["--workspace", "--all-targets", "--", "-D", "warnings"];
        both.try_for_each(|mut clippy| must_succeed(clippy.args(strict)))
    })?;
    step("the book", || {
        for (listing, what) in SKIPPED {
            say(&format!("  may be skipped: {listing}, which needs {what}"));
        }
        let options = build::Options {
            deny_skips: true,
            except: SKIPPED.map(|(listing, _)| listing.to_owned()).into(),
            ..Default::default()
        };
        build::build(root, &options, None)
    })?;
    let mut counted = Counted::default();
    step("tests", || {
        let mut cargo = cargo(root, "test", TOOLS);
        cargo.args(["--workspace", "--no-fail-fast"]);
        // The same cases each time: a find by chance belongs to who looks for it.
        cargo.env("PROPTEST_RNG_SEED", "1");
        counted.run(cargo)
    })?;
    step("in a real browser", || {
        browser::run(root, &[], &mut counted)
    })?;
    let seconds = start.elapsed().as_secs_f64();
    say(&format!("\neverything that CI runs, in {seconds:.0} s"));
    counted.verdict()
}

fn step(name: &str, run: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    say(&format!("\n== {name}"));
    let start = Instant::now();
    run().with_context(|| format!("failed at: {name}"))?;
    say(&format!(
        "== {name}: {:.1} s",
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}

/// A command of cargo on a workspace.
fn cargo(root: &Path, command: &str, workspace: &str) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args([command, "--manifest-path", workspace]);
    cargo.current_dir(root).stdin(Stdio::null());
    cargo
}
