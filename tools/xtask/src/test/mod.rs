//! `cargo xtask test`: everything that CI runs.

pub mod browser;
mod counted;

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

use counted::Counted;

use crate::{build, index, needs, say};

/// The workspace of the tools.
const TOOLS: &str = "tools/Cargo.toml";

/// The listings that CI's machines cannot run. A page shows what each left on a
/// guest of `cargo lab kernels`.
const SKIPPED: &[(&str, &str)] = &[
    ("hugetlb-pages", "root must have reserved huge pages"),
    (
        "ksm-merge",
        "root must have started kernel samepage merging",
    ),
    ("protection-key", "the processor must have protection keys"),
    ("swap-out", "root must have added swap"),
];

/// Runs everything, the cheap first; the last line tells how many tests passed.
pub fn test(root: &Path) -> anyhow::Result<()> {
    let start = Instant::now();
    needs::for_tests(root)?;
    step("formatting", || {
        cargo(root, &["fmt", "--check"])?;
        cargo(root, &["fmt", "--check", "--all", "--manifest-path", TOOLS])
    })?;
    step("the README's index", || index::check(root))?;
    step("spelling", || {
        let words = ["test", "--quiet", "--manifest-path", TOOLS];
        cargo(
            root,
            &[&words[..], &["-p", "gate", "--test", "spelling"]].concat(),
        )
    })?;
    step("lints", || {
        let strict = ["--all-targets", "--", "-D", "warnings"];
        let tools = ["clippy", "--workspace", "--manifest-path", TOOLS];
        cargo(root, &[&["clippy", "--workspace"][..], &strict].concat())?;
        cargo(root, &[&tools[..], &strict].concat())
    })?;
    step("the book", || {
        for (listing, why) in SKIPPED {
            say(&format!("  may be skipped: {listing}, since {why}"));
        }
        let except = SKIPPED.iter().map(|(listing, _)| (*listing).to_owned());
        let options = build::Options {
            deny_skips: Some(except.collect()),
            ..Default::default()
        };
        build::build(root, &options)
    })?;
    let mut counted = step("tests", || cargo_test(root))?;
    let seen = step("in a real browser", || browser::run(root, &[]))?;
    counted.passed += seen.passed;
    counted.failed += seen.failed;
    say(&format!(
        "\neverything that CI runs, in {:.0} s",
        start.elapsed().as_secs_f64()
    ));
    counted.verdict()
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

/// Passes cargo's output on and adds up the runner's summaries.
fn cargo_test(root: &Path) -> anyhow::Result<Counted> {
    let words = ["test", "--workspace", "--no-fail-fast", "--manifest-path"];
    let words = [&words[..], &[TOOLS]].concat();
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
