//! Maps one huge page where no pool has any, and touches it in a child.

use std::{fs, io, process, ptr};

fn main() {
    let meminfo = fs::read_to_string("/proc/meminfo")
        .expect("a process may read /proc/meminfo");
    let (pool, size) = (
        number(&meminfo, "HugePages_Total:"),
        number(&meminfo, "Hugepagesize:"),
    );
    let surplus = "/proc/sys/vm/nr_overcommit_hugepages";
    let surplus = fs::read_to_string(surplus).unwrap_or_default();
    let (0, "0", Some(size)) = (pool.unwrap_or(0), surplus.trim(), size)
    else {
        skip("the kernel has one, or no huge pages");
    };
    let memory = map(size * 1024);
    println!("mmap = mapped");
    println!("touched = {}", child_that_writes(memory));
}

fn number(meminfo: &str, field: &str) -> Option<usize> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix(field));
    line?.split_whitespace().next()?.parse().ok()
}

/// Reserves nothing: otherwise mmap itself would fail without a pool.
fn map(len: usize) -> *mut u8 {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE
        | libc::MAP_ANONYMOUS
        | libc::MAP_HUGETLB
        | libc::MAP_NORESERVE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        skip(&format!("mmap: {}", io::Error::last_os_error()));
    }
    memory.cast()
}

fn child_that_writes(memory: *mut u8) -> String {
    // SAFETY: there is only one thread, so the child may do all it likes.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: the byte lies in the mapping. Without a page for it, a
        // signal ends this child and nothing else.
        unsafe { memory.write_volatile(1) };
        process::exit(0)
    }
    let mut status = 0;
    // SAFETY: waitpid writes into `status` and nowhere else.
    if child < 0 || unsafe { libc::waitpid(child, &mut status, 0) } < 0 {
        eprintln!("fork or waitpid: {}", io::Error::last_os_error());
        process::exit(1)
    }
    match libc::WTERMSIG(status) {
        0 => "written".to_owned(),
        libc::SIGBUS => "SIGBUS".to_owned(),
        signal => format!("signal {signal}"),
    }
}

fn skip(why: &str) -> ! {
    println!("skipped: needs an empty pool of huge pages: {why}");
    process::exit(0)
}
