//! The settings, one by one.

use super::guardian::{KNOB, SWAP};

/// A setting of the machine, and what is proved in it.
pub struct Setting {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, for a reader of the table.
    pub says: &'static str,
    pub make: Make,
    pub proof: Proof,
}

/// How a setting is made.
pub enum Make {
    /// A command that starts another in the setting. Whoever builds may do it.
    Under(&'static [&'static str]),
    /// The same, but only root may.
    ByRoot(&'static [&'static str]),
    /// prctl(2), `PR_SET_THP_DISABLE`.
    HugePagesOff,
    /// A seccomp(2) filter answers the newer system calls with this error.
    Refused(i32),
    /// A setting of the whole system: its guardian, a file, and what is written to it.
    OfSystem(&'static str, &'static str, &'static str),
}

/// What is proved.
pub enum Proof {
    /// Every session runs, and every claim holds.
    Claims,
    /// This succeeds.
    Succeeds(Task),
    /// This fails and says these words.
    Tells(Task, &'static str),
}

pub enum Task {
    /// `cargo xtask build`
    Build,
    /// `cargo lab check`
    Check,
}

const THP: &str = "/sys/kernel/mm/transparent_hugepage/enabled";
const THP_64K: &str = "/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled";
const OVERCOMMIT: &str = "/proc/sys/vm/overcommit_memory";

/// Folders of these settings, below the root.
pub const SMALL: &str = "target/matrix/settings/small";
pub const STRANGE: &str = "target/matrix/settings/Bücher & Größen, 本";

const HIDE_PROCESSES: &str = "mount -t proc -o hidepid=2 proc /proc && exec \"$@\"";
const LITTLE_ROOM: &str =
    "mount -t tmpfs -o size=1m tmpfs target/matrix/settings/small && exec \"$@\"";
const NO_ROOM: &str =
    "mount -t tmpfs -o size=4k,nr_inodes=1 tmpfs target/matrix/settings/small && exec \"$@\"";

/// A fresh copy of the checkout in "$0", with its listings still to compile.
const COPIED: &str = "unset CAPTURE_PROGRAMS MDBOOK_BUILD__BUILD_DIR; mkdir -p \"$0\" && \
     git ls-files -z --cached --others --exclude-standard | \
     xargs -0 cp -a --parents -t \"$0\" && cd \"$0\" && exec \"$@\"";
const MOUNTED_READ_ONLY: &str = "mount --bind \"$PWD\" \"$PWD\" && \
     mount -o remount,bind,ro \"$PWD\" && cd \"$PWD\" && \
     export CARGO_TARGET_DIR=\"$PWD/../elsewhere\" && exec \"$@\"";
#[rustfmt::skip]
const READ_ONLY: &[&str] = &[
    "unshare", "--mount", "sh", "-c", COPIED, "target/matrix/settings/read-only",
    "sh", "-c", MOUNTED_READ_ONLY, "sh",
];

/// Runs a command whose reader has gone away, and ends with its status.
const NO_READER: &str = "status=$(mktemp) && { \"$@\"; echo $? >\"$status\"; } | true; \
     read -r code <\"$status\"; rm \"$status\"; exit \"$code\"";

macro_rules! settings {
    ($($name:literal, $says:literal, $make:expr, $proof:expr;)*) => {
        &[$(Setting { name: $name, says: $says, make: $make, proof: $proof }),*]
    };
}

use Make::{ByRoot, HugePagesOff, OfSystem, Refused, Under};
use Proof::{Claims, Succeeds, Tells};
use Task::{Build, Check};

#[rustfmt::skip]
pub const SETTINGS: &[Setting] = settings! {
    "as-it-is", "the machine as it is", Under(&[]), Claims;
    "thp-off", "huge pages off for the process", HugePagesOff, Claims;
    "thp-always", "huge pages: always", OfSystem(KNOB, THP, "always"), Claims;
    "thp-madvise", "huge pages: madvise", OfSystem(KNOB, THP, "madvise"), Claims;
    "thp-never", "huge pages: never", OfSystem(KNOB, THP, "never"), Claims;
    "mthp-64k", "64 kB pages: always", OfSystem(KNOB, THP_64K, "always"), Claims;
    "overcommit-0", "overcommit mode 0", OfSystem(KNOB, OVERCOMMIT, "0"), Claims;
    "overcommit-1", "overcommit mode 1", OfSystem(KNOB, OVERCOMMIT, "1"), Claims;
    "overcommit-2", "overcommit mode 2", OfSystem(KNOB, OVERCOMMIT, "2"), Claims;
    "swap", "swap", OfSystem(SWAP, "target/matrix/settings/swap", ""), Claims;
    "memlock-0", "`ulimit -l 0`", Under(&["prlimit", "--memlock=0"]), Claims;
    "address-space", "`ulimit -v`, 256 MiB", Under(&["prlimit", "--as=268435456"]), Claims;
    "stack", "`ulimit -s unlimited`", Under(&["prlimit", "--stack=unlimited"]), Claims;
    "no-aslr", "`setarch -R`: no randomisation", Under(&["setarch", "-R"]), Claims;
    "user-namespace", "a user namespace", Under(&["unshare", "--user", "--map-root-user"]), Claims;
    "hidepid", "`/proc` with `hidepid=2`", ByRoot(&["unshare", "--mount", "sh", "-c", HIDE_PROCESSES, "sh"]), Claims;
    "refused", "newer calls answered with EPERM", Refused(libc::EPERM), Claims;
    "unknown", "newer calls answered with ENOSYS", Refused(libc::ENOSYS), Claims;
    "no-network", "no network", ByRoot(&["unshare", "--net"]), Claims;
    "build-no-network", "no network", ByRoot(&["unshare", "--net"]), Succeeds(Build);
    "locale", "a German locale", Under(&["env", "LANG=de_DE.UTF-8", "LC_ALL=de_DE.UTF-8", "LANGUAGE=de"]), Succeeds(Build);
    "dumb-terminal", "`TERM=dumb`", Under(&["env", "TERM=dumb"]), Succeeds(Build);
    "closed-output", "output and errors closed", Under(&["sh", "-c", "exec \"$@\" >&- 2>&-", "sh"]), Succeeds(Check);
    "no-reader", "output to a closed pipe", Under(&["sh", "-c", NO_READER, "sh"]), Succeeds(Check);
    "full-output", "output to a full disk", Under(&["sh", "-c", "exec \"$@\" >/dev/full", "sh"]), Succeeds(Check);
    "strange-path", "a path with spaces and letters beyond ASCII", Under(&["sh", "-c", COPIED, STRANGE]), Succeeds(Build);
    "read-only", "a read-only checkout: claims", ByRoot(READ_ONLY), Succeeds(Check);
    "read-only-build", "a read-only checkout: the book", ByRoot(READ_ONLY), Tells(Build, "Read-only file system");
    "full-disk", "a full disk under the book", ByRoot(&["unshare", "--mount", "sh", "-c", LITTLE_ROOM, "sh", "env", "MDBOOK_BUILD__BUILD_DIR=target/matrix/settings/small/book"]), Tells(Build, "No space left on device");
    "full-tmp", "no room for a session's folder", ByRoot(&["unshare", "--mount", "sh", "-c", NO_ROOM, "sh", "env", "TMPDIR=target/matrix/settings/small"]), Tells(Check, "No space left on device");
};
