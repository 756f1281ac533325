//! One cargo call that compiles every listing of the book.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use rustix::process::{Signal, set_parent_process_death_signal};
use serde_json::Value;

use crate::error::RecordsError;

/// What came of compiling: where each listing's program is, or why there is none.
#[derive(Debug, Default)]
pub struct Compiled {
    /// Program by listing name.
    pub programs: BTreeMap<String, PathBuf>,
    /// The compiler's words, by listing name.
    pub failures: BTreeMap<String, String>,
    /// Its words on what the listings need, such as a library's build script.
    pub needed: String,
}

/// Compiles the listings of the workspace at `root`, in the profile and the way
/// of `cargo run -p LISTING`: all of them, or a few by name.
///
/// Cargo's own progress goes to standard error, as it comes.
pub fn compile(root: &Path, only: Option<&[&str]>) -> Result<Compiled, RecordsError> {
    if let Some(list) = env::var_os("CAPTURE_PROGRAMS") {
        return already_compiled(Path::new(&list));
    }
    cargo_build(root, only, None)
}

/// Another kind of machine, and who links programs for it.
#[derive(Debug, Clone, Copy)]
pub struct Foreign<'a> {
    /// Rust's name for it.
    pub triple: &'a str,
    pub linker: &'a str,
}

/// Compiles packages of the workspace at `root`, for this kind of machine or for
/// another.
pub fn cargo_build(
    root: &Path,
    only: Option<&[&str]>,
    target: Option<Foreign>,
) -> Result<Compiled, RecordsError> {
    let manifest = root.join("Cargo.toml");
    let program = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut cargo = Command::new(&program);
    cargo
        .args(["build", "--bins", "--keep-going", "--message-format=json"])
        .arg("--manifest-path")
        .arg(&manifest)
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    match only {
        Some(names) => cargo.args(names.iter().flat_map(|name| ["-p", name])),
        None => cargo.arg("--workspace"),
    };
    if let Some(Foreign { triple, linker }) = target {
        let variable = triple.to_uppercase().replace('-', "_");
        cargo.args(["--target", triple]);
        cargo.env(format!("CARGO_TARGET_{variable}_LINKER"), linker);
    }
    forget_the_outer_cargo(&mut cargo);
    // SAFETY: prctl(2) is a bare system call; nothing is allocated or locked
    // between fork and exec.
    unsafe {
        // A builder that is killed takes cargo along.
        cargo.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::TERM))?));
    }

    let start_error = |error| {
        RecordsError(format!(
            "cannot start `{program}`: {error}; the listings are compiled by cargo, from https://rustup.rs"
        ))
    };
    let mut child = cargo.spawn().map_err(start_error)?;
    let pipe = child.stderr.take();
    let progress = pipe.map(|pipe| thread::spawn(|| pass_on(pipe)));
    let mut compiled = Compiled::default();
    if let Some(messages) = child.stdout.take() {
        for line in BufReader::new(messages).lines().map_while(Result::ok) {
            if let Ok(message) = serde_json::from_str(&line) {
                compiled.take(&message);
            }
        }
    }
    let status = child.wait().map_err(start_error)?;
    let words = progress
        .and_then(|thread| thread.join().ok())
        .unwrap_or_default();
    let told = !compiled.failures.is_empty() || !compiled.needed.is_empty();
    if !status.success() && !told {
        return Err(RecordsError(format!(
            "cargo cannot build the listings of {}:\n{words}",
            manifest.display()
        )));
    }
    Ok(compiled)
}

/// Programs that somebody else has compiled: a user who may run them but has no
/// cargo.
fn already_compiled(list: &Path) -> Result<Compiled, RecordsError> {
    let text = std::fs::read(list).map_err(|error| error.to_string());
    let programs = text.and_then(|text| serde_json::from_slice(&text).map_err(|e| e.to_string()));
    let programs = programs.map_err(|why| {
        let list = list.display();
        RecordsError(format!(
            "cannot read {list}, which CAPTURE_PROGRAMS names: {why}"
        ))
    })?;
    Ok(Compiled {
        programs,
        ..Compiled::default()
    })
}

impl Compiled {
    /// The program of a listing, or why there is none.
    pub fn program(&self, listing: &str) -> Result<&Path, String> {
        if let Some(words) = self.failures.get(listing) {
            let words = words.trim_end();
            return Err(format!("the listing `{listing}` does not compile\n{words}"));
        }
        let program = self.programs.get(listing);
        program.map(PathBuf::as_path).ok_or_else(|| match self.needed.trim_end() {
            "" => format!(
                "the listing `{listing}` has no program of that name; it is one file, src/main.rs"
            ),
            words => format!(
                "the listing `{listing}` cannot be compiled, because something that it needs cannot\n{words}"
            ),
        })
    }

    /// Takes what cargo tells; see "External tools" in the Cargo book.
    fn take(&mut self, told: &Value) {
        let text = |pointer| told.pointer(pointer).and_then(Value::as_str);
        let level = text("/message/level").unwrap_or_default();
        let Some(name) = text("/target/name") else {
            return;
        };
        if let Some(program) = text("/executable") {
            self.programs.insert(name.to_owned(), program.into());
        } else if level.starts_with("error") {
            let words = text("/message/rendered").or_else(|| text("/message/message"));
            match text("/target/kind/0") {
                Some("bin") => self.failures.entry(name.to_owned()).or_default(),
                _ => &mut self.needed,
            }
            .push_str(words.unwrap_or_default());
        }
    }
}

/// Shows cargo's progress as it comes and returns it, for the error message of
/// a build that failed before it compiled anything.
fn pass_on(pipe: impl std::io::Read) -> String {
    let mut words = String::new();
    for line in BufReader::new(pipe).lines().map_while(Result::ok) {
        // A closed standard error must not end the build.
        let _ = writeln!(std::io::stderr(), "{line}");
        words.push_str(&line);
        words.push('\n');
    }
    words
}

/// `cargo run` tells the program that it runs about that program's own package;
/// an inner cargo must not take this for its own.
pub fn forget_the_outer_cargo(command: &mut Command) {
    const OF_A_PACKAGE: &str =
        "CARGO_PKG_ CARGO_MANIFEST_ CARGO_BIN_ CARGO_CRATE_ CARGO_PRIMARY_PACKAGE OUT_DIR";
    for name in variables(OF_A_PACKAGE) {
        command.env_remove(name);
    }
}

/// A listing, and what looks at it, runs as it would for a reader: without what
/// cargo and this build add to the environment.
pub fn readers_environment() -> Vec<(OsString, Option<OsString>)> {
    const ADDED: &str =
        "CARGO CAPTURE_ MDBOOK_ LD_LIBRARY_PATH RUST_BACKTRACE RUSTUP_TOOLCHAIN OUT_DIR";
    let added = variables(ADDED).filter(|name| name != "CARGO_HOME");
    added.map(|name| (name, None)).collect()
}

/// The variables of the environment whose names begin with one of these.
fn variables(beginnings: &str) -> impl Iterator<Item = OsString> {
    env::vars_os().map(|(name, _)| name).filter(|name| {
        let mut beginnings = beginnings.split(' ').map(str::as_bytes);
        beginnings.any(|beginning| name.as_encoded_bytes().starts_with(beginning))
    })
}
