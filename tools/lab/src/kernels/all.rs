//! The kernels of the matrix, and the machines that they run on.

use std::env::consts::ARCH;

/// A kernel, as Debian has it.
#[derive(Debug)]
pub struct Kernel {
    /// How the command line names it.
    pub name: &'static str,
    /// How the table names it.
    pub title: &'static str,
    /// The release of Debian that it comes from.
    pub suite: &'static str,
    /// The package that depends on the newest image.
    pub package: &'static str,
    pub machine: &'static Machine,
}

/// What QEMU plays.
#[derive(Debug)]
pub struct Machine {
    /// What Debian calls it, and GNU's tools.
    pub debian: &'static str,
    pub gnu: &'static str,
    /// QEMU's program, and the package that it comes in.
    pub qemu: (&'static str, &'static str),
    pub options: &'static str,
    pub console: &'static str,
}

impl Machine {
    /// Whether its programs run here.
    pub fn is_this(&self) -> bool {
        self.gnu.starts_with(ARCH)
    }

    /// What Rust calls it.
    pub fn rust(&self) -> String {
        self.gnu.replace("-linux", "-unknown-linux")
    }

    /// Debian's packages of a compiler for it.
    pub fn compiler(&self) -> String {
        let (gnu, debian) = (self.gnu.replace('_', "-"), self.debian);
        format!("gcc-{gnu},libc6-dev-{debian}-cross")
    }
}

const X86: Machine = Machine {
    debian: "amd64",
    gnu: "x86_64-linux-gnu",
    qemu: ("qemu-system-x86_64", "qemu-system-x86"),
    // All that the processor of an emulator can have: protection keys, too.
    options: "-machine pc -cpu max",
    console: "ttyS0",
};

const ARM: Machine = Machine {
    debian: "arm64",
    gnu: "aarch64-linux-gnu",
    qemu: ("qemu-system-aarch64", "qemu-system-arm"),
    // Emulating signed pointers as the architecture has it is slow.
    options: "-machine virt -cpu max,pauth-impdef=on",
    console: "ttyAMA0",
};

const POWER: Machine = Machine {
    debian: "ppc64el",
    gnu: "powerpc64le-linux-gnu",
    qemu: ("qemu-system-ppc64", "qemu-system-ppc"),
    options: "-machine pseries -cpu power9",
    console: "hvc0",
};

macro_rules! kernels {
    ($($name:literal, $title:literal, $suite:literal, $package:literal, $machine:expr;)*) => {
        &[$(Kernel { name: $name, title: $title, suite: $suite, package: $package, machine: $machine }),*]
    };
}

// Debian has no arm64 kernel with pages of 64 KiB.
#[rustfmt::skip]
pub const KERNELS: &[Kernel] = kernels! {
    "5.10", "5.10", "bullseye", "linux-image-amd64", &X86;
    "6.1", "6.1", "bookworm", "linux-image-amd64", &X86;
    "6.12", "6.12", "trixie", "linux-image-amd64", &X86;
    "6.12-arm64", "6.12, arm64", "trixie", "linux-image-arm64", &ARM;
    "6.12-arm64-16k", "6.12, arm64, 16 KiB", "trixie", "linux-image-arm64-16k", &ARM;
    "6.1-ppc64el", "6.1, ppc64le, 64 KiB", "bookworm", "linux-image-powerpc64le", &POWER;
};
