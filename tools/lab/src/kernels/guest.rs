//! What a guest boots: a kernel, and a small Debian in memory that holds the
//! listings.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use reading::{CHECK, Plan};
use session::Listings;
use xtask::needs::{self, Program};

use super::all::{Kernel, Machine};
use super::programs::Programs;

/// What unpacks and packs.
const PROGRAMS: &[Program] = &[
    ("cpio", "cpio"),
    ("find", "findutils"),
    ("mmdebstrap", "mmdebstrap"),
];

/// A kernel and its first files in memory, for QEMU.
pub struct Guest {
    pub kernel: PathBuf,
    pub initramfs: PathBuf,
}

impl Guest {
    /// Fetches what is missing, and writes the files that QEMU loads, below
    /// `folder`.
    pub fn make(
        folder: &Path,
        root: &Path,
        kernel: &Kernel,
        programs: &Programs,
        plan: &Plan,
    ) -> anyhow::Result<Self> {
        needs::programs(root, PROGRAMS)?;
        let guest = folder.join(kernel.name);
        write_own(&guest.join("own"), root, kernel.machine, programs, plan)?;
        let mut make = Command::new("sh");
        make.args(["-c", include_str!("guest/make"), "make"]);
        make.args([kernel.suite, kernel.package, kernel.machine.debian]);
        succeed(make.current_dir(&guest))
            .with_context(|| format!("cannot make the guest {}", kernel.name))?;
        Ok(Self {
            kernel: guest.join("vmlinuz"),
            initramfs: guest.join("initramfs.cpio"),
        })
    }
}

fn succeed(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().display().to_string();
    let status = command.stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("cannot start {name}"))?;
    if !status.success() {
        bail!("{name} ended with {status}");
    }
    Ok(())
}

/// Copies a program without what only a debugger reads: most of it, and the
/// kernel maps none of it.
fn copy_program(program: &Path, to: &Path, machine: &Machine) -> anyhow::Result<()> {
    let mut strip = Command::new(format!("{}-strip", machine.gnu));
    succeed(strip.arg("--strip-debug").arg("-o").args([to, program]))
        .with_context(|| format!("cannot copy {}", program.display()))
}

/// The book's part: listings, what checks them, and what they are asked.
fn write_own(
    own: &Path,
    root: &Path,
    machine: &Machine,
    programs: &Programs,
    plan: &Plan,
) -> anyhow::Result<()> {
    if own.is_dir() {
        fs::remove_dir_all(own)?;
    }
    let (book, bin) = (own.join("book"), own.join("usr/bin"));
    let built = book.join("target/debug");
    fs::create_dir_all(&bin)?;
    fs::create_dir_all(&built)?;
    for (name, text) in [
        ("init", include_str!("guest/init")),
        ("check", include_str!("guest/check")),
    ] {
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
