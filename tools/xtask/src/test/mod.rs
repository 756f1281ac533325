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

/// The listings that CI's machines cannot run, and what they need. A page shows
/// what each left on a guest of `cargo lab kernels`.
const SKIPPED: [(&str, &str); 4] = [
    ("hugetlb-pages", "huge pages that root has reserved"),
    ("ksm-merge", "kernel samepage merging, started by root"),
    ("protection-key", "a processor with protection keys"),
    ("swap-out", "swap that root has added"),
];

/// Runs everything, the cheap first; the last line tells how many tests passed.
pub fn test(root: &Path) -> anyhow::Result<()> {
    let start = Instant::now();
    needs::for_tests(root)?;
    step("formatting", || {
        must_succeed(&mut cargo(root, "fmt --check"))?;
        must_succeed(&mut of_tools(root, "fmt --check --all"))
    })?;
    step("the README's index", || index::check(root))?;
    step("lints", || {
        for mut clippy in [cargo(root, "clippy"), of_tools(root, "clippy")] {
            clippy.args(["--workspace", "--all-targets", "--", "-D", "warnings"]);
            must_succeed(&mut clippy)?;
        }
        Ok(())
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
        let mut cargo = of_tools(root, "test --workspace --no-fail-fast");
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

/// A command of cargo, in its words.
fn cargo(root: &Path, words: &str) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(words.split(' ')).current_dir(root);
    cargo.stdin(Stdio::null());
    cargo
}

/// The same, for the workspace of the tools.
fn of_tools(root: &Path, words: &str) -> Command {
    let mut cargo = cargo(root, words);
    cargo.args(["--manifest-path", "tools/Cargo.toml"]);
    cargo
}
