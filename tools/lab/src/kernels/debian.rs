//! Parts of Debian as folders: mmdebstrap(1) downloads packages and unpacks them,
//! without a change to this machine's apt.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use xtask::needs::Program;

/// What unpacks and packs.
pub const PROGRAMS: &[Program] = &[
    ("cpio", "cpio"),
    ("find", "findutils"),
    ("mmdebstrap", "mmdebstrap"),
];

/// The keys that sign Debian's releases; package debian-archive-keyring.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// /bin and its like are links, as everywhere today.
pub const USUAL: &str = r#"cd "$1" && mkdir -p dev proc sys && for name in bin lib lib64 sbin; do mkdir -p "usr/$name" && ln -s "usr/$name" "$name" || exit; done"#;

/// Unpacks packages of a release, and all that they need, into an empty folder.
/// `paths` are dpkg's options that choose among the files.
pub fn unpack(
    suite: &str,
    architecture: &str,
    packages: &[&str],
    paths: &[&str],
    folder: &Path,
) -> anyhow::Result<()> {
    let source = format!("deb [signed-by={KEYS}] {} {suite} main", mirror()?);
    let output = Command::new("mmdebstrap")
        // Nothing is installed, so that nothing of another architecture runs.
        .args(["--mode=chrootless", "--variant=extract"])
        .arg(format!("--setup-hook={USUAL}"))
        .arg(format!("--architectures={architecture}"))
        .arg(format!("--include={}", packages.join(",")))
        .args(paths.iter().map(|path| format!("--dpkgopt=path-{path}")))
        .arg(suite)
        .arg(folder)
        .arg(source)
        .stdin(Stdio::null())
        .output()
        .context("cannot start mmdebstrap")?;
    if !output.status.success() {
        bail!(
            "cannot fetch {} from Debian's {suite}: mmdebstrap ended with {}\n{}",
            packages.join(", "),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    Ok(())
}

/// The release of Debian that this machine runs.
pub fn own_release() -> anyhow::Result<String> {
    let text = fs::read_to_string("/etc/os-release").context("cannot read /etc/os-release")?;
    let mut lines = text.lines();
    lines
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .context("the kernels are Debian's packages, and /etc/os-release names no release: run this on Debian")
        .map(str::to_owned)
}

/// Where this machine gets Debian's packages from.
fn mirror() -> anyhow::Result<String> {
    let output = Command::new("apt-get")
        .args(["indextargets", "--format", "$(SITE)", "Label: Debian"])
        .output();
    let output = output.context(
        "the kernels are Debian's packages, and there is no apt-get here: run this on Debian",
    )?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().next() {
        Some(site) if Path::new(KEYS).is_file() => Ok(site.to_owned()),
        _ => bail!(
            "the kernels are Debian's packages, and this machine's apt knows no mirror of Debian or not its keys: run this on Debian, after `apt-get update`"
        ),
    }
}
