//! The names that the kernel and this tool give to what they say. What a listing
//! prints may have none of them.

use super::ProcFiles;

/// The fields of `smaps` and `smaps_rollup`, by proc_pid_smaps(5) and
/// `Documentation/filesystems/proc.rst` of Linux 6.18.
const SMAPS: &str = "\
    Size KernelPageSize MMUPageSize Rss Pss Pss_Dirty Pss_Anon Pss_File Pss_Shmem \
    Shared_Clean Shared_Dirty Private_Clean Private_Dirty Referenced Anonymous KSM \
    LazyFree AnonHugePages ShmemPmdMapped FilePmdMapped Shared_Hugetlb Private_Hugetlb \
    Swap SwapPss Locked THPeligible ProtectionKey VmFlags";

/// The fields of `status`, by proc_pid_status(5) and proc.rst.
const STATUS: &str = "\
    Name Umask State Tgid Ngid Pid PPid TracerPid Uid Gid FDSize Groups NStgid NSpid \
    NSpgid NSsid Kthread VmPeak VmSize VmLck VmPin VmHWM VmRSS RssAnon RssFile RssShmem \
    VmData VmStk VmExe VmLib VmPTE VmPMD VmSwap HugetlbPages CoreDumping THP_enabled \
    untag_mask Threads SigQ SigPnd ShdPnd SigBlk SigIgn SigCgt CapInh CapPrm CapEff \
    CapBnd CapAmb NoNewPrivs Seccomp Seccomp_filters Speculation_Store_Bypass \
    SpeculationIndirectBranch Cpus_allowed Cpus_allowed_list Mems_allowed \
    Mems_allowed_list voluntary_ctxt_switches nonvoluntary_ctxt_switches";

/// What a claim says of a mapping, a process and the machine, places, and variables
/// of the shell.
const OWN: &str = "\
    pid pagesize start end perms offset inode path present minflt majflt self home pwd \
    ifs lc_all";

/// Whose name this is already, if only in other letters: `rss` would pass for
/// `Rss` with a reader.
pub fn reserved(name: &str) -> Option<&'static str> {
    let all = [SMAPS, STATUS, OWN].into_iter();
    all.flat_map(str::split_whitespace)
        .find(|known| alike(known, name))
}

/// Whether a field of smaps or status has that name, on some kernel.
pub fn is_field(name: &str) -> bool {
    let all = [SMAPS, STATUS].into_iter();
    all.flat_map(str::split_whitespace)
        .any(|known| known == name)
}

/// Whether the kernel prints a field of that name, be it newer than the above.
pub fn prints<'a>(proc: &'a ProcFiles, name: &str) -> Option<&'a str> {
    printed(proc).find(|field| alike(field, name))
}

/// The names of all fields of smaps and status.
pub fn printed(proc: &ProcFiles) -> impl Iterator<Item = &str> {
    let lines = proc.status.lines().chain(proc.smaps.lines());
    lines.filter_map(|line| line.split_once(':').map(|(name, _)| name))
}

fn alike(one: &str, other: &str) -> bool {
    let plain = |c: char| match c {
        '-' => '_',
        c => c.to_ascii_lowercase(),
    };
    one.len() == other.len() && one.chars().map(plain).eq(other.chars().map(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_kernel_s_is_known_in_any_letters() {
        for (name, known) in [
            ("Rss", "Rss"),
            ("rss", "Rss"),
            ("private-dirty", "Private_Dirty"),
            ("VMRSS", "VmRSS"),
            ("PID", "Pid"),
            ("end", "end"),
            ("minflt", "minflt"),
            ("size", "Size"),
        ] {
            assert_eq!(reserved(name), Some(known), "{name}");
        }
        for free in ["memory", "faults", "rss_before", "sizes", "heap", ""] {
            assert_eq!(reserved(free), None, "{free}");
        }
    }

    /// The kernel that runs the tests prints nothing that is missing here, apart
    /// from what its architecture adds.
    #[test]
    fn this_kernel_s_fields_are_known() {
        let read = |name| std::fs::read_to_string(format!("/proc/self/{name}")).expect("readable");
        let proc = ProcFiles {
            smaps: read("smaps_rollup") + &read("smaps"),
            status: read("status"),
            ..ProcFiles::default()
        };
        let header = |name: &&str| name.contains(' ');
        let added = |name: &&str| name.starts_with("x86_");
        for name in printed(&proc).filter(|name| !header(name) && !added(name)) {
            assert!(reserved(name).is_some(), "{name} is missing");
        }
        assert_eq!(prints(&proc, "vmrss"), Some("VmRSS"));
    }
}
