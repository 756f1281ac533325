//! How many tests passed and failed, by what their runner prints.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::say;

/// How many tests passed and failed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub passed: u64,
    pub failed: u64,
}

impl Counted {
    /// Runs a test runner, passes its output on, and counts by its summaries.
    pub fn run(&mut self, mut runner: Command) -> anyhow::Result<()> {
        let before = self.passed + self.failed;
        let child = runner.stdout(Stdio::piped()).spawn();
        let mut child = child.with_context(|| format!("cannot start {runner:?}"))?;
        let output = child.stdout.take().context("a runner has an output")?;
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            say(&line);
            self.add(&line);
        }
        let status = child.wait()?;
        if !status.success() && self.failed == 0 {
            bail!("{runner:?} ended with {status}");
        }
        if self.passed + self.failed == before {
            bail!("{runner:?} told of no test; its last lines are above");
        }
        Ok(())
    }

    /// A line of cargo, `test result: ok. 12 passed; 0 failed; …`, or of node's
    /// runner, `ℹ pass 12`.
    fn add(&mut self, line: &str) {
        let words: Vec<&str> = line.split([' ', ';']).collect();
        let told: Vec<(&str, &str)> = match words[..] {
            ["ℹ", what, number] => vec![(number, what)],
            ["test", "result:", ..] => words.windows(2).map(|pair| (pair[0], pair[1])).collect(),
            _ => Vec::new(),
        };
        for (number, what) in told {
            let number = number.parse::<u64>().unwrap_or(0);
            match what {
                "passed" | "pass" => self.passed += number,
                // In the browser, a test that was not run has not passed.
                "failed" | "fail" | "cancelled" | "skipped" | "todo" => self.failed += number,
                _ => {}
            }
        }
    }

    /// Fails if a test failed.
    pub fn verdict(&self) -> anyhow::Result<()> {
        say(&format!("\n{} passed, {} failed", self.passed, self.failed));
        if self.failed > 0 {
            bail!("{} tests failed", self.failed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Counted;

    #[test]
    fn summaries_are_added_up() {
        let mut counted = Counted::default();
        for line in [
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test a::b ... ok",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s",
        ] {
            counted.add(line);
        }
        assert_eq!((counted.passed, counted.failed), (15, 2));
    }

    #[test]
    fn summaries_of_the_browser_are_added_up() {
        let mut counted = Counted::default();
        for line in [
            "▶ axe",
            "  ✔ index.html (1.5ms)",
            "ℹ tests 14",
            "ℹ suites 1",
            "ℹ pass 12",
            "ℹ fail 1",
            "ℹ skipped 1",
            "ℹ duration_ms 3",
        ] {
            counted.add(line);
        }
        assert_eq!((counted.passed, counted.failed), (12, 2));
    }

    #[test]
    fn who_tells_of_no_test_has_not_run_one() {
        let run = |script: &str| {
            let mut runner = std::process::Command::new("sh");
            runner.args(["-c", script]);
            Counted::default().run(runner)
        };
        assert!(run("true").is_err());
        assert!(run("echo 'ℹ pass 1'").is_ok());
        assert!(run("echo 'ℹ pass 1'; exit 1").is_err());
    }
}
