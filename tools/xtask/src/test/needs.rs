//! The programs that the tests need, beside a Rust toolchain.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::bail;

/// A program, and the Debian and Ubuntu package that it comes in.
const PROGRAMS: &[(&str, &str)] = &[
    ("cc", "gcc"),
    ("git", "git"),
    ("grep", "grep"),
    ("sed", "sed"),
    ("setpriv", "util-linux"),
    ("setsid", "util-linux"),
    ("sh", "dash"),
];

/// What the tests in a browser need beside these.
const OF_THE_BROWSER: &[(&str, &str)] =
    &[("chromium", "chromium"), ("node", "nodejs"), ("npm", "npm")];

/// Rust's own parts, by the program that they bring.
const COMPONENTS: &[(&str, &str)] = &[("cargo-fmt", "rustfmt"), ("cargo-clippy", "clippy")];

/// Installs what is missing where that is allowed, or tells the command that
/// does.
pub fn install() -> anyhow::Result<()> {
    install_programs(PROGRAMS)?;
    let components = missing(COMPONENTS);
    if !components.is_empty() {
        let words = [&["component", "add"][..], &components].concat();
        let command = format!("rustup {}", words.join(" "));
        run("rustup", &words, &command)?;
    }
    Ok(())
}

/// The same, for the tests in a browser.
pub fn install_for_browser() -> anyhow::Result<()> {
    install_programs(OF_THE_BROWSER)
}

/// Installs the packages whose programs are not here.
pub fn install_programs(wanted: &[(&str, &str)]) -> anyhow::Result<()> {
    let packages = missing(wanted);
    if packages.is_empty() {
        return Ok(());
    }
    install_packages(&packages)
}

fn missing<'a>(wanted: &[(&str, &'a str)]) -> Vec<&'a str> {
    let mut packages: Vec<&str> = wanted
        .iter()
        .filter(|(program, _)| !on_path(program))
        .map(|(_, package)| *package)
        .collect();
    packages.dedup();
    packages
}

fn install_packages(packages: &[&str]) -> anyhow::Result<()> {
    let install = format!(
        "apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    let root = rustix::process::geteuid().is_root();
    let sudo = if root { "" } else { "sudo -n " };
    let command = format!("{sudo}apt-get update && {sudo}{install}");
    let may = root || succeeds(Command::new("sudo").args(["-n", "true"]));
    if !may || !on_path("apt-get") {
        bail!(
            "packages are needed that are not installed; run: sudo apt-get update && sudo {install}"
        );
    }
    run("sh", &["-c", &command], &command)
}

fn run(program: &str, words: &[&str], shown: &str) -> anyhow::Result<()> {
    crate::say(&format!("== installing: {shown}"));
    if !succeeds(Command::new(program).args(words).stdin(Stdio::null())) {
        bail!("that failed; run it by hand: {shown}");
    }
    Ok(())
}

fn succeeds(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}

fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .any(|folder: std::path::PathBuf| Path::new(&folder).join(program).is_file())
}
