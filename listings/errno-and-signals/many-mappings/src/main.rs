//! Divides one mapping, by making every second page read-only, until the
//! kernel allows this process no more mappings.

use std::{ffi::c_void, fs, io, process, ptr};

const MOST: usize = 100_000;

fn main() {
    let limit = fs::read_to_string("/proc/sys/vm/max_map_count");
    let limit = limit.expect("a process may read vm.max_map_count");
    let limit: usize = limit.trim().parse().expect("it is a number");
    if limit > MOST {
        println!("skipped: needs a lower vm.max_map_count than {limit}");
        process::exit(0)
    }
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    let pages = limit + 8;
    let memory = map(pages * page);
    println!("max_map_count = {limit}");

    // Each call makes two mappings more.
    let failed = (1..pages).step_by(2).any(|at| {
        let second = memory.wrapping_byte_add(at * page);
        // SAFETY: the page lies in the mapping, and nobody uses it.
        unsafe { libc::mprotect(second, page, libc::PROT_READ) != 0 }
    });
    fails("mprotect", failed);
    // These divide a mapping, too: this page has equal neighbours.
    let middle = memory.wrapping_byte_add((pages - 3) * page);
    // SAFETY: nobody uses the page.
    let failed = unsafe { libc::munmap(middle, page) } != 0;
    fails("munmap", failed);
    let advice = libc::MADV_DONTFORK;
    // SAFETY: the advice changes no byte.
    let failed = unsafe { libc::madvise(middle, page, advice) } != 0;
    fails("madvise", failed);
}

fn fails(call: &str, failed: bool) {
    let error = io::Error::last_os_error();
    let name = match error.raw_os_error() {
        _ if !failed => "ok",
        Some(libc::EAGAIN) => "EAGAIN",
        Some(libc::ENOMEM) => "ENOMEM",
        _ => "another",
    };
    println!("{call} = {name}");
}

fn map(len: usize) -> *mut c_void {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory = unsafe {
        libc::mmap(ptr::null_mut(), len, libc::PROT_NONE, flags, -1, 0)
    };
    if memory == libc::MAP_FAILED {
        let error = io::Error::last_os_error();
        println!("skipped: needs a higher ulimit -v: mmap: {error}");
        process::exit(0)
    }
    memory
}
