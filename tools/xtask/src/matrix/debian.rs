//! Debian's packages, without a change to this machine's apt.
//!
//! Each release and architecture gets an apt of its own below `target/matrix/`:
//! its lists, its packages, and a list of installed packages that is empty. The
//! mirror is the one that this machine's apt uses. What has been fetched stays,
//! until the folder is removed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// The keys that sign Debian's releases; package debian-archive-keyring.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// One release of Debian for one architecture.
pub struct Debian {
    folder: PathBuf,
    suite: String,
    architecture: &'static str,
}

impl Debian {
    /// Sets up its apt in `folder`, and fetches the lists if there are none.
    pub fn open(folder: &Path, suite: &str, architecture: &'static str) -> anyhow::Result<Self> {
        let debian = Self {
            folder: folder.join(format!("{suite}-{architecture}")),
            suite: suite.to_owned(),
            architecture,
        };
        let listed = debian.folder.join("listed");
        if !listed.is_file() {
            debian.configure()?;
            debian.apt("apt-get", &["update", "--error-on=any"])?;
            fs::write(listed, "")?;
        }
        Ok(debian)
    }

    fn configure(&self) -> anyhow::Result<()> {
        for folder in ["lists/partial", "archives/partial", "preferences.d"] {
            fs::create_dir_all(self.folder.join(folder))?;
        }
        fs::write(self.folder.join("status"), "")?;
        let (mirror, suite) = (mirror()?, &self.suite);
        let source = format!("deb [signed-by={KEYS}] {mirror} {suite} main\n");
        fs::write(self.folder.join("sources.list"), source)?;
        let (here, architecture) = (self.folder.display(), self.architecture);
        let settings = format!(
            r#"Dir::Etc "{here}";
Dir::Etc::Parts "/dev/null";
Dir::Etc::SourceParts "/dev/null";
Dir::State "{here}";
Dir::State::Status "{here}/status";
Dir::Cache "{here}";
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
"#
        );
        fs::write(self.configuration(), settings)?;
        Ok(())
    }

    fn configuration(&self) -> PathBuf {
        self.folder.join("apt.conf")
    }

    /// These packages and all that they need, as files.
    pub fn with_all_they_need(&self, packages: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
        let words = [&["install", "--download-only", "--yes"], packages].concat();
        self.apt("apt-get", &words)?;
        let archives = fs::read_dir(self.folder.join("archives"))?;
        let mut files = Vec::new();
        for file in archives {
            let path = file?.path();
            if path.extension().is_some_and(|extension| extension == "deb") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// The package of the newest kernel image, as a file: what `package`, which
    /// is empty, depends on.
    pub fn kernel_image(&self, package: &str) -> anyhow::Result<PathBuf> {
        let words = self.apt("apt-cache", &["depends", package])?;
        let image = depended_on(&words).with_context(|| {
            format!(
                "the package {package} of {} names no kernel image",
                self.suite
            )
        })?;
        let images = self.folder.join("images");
        fs::create_dir_all(&images)?;
        if let Some(file) = file_of(&images, image)? {
            return Ok(file);
        }
        self.apt_in(&images, "apt-get", &["download", image])?;
        file_of(&images, image)?.with_context(|| format!("apt-get download {image} left no file"))
    }

    fn apt(&self, program: &str, words: &[&str]) -> anyhow::Result<String> {
        self.apt_in(&self.folder, program, words)
    }

    fn apt_in(&self, folder: &Path, program: &str, words: &[&str]) -> anyhow::Result<String> {
        let output = Command::new(program)
            .args(words)
            .current_dir(folder)
            .env("APT_CONFIG", self.configuration())
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {program}"))?;
        if !output.status.success() {
            bail!(
                "cannot fetch from Debian's {}: `{program} {}` ended with {}\n{}",
                self.suite,
                words.join(" "),
                output.status,
                String::from_utf8_lossy(&output.stderr).trim_end()
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// The release of Debian that this machine runs.
pub fn own_release() -> anyhow::Result<String> {
    let text = fs::read_to_string("/etc/os-release").context("cannot read /etc/os-release")?;
    codename(&text)
        .context("the kernels are Debian's packages, and /etc/os-release names no release: run this on Debian")
        .map(str::to_owned)
}

/// `VERSION_CODENAME=bookworm`
fn codename(text: &str) -> Option<&str> {
    let mut lines = text.lines();
    lines.find_map(|line| line.strip_prefix("VERSION_CODENAME="))
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

/// The kernel image among the lines of `apt-cache depends`.
fn depended_on(words: &str) -> Option<&str> {
    let mut lines = words.lines().map(str::trim);
    lines.find_map(|line| {
        let name = line.strip_prefix("Depends: ")?;
        name.starts_with("linux-image-").then_some(name)
    })
}

/// A package's file, `NAME_VERSION_ARCHITECTURE.deb`, in a folder.
fn file_of(folder: &Path, package: &str) -> anyhow::Result<Option<PathBuf>> {
    let start = format!("{package}_");
    for file in fs::read_dir(folder)? {
        let file = file?;
        if file.file_name().to_string_lossy().starts_with(&start) {
            return Ok(Some(file.path()));
        }
    }
    Ok(None)
}

/// Unpacks a package's files below `folder`, but none that these patterns of
/// tar(1) name; with `--wildcards` first, only those.
pub fn unpack(package: &Path, folder: &Path, patterns: &[&str]) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let mut files = Command::new("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(package)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start dpkg-deb")?;
    let tar = files.stdout.take().context("dpkg-deb has no output")?;
    let status = Command::new("tar")
        // A folder of the package may be a link here, such as /lib.
        .args(["--extract", "--keep-directory-symlink", "--directory"])
        .arg(folder)
        .args(patterns)
        .stdin(tar)
        .status()
        .context("cannot start tar")?;
    let read = files.wait()?;
    if !status.success() || !read.success() {
        bail!(
            "cannot unpack {}: dpkg-deb {read}, tar {status}",
            package.display()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{codename, depended_on};

    #[test]
    fn the_empty_package_names_the_image() {
        let words =
            "linux-image-amd64\n  Depends: linux-base\n  Depends: linux-image-6.1.0-38-amd64\n";
        assert_eq!(depended_on(words), Some("linux-image-6.1.0-38-amd64"));
        assert_eq!(depended_on("linux-image-amd64\n"), None);
    }

    #[test]
    fn the_release_is_known_by_its_codename() {
        let text = "ID=debian\nVERSION_CODENAME=bookworm\nNAME=x\n";
        assert_eq!(codename(text), Some("bookworm"));
        assert_eq!(codename("ID=arch\n"), None);
    }
}
