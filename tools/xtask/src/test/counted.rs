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
    /// Runs a test runner, passes its output on, and counts by its lines.
    pub fn of(mut runner: Command, name: &str, add: fn(&mut Self, &str)) -> anyhow::Result<Self> {
        let mut child = runner
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let mut counted = Self::default();
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                say(&line);
                add(&mut counted, &line);
            }
        }
        let status = child.wait()?;
        if !status.success() && counted.failed == 0 {
            bail!("{name} ended with {status}");
        }
        Ok(counted)
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
