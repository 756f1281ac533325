//! `cargo xtask check`: every session and every claim, without making pages.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use anyhow::{Context, bail};
use gate::Gate;
use mdbook_renderer::{RenderContext, Renderer};
use session::{Progress, compile};

use crate::{build, say};

/// Has a command run as the user and the group that belong to nobody.
pub const AS_NOBODY: &[&str] = &[
    "setpriv",
    "--reuid",
    "65534",
    "--regid",
    "65534",
    "--clear-groups",
];

/// Runs all sessions and checks all claims, several times. The first run in
/// which one does not hold ends it.
pub fn check(root: &Path, times: u32) -> anyhow::Result<()> {
    let skipped = Arc::new(Mutex::new(BTreeSet::new()));
    for run in 1..=times {
        let skipped = Arc::clone(&skipped);
        let report = Arc::new(move |progress| {
            if let (Progress::Skipped(listing, reason), Ok(mut skipped)) =
                (progress, skipped.lock())
            {
                skipped.insert(format!("{listing}: {reason}"));
            }
        });
        build::load(root, Path::new("book"), Gate::new(report))?
            .preprocess_book(&Pages)
            .with_context(|| format!("run {run} of {times}"))?;
    }
    let user = if rustix::process::geteuid().is_root() {
        "root"
    } else {
        "an ordinary user"
    };
    say(&format!("every claim held in {times} runs as {user}"));
    for line in skipped.lock().iter().flat_map(|skipped| skipped.iter()) {
        say(&format!("  skipped {line}"));
    }
    Ok(())
}

/// The same as this user and, by root, as an ordinary one. Tells how many runs
/// there were.
pub fn soak(root: &Path, times: u32) -> anyhow::Result<u64> {
    check(root, times)?;
    if !rustix::process::geteuid().is_root() {
        return Ok(times.into());
    }
    // That user may run the programs, but need not have a cargo.
    let programs = compile(root, None)?.programs;
    let list = tempfile::Builder::new().prefix("programs-").tempdir()?;
    let path = list.path().join("programs.json");
    fs::write(&path, serde_json::to_vec(&programs)?)?;
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(list.path(), open)?;

    let status = Command::new(AS_NOBODY[0])
        .args(&AS_NOBODY[1..])
        .arg(std::env::current_exe()?)
        .args(["check", "--times", &times.to_string()])
        .current_dir(root)
        .env("CAPTURE_PROGRAMS", &path)
        .status()
        .context("cannot start setpriv")?;
    if !status.success() {
        bail!("as an ordinary user: {status}");
    }
    Ok(u64::from(times) * 2)
}

/// Stands for a renderer of mdBook, and renders nothing. For one of HTML, files
/// of the theme would be written.
pub struct Pages;

impl Renderer for Pages {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn render(&self, _: &RenderContext) -> anyhow::Result<()> {
        Ok(())
    }
}
