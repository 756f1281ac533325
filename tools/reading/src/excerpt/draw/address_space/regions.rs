//! The VMAs of a process, grouped and named.
//!
//! A VMA has no name in the kernel but its file's; what the parts of a program
//! are is told by permissions and flags, and what lies behind them by where it
//! begins. See proc_pid_maps(5) and proc_pid_smaps(5).

use std::collections::BTreeMap;

use procfs_core::process::{MMPermissions, MMapPath, MemoryMap, VmFlags};

use super::region::{ANONYMOUS, Backing, RESERVED, Region};
use session::memory_maps;

/// What a picture says of a process's VMAs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regions {
    /// From low to high addresses.
    pub regions: Vec<Region>,
    /// The first address of `[vsyscall]`, which is no memory of the process.
    pub vsyscall: Option<u64>,
}

/// More anonymous mappings than this in a row are one region.
const MOST_IN_A_ROW: usize = 4;
/// A thread's stack is not smaller; see `PTHREAD_STACK_MIN` in sysconf(3).
const LEAST_STACK: u64 = 16 << 10;
/// No page of Linux is smaller.
const LEAST_PAGE: u64 = 4096;

/// Groups and names the VMAs of an smaps text. `start_code` is an address of the
/// program's text; `threads` how many threads there are; `pointers` the addresses
/// that the listing printed.
pub fn regions(
    smaps: &str,
    start_code: Option<u64>,
    threads: u64,
    pointers: &BTreeMap<String, u64>,
) -> Result<Regions, String> {
    let maps = memory_maps(smaps).map_err(|error| error.to_string())?;
    let (maps, others): (Vec<MemoryMap>, Vec<MemoryMap>) = maps
        .into_iter()
        .partition(|map| map.pathname != MMapPath::Vsyscall);
    let vsyscall = others.first().map(|map| map.address.0);
    let runs = runs(&maps);
    let program = program(&runs, start_code);
    let pointed = |start: u64, end: u64| pointers.values().any(|at| (start..end).contains(at));

    let mut regions: Vec<Region> = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let first = &run[0];
        match &first.pathname {
            MMapPath::Path(_) if Some(index) == program => {
                for map in *run {
                    let name = part_of_program(map);
                    match regions.last_mut() {
                        Some(last) if last.name == name => last.grow(map),
                        _ => regions.push(Region::new(name, Backing::File, map)),
                    }
                }
            }
            MMapPath::Path(path) => {
                let name = path
                    .file_name()
                    .unwrap_or(path.as_os_str())
                    .to_string_lossy();
                // `/dev/zero (deleted)` is what the kernel makes of memory that
                // is shared and has no file.
                let (name, backing) = if path.starts_with("/dev/zero (deleted)") {
                    ("shared memory".to_owned(), Backing::Anonymous)
                } else {
                    (name.into_owned(), Backing::File)
                };
                add_run(&mut regions, &name, backing, run);
            }
            path if is_of_kernel(path) => {
                add_run(&mut regions, "[vdso]", Backing::Kernel, run);
            }
            MMapPath::Anonymous => {
                let (start, end) = first.address;
                let writable = first
                    .perms
                    .contains(MMPermissions::READ | MMPermissions::WRITE);
                let behind = regions
                    .last_mut()
                    .filter(|last| last.end == start && writable);
                match behind {
                    Some(last) if last.name == DATA || last.name == BSS => {
                        if last.name == BSS {
                            last.grow(first);
                        } else {
                            regions.push(Region::new(BSS, Backing::Anonymous, first));
                        }
                    }
                    // A library's own bss.
                    Some(last) if last.is_library() && !pointed(start, end) => last.grow(first),
                    _ => {
                        // What mmap returned, and the listing printed, is a
                        // mapping of the listing's own, which may have become
                        // one with a stack.
                        let mut inside = pointers.values().filter(|at| (start..end).contains(at));
                        let is_stack = threads > 1
                            && is_stack(regions.last(), first)
                            && !inside.any(|at| at.is_multiple_of(LEAST_PAGE));
                        regions.push(anonymous(first, is_stack));
                    }
                }
            }
            other => regions.push(Region::new(&special(other), Backing::Anonymous, first)),
        }
    }
    Ok(Regions {
        regions: fold(regions, pointed),
        vsyscall,
    })
}

const DATA: &str = "data (program)";
const BSS: &str = "bss (program)";

/// Neighbours of one file, or of the kernel's [vvar] and [vdso].
fn runs(maps: &[MemoryMap]) -> Vec<&[MemoryMap]> {
    maps.chunk_by(|a, b| match (&a.pathname, &b.pathname) {
        (MMapPath::Path(a), MMapPath::Path(b)) => a == b,
        (a, b) => is_of_kernel(a) && is_of_kernel(b),
    })
    .collect()
}

/// `[vdso]`, `[vvar]`, and the `[vvar_vclock]` of newer kernels.
fn is_of_kernel(path: &MMapPath) -> bool {
    match path {
        MMapPath::Vdso | MMapPath::Vvar => true,
        MMapPath::Other(name) => name.starts_with("vvar"),
        _ => false,
    }
}

/// The run of VMAs that the program was loaded from.
fn program(runs: &[&[MemoryMap]], start_code: Option<u64>) -> Option<usize> {
    let is_file = |run: &&[MemoryMap]| matches!(run[0].pathname, MMapPath::Path(_));
    let holds = |run: &&[MemoryMap]| {
        let inside = |map: &MemoryMap, at| (map.address.0..map.address.1).contains(&at);
        start_code.is_some_and(|at| run.iter().any(|map| inside(map, at)))
    };
    runs.iter()
        .position(|run| is_file(run) && holds(run))
        .or_else(|| {
            runs.iter()
                .position(|run| is_file(run) && is_executable(run))
        })
}

fn is_executable(run: &[MemoryMap]) -> bool {
    run.iter()
        .any(|map| map.perms.contains(MMPermissions::EXECUTE))
}

/// A private mapping counts as memory that may be needed (`ac`) once it was
/// writable: the dynamic loader's relocations were written there, and then it
/// was made read-only.
fn part_of_program(map: &MemoryMap) -> &'static str {
    let was_writable = map.extension.vm_flags.contains(VmFlags::AC);
    if map.perms.contains(MMPermissions::EXECUTE) {
        "text (program)"
    } else if map.perms.contains(MMPermissions::WRITE) {
        DATA
    } else if was_writable {
        "relro (program)"
    } else if map.perms.contains(MMPermissions::READ) {
        "rodata (program)"
    } else {
        RESERVED
    }
}

/// A library is one region; each mapping of another file is its own.
fn add_run(regions: &mut Vec<Region>, name: &str, backing: Backing, run: &[MemoryMap]) {
    let as_one = is_executable(run);
    for (index, map) in run.iter().enumerate() {
        match regions.last_mut() {
            Some(last) if as_one && index > 0 => last.grow(map),
            _ => regions.push(Region::new(name, backing, map)),
        }
    }
}

/// Thread stacks are not named by the kernel. glibc and musl put a page without
/// access below each.
fn is_stack(below: Option<&Region>, map: &MemoryMap) -> bool {
    let (start, end) = map.address;
    end - start >= LEAST_STACK
        && map
            .perms
            .contains(MMPermissions::WRITE | MMPermissions::PRIVATE)
        && below.is_some_and(|guard| {
            guard.backing == Backing::Reserved && guard.end == start && guard.mapped < LEAST_STACK
        })
}

fn anonymous(map: &MemoryMap, is_stack: bool) -> Region {
    let any = MMPermissions::READ | MMPermissions::WRITE | MMPermissions::EXECUTE;
    if !map.perms.intersects(any) {
        Region::new(RESERVED, Backing::Reserved, map)
    } else if is_stack {
        Region::new("thread stack", Backing::Anonymous, map)
    } else {
        Region::new(ANONYMOUS, Backing::Anonymous, map)
    }
}

fn special(path: &MMapPath) -> String {
    match path {
        MMapPath::Heap => "[heap]".to_owned(),
        MMapPath::Stack => "[stack]".to_owned(),
        MMapPath::TStack(_) => "thread stack".to_owned(),
        MMapPath::Vsys(_) => "System V shared memory".to_owned(),
        MMapPath::Other(name) => format!("[{name}]"),
        _ => ANONYMOUS.to_owned(),
    }
}

/// Many anonymous mappings in a row, to which nothing points, become one region.
fn fold(regions: Vec<Region>, pointed: impl Fn(u64, u64) -> bool) -> Vec<Region> {
    let plain = |region: &Region| region.is_unnamed() && !pointed(region.start, region.end);
    let mut folded = Vec::new();
    for run in regions.chunk_by(|a, b| plain(a) && plain(b)) {
        if run.len() <= MOST_IN_A_ROW {
            folded.extend_from_slice(run);
            continue;
        }
        let mut permissions: Vec<String> = Vec::new();
        for one in run.iter().flat_map(|region| &region.permissions) {
            if !permissions.contains(one) {
                permissions.push(one.clone());
            }
        }
        folded.push(Region {
            name: format!("{} anonymous VMAs", run.len()),
            backing: Backing::Anonymous,
            start: run[0].start,
            end: run[run.len() - 1].end,
            mapped: run.iter().map(|region| region.mapped).sum(),
            permissions,
        });
    }
    folded
}

#[cfg(test)]
mod tests;
