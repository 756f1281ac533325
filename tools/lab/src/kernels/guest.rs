//! What a guest boots: a kernel, and a small Debian in memory that holds the
//! listings.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use capture::{CHECK, Plan};
use xtask::needs;

use super::all::{Kernel, Machine};
use super::debian;
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
    "exclude=/usr/share/*",
    "exclude=/usr/lib/*/gconv/*",
    "exclude=/usr/lib/*/perl*",
    "exclude=/var/*",
];

/// The image of the kernel, and the modules for a disk in memory and for
/// compressed swap.
const OF_THE_KERNEL: &[&str] = &[
    "exclude=/*",
    "include=/boot/vmlinu*",
    "include=*/modules/*/modules.builtin*",
    "include=*/modules/*/modules.order",
    "include=*/modules/*/kernel/crypto/crc32c*",
    "include=*/modules/*/kernel/crypto/lz*",
    "include=*/modules/*/kernel/drivers/block/brd.ko*",
    "include=*/modules/*/kernel/drivers/block/zram/*",
    "include=*/modules/*/kernel/fs/ext4/*",
    "include=*/modules/*/kernel/fs/jbd2/*",
    "include=*/modules/*/kernel/fs/mbcache.ko*",
    "include=*/modules/*/kernel/lib/*",
    "include=*/modules/*/kernel/mm/*",
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
        needs::install(root, &[needs::packages(debian::PROGRAMS)])?;
        let image = image(&guest, kernel)?;
        let own = guest.join("own");
        write_own(&own, root, kernel.machine, programs, plan)?;
        let initramfs = guest.join("initramfs.cpio");
        let layers = [userland(folder, kernel.machine)?, image.clone(), own];
        pack(&layers, &initramfs)?;
        Ok(Self {
            kernel: vmlinuz(&image)?,
            initramfs,
        })
    }
}

/// The kernel's files.
fn image(guest: &Path, kernel: &Kernel) -> anyhow::Result<PathBuf> {
    let (place, debian) = (guest.join("kernel"), kernel.machine.debian);
    once(
        &place,
        kernel.suite,
        debian,
        &[kernel.package],
        OF_THE_KERNEL,
    )?;
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

/// A small Debian.
fn userland(folder: &Path, machine: &Machine) -> anyhow::Result<PathBuf> {
    // Its C library is the one that the programs are linked with.
    let suite = debian::own_release()?;
    let place = folder.join(format!("userland-{suite}-{}", machine.debian));
    once(&place, &suite, machine.debian, PACKAGES, SPARE)?;
    Ok(place)
}

/// Unpacks packages once: the folder is there in full or not at all.
fn once(
    place: &Path,
    suite: &str,
    architecture: &str,
    packages: &[&str],
    paths: &[&str],
) -> anyhow::Result<()> {
    if place.is_dir() {
        return Ok(());
    }
    let parent = place.parent().context("a folder has a parent")?;
    fs::create_dir_all(parent)?;
    let new = tempfile::Builder::new().prefix("new-").tempdir_in(parent)?;
    let made = new.path().join("it");
    debian::unpack(suite, architecture, packages, paths, &made)?;
    fs::rename(made, place)?;
    Ok(())
}

/// Writes folders, one over the other, as archives that a kernel unpacks one after
/// the other.
fn pack(layers: &[PathBuf], archive: &Path) -> anyhow::Result<()> {
    let script = r#"for layer; do
        (cd "$layer" && find . -mindepth 1 -print0 | cpio --quiet -0 -o -H newc -R 0:0) || exit
    done"#;
    let output =
        fs::File::create(archive).with_context(|| format!("cannot write {}", archive.display()))?;
    let mut pack = Command::new("sh");
    pack.args(["-c", script, "sh"]).args(layers).stdout(output);
    succeed(&mut pack)
}

fn succeed(command: &mut Command) -> anyhow::Result<()> {
    let status = command.stdin(Stdio::null()).status();
    let status =
        status.with_context(|| format!("cannot start {}", command.get_program().display()))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}

/// Copies a program without what only a debugger reads: most of it, and the
/// kernel maps none of it.
fn copy_program(program: &Path, to: &Path, machine: &Machine) -> anyhow::Result<()> {
    let mut strip = Command::new(format!("{}-strip", machine.gnu));
    succeed(strip.arg("--strip-debug").arg("-o").args([to, program]))
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
    fs::create_dir_all(own)?;
    succeed(
        Command::new("sh")
            .args(["-c", debian::USUAL, "sh"])
            .arg(own),
    )?;
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
    for listing in capture::Listings::of(root)?.iter() {
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
