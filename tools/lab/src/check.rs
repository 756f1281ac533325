//! Every session and every claim, again and again, without making pages.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::Context;
use gate::Gate;
use mdbook_driver::builtin_renderers::MarkdownRenderer;
use session::{Progress, compile};
use xtask::{build, must_succeed, say};

/// Has a command run as the user and the group that belong to nobody.
pub const AS_NOBODY: [&str; 4] = [
    "setpriv",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
];

/// Who may run the sessions.
pub const ROOT: &str = "root";
pub const ORDINARY: &str = "ordinary";

/// Who runs them.
pub fn user() -> &'static str {
    match rustix::process::geteuid().is_root() {
        true => ROOT,
        false => ORDINARY,
    }
}

/// Runs all sessions and checks all claims, several times. The first run in
/// which one does not hold ends it.
pub fn check(root: &Path, times: u32) -> anyhow::Result<()> {
    for run in 1..=times {
        let report = Arc::new(move |progress| {
            if run == 1 && matches!(progress, Progress::Skipped(..)) {
                say(&progress.to_string());
            }
        });
        // For a renderer of HTML, files of the theme would be written.
        build::load(root)?
            .with_preprocessor(Gate::new(report))
            .preprocess_book(&MarkdownRenderer::new())
            .with_context(|| format!("run {run} of {times}"))?;
    }
    say(&format!(
        "every claim held in {times} runs, user: {}",
        user()
    ));
    Ok(())
}

/// The same as this user and, by root, as an ordinary one.
pub fn soak(root: &Path, times: u32) -> anyhow::Result<()> {
    check(root, times)?;
    if user() != ROOT {
        return Ok(());
    }
    // That user may run the programs, but need not have a cargo.
    let programs = compile(root, None)?.programs;
    let list = root.join("target/programs.json");
    fs::write(&list, serde_json::to_vec(&programs)?)?;

    let mut nobody = Command::new(AS_NOBODY[0]);
    nobody.args(&AS_NOBODY[1..]).arg(env::current_exe()?);
    nobody.args(["check", "--times", &times.to_string()]);
    nobody.current_dir(root).env("CAPTURE_PROGRAMS", &list);
    must_succeed(&mut nobody).context("as an ordinary user")
}
