//! What a guest boots: a kernel, and a small Debian in memory that holds the
//! listings.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use reading::{CHECK, Plan};

use super::archive::pack;
use super::debian::{Debian, own_release, unpack};
use super::kernels::{Kernel, Machine};
use super::programs::Programs;

/// What the commands of the book use, and what makes a guest.
const PACKAGES: &[&str] = &[
    "binutils",
    "coreutils",
    "dash",
    "e2fsprogs",
    "findutils",
    "grep",
    "kmod",
    "libc-bin",
    "mount",
    "liblzma5",
    "sed",
    "util-linux",
];

/// What no command needs.
const SPARE: &[&str] = &[
    "--exclude=./usr/share",
    "--exclude=./usr/lib/*/gconv",
    "--exclude=./usr/lib/*/perl*",
    "--exclude=./var",
];

/// The image of the kernel, and the modules for a disk in memory and for
/// compressed swap.
const OF_THE_KERNEL: &[&str] = &[
    "--wildcards",
    "./boot/vmlinu*-*",
    "./*lib/modules/*/modules.builtin*",
    "./*lib/modules/*/modules.order",
    "./*lib/modules/*/kernel/crypto/crc32c*",
    "./*lib/modules/*/kernel/crypto/lz*",
    "./*lib/modules/*/kernel/drivers/block/brd.ko*",
    "./*lib/modules/*/kernel/drivers/block/zram/*",
    "./*lib/modules/*/kernel/fs/ext4/*",
    "./*lib/modules/*/kernel/fs/jbd2/*",
    "./*lib/modules/*/kernel/fs/mbcache.ko*",
    "./*lib/modules/*/kernel/lib/*",
    "./*lib/modules/*/kernel/mm/*",
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
        let guest = folder.join(kernel.name);
        let image = image(&guest, folder, kernel)?;
        let own = guest.join("own");
        write_own(&own, root, kernel.machine, programs, plan)?;
        let initramfs = guest.join("initramfs.cpio");
        let layers = [userland(folder, kernel.machine)?, image.clone(), own];
        pack(&layers, &initramfs)
            .with_context(|| format!("cannot write {}", initramfs.display()))?;
        Ok(Self {
            kernel: vmlinuz(&image)?,
            initramfs,
        })
    }
}

/// The kernel's files, unpacked once.
fn image(guest: &Path, folder: &Path, kernel: &Kernel) -> anyhow::Result<PathBuf> {
    let place = guest.join("kernel");
    once(&place, |aside| {
        let debian = Debian::open(folder, kernel.suite, kernel.machine.debian)?;
        let package = debian.kernel_image(kernel.package)?;
        link_the_usual(aside)?;
        unpack(&package, aside, OF_THE_KERNEL)
    })?;
    Ok(place)
}

fn vmlinuz(image: &Path) -> anyhow::Result<PathBuf> {
    let boot = image.join("boot");
    let files = fs::read_dir(&boot).with_context(|| format!("cannot read {}", boot.display()))?;
    match files.flatten().next() {
        Some(file) => Ok(file.path()),
        None => bail!(
            "{} holds no kernel; remove its folder's parent",
            boot.display()
        ),
    }
}

/// A small Debian, unpacked once.
fn userland(folder: &Path, machine: &Machine) -> anyhow::Result<PathBuf> {
    // Its C library is the one that the programs are linked with.
    let suite = own_release()?;
    let place = folder.join(format!("userland-{suite}-{}", machine.debian));
    once(&place, |aside| {
        let debian = Debian::open(folder, &suite, machine.debian)?;
        link_the_usual(aside)?;
        for package in debian.with_all_they_need(PACKAGES)? {
            unpack(&package, aside, SPARE)?;
        }
        for name in ["dev", "proc", "sys"] {
            fs::create_dir_all(aside.join(name))?;
        }
        Ok(())
    })?;
    Ok(place)
}

/// Makes a folder that is there in full or not at all.
fn once(place: &Path, make: impl FnOnce(&Path) -> anyhow::Result<()>) -> anyhow::Result<()> {
    if place.is_dir() {
        return Ok(());
    }
    let parent = place.parent().context("a folder has a parent")?;
    fs::create_dir_all(parent)?;
    let aside = tempfile::Builder::new().prefix("new-").tempdir_in(parent)?;
    let made = aside.path().join("it");
    fs::create_dir(&made)?;
    make(&made)?;
    fs::rename(made, place)?;
    Ok(())
}

/// /bin and its like are links, as everywhere today.
fn link_the_usual(root: &Path) -> anyhow::Result<()> {
    for name in ["bin", "lib", "lib64", "sbin"] {
        fs::create_dir_all(root.join("usr").join(name))?;
        symlink(Path::new("usr").join(name), root.join(name))?;
    }
    Ok(())
}

/// Copies a program without what only a debugger reads: most of it, and the
/// kernel maps none of it.
fn copy_program(program: &Path, to: &Path, machine: &Machine) -> anyhow::Result<()> {
    let strip = format!("{}-strip", machine.gnu);
    let status = Command::new(&strip)
        .arg("--strip-debug")
        .arg("-o")
        .args([to, program])
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot start {strip}, of Debian's binutils"))?;
    if !status.success() {
        bail!("`{strip}` of {} ended with {status}", program.display());
    }
    Ok(())
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
    link_the_usual(own)?;
    for (name, text) in [
        ("init", include_str!("guest/init")),
        ("check", include_str!("guest/check")),
    ] {
        let file = own.join(name);
        fs::write(&file, text)?;
        fs::set_permissions(&file, PermissionsExt::from_mode(0o755))?;
    }
    copy_program(&programs.capture, &own.join("usr/bin/capture"), machine)?;
    symlink("capture", own.join("usr/bin").join(CHECK))?;

    let book = own.join("book");
    let bin = book.join("target/debug");
    fs::create_dir_all(&bin)?;
    let mut inside = BTreeMap::new();
    for (name, program) in &programs.listings {
        copy_program(program, &bin.join(name), machine)?;
        inside.insert(name, Path::new("/book/target/debug").join(name));
    }
    fs::write(book.join("programs.json"), serde_json::to_vec(&inside)?)?;
    fs::write(book.join("plan.json"), serde_json::to_vec(plan)?)?;
    fs::copy(root.join("Cargo.toml"), book.join("Cargo.toml"))?;
    for listing in session::Listings::of(root)?.iter() {
        let folder = book.join(listing.folder.strip_prefix(root)?);
        fs::create_dir_all(&folder)?;
        for name in ["Cargo.toml", "session.toml"] {
            let file = listing.folder.join(name);
            if file.is_file() {
                fs::copy(file, folder.join(name))?;
            }
        }
    }
    Ok(())
}
