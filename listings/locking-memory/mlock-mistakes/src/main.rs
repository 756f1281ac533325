//! Mistakes with locks, and what each of them looks like.

use std::{ffi::c_void, fs, io, process, ptr};

const PAGES: usize = 4;

// ANCHOR: mistakes
fn main() {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    let len = PAGES * page;
    let memory = map(len, page);

    // (1)
    for _ in 0..2 {
        // SAFETY: the range is the whole mapping; locking changes no byte.
        locked(unsafe { libc::mlock(memory, len) }, "mlock");
    }
    println!("locked_twice = {} pages", locked_bytes() / page);
    // SAFETY: as above.
    locked(unsafe { libc::munlock(memory, len) }, "munlock");
    println!("unlocked_once = {} pages", locked_bytes() / page);

    // (2)
    // SAFETY: the byte lies in the mapping, which only this thread uses.
    unsafe { memory.cast::<u8>().write_volatile(b'a') };
    // SAFETY: as for the first lock.
    locked(unsafe { libc::mlock(memory, len) }, "mlock");
    give_back("MADV_DONTNEED", memory, len, libc::MADV_DONTNEED);
    let advice = libc::MADV_DONTNEED_LOCKED;
    give_back("MADV_DONTNEED_LOCKED", memory, len, advice);
    println!("locked_after = {} pages", locked_bytes() / page);

    // (3)
    let third = memory.wrapping_byte_add(2 * page);
    // SAFETY: no byte of the third page is needed any more.
    if unsafe { libc::munmap(third, page) } != 0 {
        fail("munmap");
    }
    // SAFETY: locking changes no byte.
    let result = unsafe { libc::mlock(memory, len) };
    assert_ne!(result, 0, "mlock should fail here");
    println!("mlock-over-a-hole = {}", io::Error::last_os_error());
}

/// Gives the pages back, or says why not, and what the first byte is then.
fn give_back(call: &str, memory: *mut c_void, len: usize, advice: i32) {
    // SAFETY: no byte of the mapping is needed any more.
    let result = unsafe { libc::madvise(memory, len, advice) };
    let error = io::Error::last_os_error();
    let text = if result == 0 {
        "ok".into()
    } else {
        error.to_string()
    };
    // SAFETY: the byte lies in the mapping, which only this thread uses.
    let byte = unsafe { memory.cast::<u8>().read_volatile() };
    println!("{call} = {text}\nbyte_after_{call} = {byte}");
}
// ANCHOR_END: mistakes

/// VmLck of this process, in bytes.
fn locked_bytes() -> usize {
    let status = fs::read_to_string("/proc/self/status")
        .expect("a process may read its own status");
    let line = status.lines().find(|line| line.starts_with("VmLck:"));
    let kb = line.and_then(|line| line.split_whitespace().nth(1));
    let kb = kb.expect("status should have VmLck");
    1024 * kb.parse::<usize>().expect("VmLck is a number")
}

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
