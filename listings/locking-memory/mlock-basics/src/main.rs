//! Locks one page of a mapping, then all of it, unlocks it, and marks a
//! second mapping to be locked page by page, as faults bring the pages.

use std::{ffi::c_void, io, process, ptr};

const PAGES: usize = 8;

// ANCHOR: steps
fn main() {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    let len = PAGES * page;
    let memory = map(len, page);
    let lazy = map(len, page);
    may_lock(lazy, len);
    // (1)
    let fifth = memory.wrapping_byte_add(4 * page);
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    println!("fifth at {fifth:p}");
    println!("lazy at {lazy:p}");

    // (2)
    // SAFETY: the byte lies in the mapping, which is writable, and only
    // this thread knows its address.
    unsafe { memory.cast::<u8>().write_volatile(b'a') };
    checkpoint("touched", "lock one byte of the fifth page");

    // (3)
    // SAFETY: the byte lies in a mapping; locking changes no byte.
    let result = unsafe { libc::mlock(fifth.wrapping_byte_add(100), 1) };
    locked(result, "mlock");
    checkpoint("one", "lock all pages");

    // (4)
    // SAFETY: the range is the whole mapping.
    locked(unsafe { libc::mlock(memory, len) }, "mlock");
    checkpoint("whole", "unlock all pages");

    // (5)
    // SAFETY: as above.
    locked(unsafe { libc::munlock(memory, len) }, "munlock");
    checkpoint("unlocked", "mark the second mapping");

    // (6)
    // SAFETY: the range is the whole second mapping.
    let result = unsafe { libc::mlock2(lazy, len, libc::MLOCK_ONFAULT) };
    locked(result, "mlock2");
    checkpoint("marked", "write one byte to it");

    // (7)
    // SAFETY: as for the first write.
    unsafe { lazy.cast::<u8>().write_volatile(b'a') };
    checkpoint("faulted", "end");
}

// (8)
fn may_lock(memory: *mut c_void, len: usize) {
    // SAFETY: the range is a mapping, in which is nothing to lock yet.
    let result = unsafe { libc::mlock2(memory, len, libc::MLOCK_ONFAULT) };
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        _ if result == 0 => {
            // SAFETY: as above.
            locked(unsafe { libc::munlock(memory, len) }, "munlock");
        }
        Some(libc::EPERM | libc::ENOMEM) => {
            println!("skipped: needs a higher ulimit -l: mlock2: {error}");
            process::exit(0)
        }
        _ => fail("mlock2"),
    }
}
// ANCHOR_END: steps

fn locked(result: i32, call: &str) {
    if result != 0 {
        fail(call);
    }
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

/// Maps `len` bytes between two pages that nobody may use, so that the
/// mapping is a line of its own in maps.
fn map(len: usize, page: usize) -> *mut c_void {
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    let all = len + 2 * page;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let reserved = unsafe {
        libc::mmap(ptr::null_mut(), all, libc::PROT_NONE, flags, -1, 0)
    };
    if reserved == libc::MAP_FAILED {
        fail("mmap");
    }
    let memory = reserved.wrapping_byte_add(page);
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: the range is the middle of the one just reserved.
    if unsafe { libc::mprotect(memory, len, prot) } != 0 {
        fail("mprotect");
    }
    // SAFETY: as above; the advice changes no byte.
    let result =
        unsafe { libc::madvise(memory, len, libc::MADV_NOHUGEPAGE) };
    let errno = io::Error::last_os_error().raw_os_error();
    // EINVAL: a kernel without huge pages does not know this advice.
    if result != 0 && errno != Some(libc::EINVAL) {
        fail("madvise");
    }
    memory
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
