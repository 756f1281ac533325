//! The programs that are needed beside a Rust toolchain: what is missing is named
//! in one list, and installed before anything else happens.

use std::env;
use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::bail;

use crate::say;

/// The mdBook that the book is tested with, and that readers may use.
const MDBOOK: &str = "0.5.4";

const OF_THE_TESTS: &str = "cc=gcc git grep sed setpriv=util-linux setsid=util-linux sh=dash";
const OF_THE_BROWSER: &str = "chromium node=nodejs npm";

/// What is not here yet, and the shell's command that brings it. One with `sudo`
/// changes the system.
struct Missing {
    what: String,
    command: String,
}

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

/// Installs what is missing. Whoever is not root is asked before anything is
/// changed that belongs to the system; nobody can be asked without a terminal.
fn install<const N: usize>(root: &Path, missing: [Option<Missing>; N]) -> anyhow::Result<()> {
    let missing: Vec<Missing> = missing.into_iter().flatten().collect();
    if missing.is_empty() {
        return Ok(());
    }
    say("== to be installed first");
    for Missing { what, command } in &missing {
        say(&format!("  {what}:\n    {command}"));
    }
    let mut commands = missing.iter().map(|missing| &missing.command);
    if let Some(command) = commands.find(|command| command.starts_with("sudo "))
        && !agreed()
    {
        bail!("nothing was installed; run this, and then the same command again:\n  {command}");
    }
    for Missing { command, .. } in &missing {
        say(&format!("\n== {command}"));
        let mut shell = Command::new("sh");
        let status = shell.args(["-c", command]).current_dir(root).status()?;
        if !status.success() {
            bail!("that failed, with {status}; run it by hand: {command}");
        }
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

fn packages(wanted: &str) -> Option<Missing> {
    let packages = not_here(wanted)?;
    let is_root = rustix::process::geteuid().is_root();
    let sudo = if is_root { "" } else { "sudo " };
    Some(Missing {
        command: format!(
            "{sudo}apt-get update && {sudo}apt-get install -y --no-install-recommends {packages}"
        ),
        what: format!("packages of Debian or Ubuntu, or what stands for them here: {packages}"),
    })
}

/// Rust's own parts, by the program that they bring.
fn components() -> Option<Missing> {
    let components = not_here("cargo-fmt=rustfmt cargo-clippy=clippy")?;
    Some(Missing {
        command: format!("rustup component add {components}"),
        what: format!("components of Rust: {components}"),
    })
}

/// The mdBook of the tests and of the bench, in `target/tools`.
fn mdbook(root: &Path) -> Option<Missing> {
    let mut version = Command::new(root.join("target/tools/bin/mdbook"));
    let version = version.arg("--version").stderr(Stdio::null()).output();
    let wanted = format!("mdbook v{MDBOOK}");
    let here = version.is_ok_and(|output| output.stdout.starts_with(wanted.as_bytes()));
    (!here).then(|| Missing {
        what: format!("mdBook {MDBOOK}, in target/tools"),
        command: format!(
            "cargo install --locked --root target/tools --target-dir target/mdbook mdbook@{MDBOOK}"
        ),
    })
}

/// The packages of the browser tests' lock file. No script of theirs runs, and so
/// none can download a browser.
fn npm(root: &Path) -> Option<Missing> {
    let changed = |file: &str| {
        fs::metadata(root.join("tests/browser").join(file)).and_then(|file| file.modified())
    };
    let lock = changed("package-lock.json").ok()?;
    let installed = changed("node_modules/.package-lock.json");
    (!installed.is_ok_and(|installed| lock <= installed)).then(|| Missing {
        what: "what drives the browser, in tests/browser/node_modules".to_owned(),
        command: "cd tests/browser && PUPPETEER_SKIP_DOWNLOAD=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --ignore-scripts".to_owned(),
    })
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
