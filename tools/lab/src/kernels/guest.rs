//! What a guest boots: a kernel, and a small Debian in memory that holds the
//! listings.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use reading::{CHECK, Plan};
use session::{Foreign, Listings, cargo_build};
use xtask::{must_succeed, needs};

use super::all::{Kernel, Machine};

/// What is compiled for one kind of machine.
struct Programs {
    listings: BTreeMap<String, PathBuf>,
    capture: PathBuf,
}

impl Programs {
    /// Compiles them as `cargo run -p LISTING` does: the programs that a reader
    /// of such a machine has, which ask its own loader for its own libraries.
    fn compile(root: &Path, machine: &Machine) -> anyhow::Result<Self> {
        let (triple, linker) = (&machine.rust(), &format!("{}-gcc", machine.gnu));
        let target = (!machine.is_this()).then_some(Foreign { triple, linker });
        if target.is_some() {
            needs::programs(root, &format!("{linker}={}", machine.compiler()))?;
            must_succeed(Command::new("rustup").args(["target", "add", triple]))
                .context("cannot fetch Rust's standard library for another kind of machine")?;
        }
        let listings = cargo_build(root, None, target)?;
        let mut failures = listings.failures.values().chain([&listings.needed]);
        if let Some(words) = failures.find(|words| !words.is_empty()) {
            bail!("the listings do not compile for {triple}\n{words}");
        }
        let tools = cargo_build(&root.join("tools"), Some(&["capture"]), target)?;
        let capture = tools.program("capture").map_err(anyhow::Error::msg)?;
        Ok(Self {
            listings: listings.programs,
            capture: capture.to_owned(),
        })
    }
}

/// Fetches what is missing, and writes the files that QEMU loads into a folder
/// below `folder`, which it gives: `vmlinuz`, and the first files in memory.
pub fn make(folder: &Path, root: &Path, kernel: &Kernel, plan: &Plan) -> anyhow::Result<PathBuf> {
    needs::programs(root, "cpio find=findutils mmdebstrap")?;
    let guest = folder.join(kernel.name);
    write_own(&guest.join("own"), root, kernel.machine, plan)?;
    fs::write(guest.join("make"), include_str!("guest/make"))?;
    let mut make = Command::new("sh");
    make.args(["make", kernel.suite, kernel.package, kernel.machine.debian]);
    make.current_dir(&guest).stdin(Stdio::null());
    must_succeed(&mut make).with_context(|| format!("cannot make the guest {}", kernel.name))?;
    Ok(guest)
}

/// Copies a program without what only a debugger reads: most of it, and the
/// kernel maps none of it.
fn copy_program(program: &Path, to: &Path, machine: &Machine) -> anyhow::Result<()> {
    let mut strip = Command::new(format!("{}-strip", machine.gnu));
    strip.args(["--strip-debug", "-o"]).args([to, program]);
    must_succeed(&mut strip)
}

/// The book's part: listings, what checks them, and what they are asked.
fn write_own(own: &Path, root: &Path, machine: &Machine, plan: &Plan) -> anyhow::Result<()> {
    let programs = Programs::compile(root, machine)?;
    if own.is_dir() {
        fs::remove_dir_all(own)?;
    }
    let (book, bin) = (own.join("book"), own.join("usr/bin"));
    let built = book.join("target/debug");
    fs::create_dir_all(&bin)?;
    fs::create_dir_all(&built)?;
    let (init, check) = (include_str!("guest/init"), include_str!("guest/check"));
    for (name, text) in [("init", init), ("check", check)] {
        let file = own.join(name);
        fs::write(&file, text)?;
        fs::set_permissions(&file, PermissionsExt::from_mode(0o755))?;
    }
    copy_program(&programs.capture, &bin.join("capture"), machine)?;
    symlink("capture", bin.join(CHECK))?;

    let mut inside = BTreeMap::new();
    for (name, program) in &programs.listings {
        copy_program(program, &built.join(name), machine)?;
        inside.insert(name, Path::new("/book/target/debug").join(name));
    }
    fs::write(book.join("programs.json"), serde_json::to_vec(&inside)?)?;
    fs::write(book.join("plan.json"), serde_json::to_vec(plan)?)?;
    fs::copy(root.join("Cargo.toml"), book.join("Cargo.toml"))?;
    for listing in Listings::of(root)?.iter() {
        let folder = book.join(listing.folder.strip_prefix(root)?);
        fs::create_dir_all(&folder)?;
        let manifest = listing.folder.join("Cargo.toml");
        fs::copy(manifest, folder.join("Cargo.toml"))?;
    }
    Ok(())
}
