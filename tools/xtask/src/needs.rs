//! The programs that are needed beside a Rust toolchain: what is missing is named
//! in one list, and installed before anything else happens.

use std::env;
use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::{must_succeed, say};

/// The mdBook that the book is tested with, and that readers may use.
const MDBOOK: &str = "0.5.4";

const OF_THE_TESTS: &str = "cc=gcc git grep sed setpriv=util-linux setsid=util-linux sh=dash";
const OF_THE_BROWSER: &str = "chromium node=nodejs npm";

/// Installs all that the tests need.
pub fn for_tests(root: &Path) -> anyhow::Result<()> {
    let programs = packages(&[OF_THE_TESTS, OF_THE_BROWSER].join(" "));
    install(root, [programs, components(), mdbook(root), npm(root)])
}

/// Installs what the tests in a browser need.
pub fn for_browser(root: &Path) -> anyhow::Result<()> {
    install(root, [packages(OF_THE_BROWSER), npm(root)])
}

/// Installs the mdBook of the bench.
pub fn for_bench(root: &Path) -> anyhow::Result<()> {
    install(root, [mdbook(root)])
}

/// Installs the packages of the programs that are not here: each is named with the
/// packages of Debian and Ubuntu that it comes in, `cc=gcc,libc6-dev`, unless it
/// has the same name as its package.
pub fn programs(root: &Path, wanted: &str) -> anyhow::Result<()> {
    install(root, [packages(wanted)])
}

/// Runs the shell's commands that bring what is not here yet; one with `sudo`
/// changes the system. Whoever is not root is asked before that; nobody can be asked
/// without a terminal.
fn install<const N: usize>(root: &Path, missing: [Option<String>; N]) -> anyhow::Result<()> {
    let commands: Vec<String> = missing.into_iter().flatten().collect();
    if commands.is_empty() {
        return Ok(());
    }
    say(
        "== to be installed first; what is a package of Debian and Ubuntu has other names elsewhere",
    );
    for command in &commands {
        say(&format!("  {command}"));
    }
    let of_system = commands.iter().find(|each| each.starts_with("sudo "));
    if let Some(command) = of_system.filter(|_| !agreed()) {
        bail!("nothing was installed; run this, and then the same command again:\n  {command}");
    }
    for command in &commands {
        say(&format!("\n== {command}"));
        let mut shell = Command::new("sh");
        must_succeed(shell.args(["-c", command]).current_dir(root))
            .with_context(|| format!("that failed; run it by hand: {command}"))?;
    }
    Ok(())
}

fn agreed() -> bool {
    let mut answer = String::new();
    let asked = io::stdin().is_terminal()
        && write!(io::stderr(), "\nRun what begins with sudo, too? [y/N] ").is_ok()
        && io::stdin().lock().read_line(&mut answer).is_ok();
    asked && matches!(answer.trim(), "y" | "Y" | "yes")
}

fn packages(wanted: &str) -> Option<String> {
    let packages = not_here(wanted)?;
    let is_root = rustix::process::geteuid().is_root();
    let sudo = if is_root { "" } else { "sudo " };
    Some(format!(
        "{sudo}apt-get update && {sudo}apt-get install -y --no-install-recommends {packages}"
    ))
}

/// Rust's own parts, by the program that they bring.
fn components() -> Option<String> {
    let components = not_here("cargo-fmt=rustfmt cargo-clippy=clippy")?;
    Some(format!("rustup component add {components}"))
}

/// The mdBook of the tests and of the bench, in `target/tools`.
fn mdbook(root: &Path) -> Option<String> {
    let mut version = Command::new(root.join("target/tools/bin/mdbook"));
    let version = version.arg("--version").stderr(Stdio::null()).output();
    let wanted = format!("mdbook v{MDBOOK}");
    let is_here = version.is_ok_and(|output| output.stdout.starts_with(wanted.as_bytes()));
    (!is_here).then(|| {
        format!(
            "cargo install --locked --root target/tools --target-dir target/mdbook mdbook@{MDBOOK}"
        )
    })
}

/// The packages of the browser tests' lock file, in `tests/browser/node_modules`. No
/// script of theirs runs, and so none can download a browser.
fn npm(root: &Path) -> Option<String> {
    let changed = |file: &str| {
        fs::metadata(root.join("tests/browser").join(file)).and_then(|file| file.modified())
    };
    let lock = changed("package-lock.json").ok()?;
    let is_here = changed("node_modules/.package-lock.json").is_ok_and(|made| lock <= made);
    let ci = "cd tests/browser && PUPPETEER_SKIP_DOWNLOAD=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --ignore-scripts";
    (!is_here).then(|| ci.to_owned())
}

/// What brings the programs that are not here, if any is not.
fn not_here(wanted: &str) -> Option<String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let here = |program: &str| env::split_paths(&path).any(|dir| dir.join(program).is_file());
    let wanted = wanted
        .split(' ')
        .map(|each| each.split_once('=').unwrap_or((each, each)));
    let missing = wanted.filter(|(program, _)| !here(program));
    let mut packages: Vec<&str> = missing.map(|(_, packages)| packages).collect();
    packages.dedup();
    (!packages.is_empty()).then(|| packages.join(" ").replace(',', " "))
}
