//! The exercise: lock two bytes that lie in two pages, lock one of these
//! pages again, and unlock it once.

use std::{ffi::c_void, io, process, ptr};

const PAGES: usize = 8;

// ANCHOR: steps
fn main() {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    let memory = map(PAGES * page, page);
    println!("process id {}", process::id());
    println!("memory at {memory:p}");

    let last = memory.wrapping_byte_add(3 * page - 1);
    // SAFETY: both bytes lie in the mapping; locking changes none.
    locked(unsafe { libc::mlock(last, 2) }, "mlock");
    checkpoint("two", "lock the first of the two pages again");

    // SAFETY: as above.
    locked(unsafe { libc::mlock(last, 1) }, "mlock");
    checkpoint("again", "unlock that page once");

    // SAFETY: as above.
    locked(unsafe { libc::munlock(last, 1) }, "munlock");
    checkpoint("once", "end");
}
// ANCHOR_END: steps

fn locked(result: i32, call: &str) {
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        _ if result == 0 => {}
        Some(libc::EPERM | libc::ENOMEM) => {
            println!("skipped: needs a higher ulimit -l: {call}: {error}");
            process::exit(0)
        }
        _ => fail(call),
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
