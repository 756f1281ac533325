//! Mistakes with mmap, and what each of them looks like.

use std::{ffi::c_void, io::Error, process, ptr};

const LEN: usize = 16 * 1024 * 1024;

// ANCHOR: mistakes
fn main() {
    // (1)
    let failed = map(0);
    println!("length-0 = {}", Error::last_os_error());
    println!("its is_null(): {}", failed.is_null());

    let memory = map(LEN);
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    // (2)
    // SAFETY: nothing uses the mapping while this tries to unmap it, and
    // byte 16 lies in it.
    let result = unsafe { libc::munmap(memory.add(16), LEN) };
    assert_ne!(result, 0, "munmap of byte 16 should fail");
    println!("munmap-at-byte-16 = {}", Error::last_os_error());

    // (3)
    // SAFETY: the range is the whole mapping, and nothing uses it. No other
    // thread exists that could map something there between the two calls.
    let (first, second) = unsafe {
        let first = libc::munmap(memory, LEN);
        (first, libc::munmap(memory, LEN))
    };
    println!("munmap-twice = {first} and {second}");
}
// ANCHOR_END: mistakes

fn map(len: usize) -> *mut c_void {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) }
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", Error::last_os_error());
    process::exit(1)
}
