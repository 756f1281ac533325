//! mmap-anon with time to look: it prints its process id and waits before
//! and after the one write.

use std::ffi::c_void;
use std::{io, process, ptr};

const LEN: usize = 16 * 1024 * 1024;

// ANCHOR: steps
fn main() {
    let memory = map_anonymous();
    keep_pages_small(memory);

    // (1)
    println!("process id {}", process::id());
    println!("memory at {memory:p}");

    // (2)
    checkpoint("mapped", "write one byte");

    // (3)
    // SAFETY: byte 16 lies in the mapping, which is writable, and only
    // this thread knows its address.
    unsafe { memory.cast::<u8>().add(16).write_volatile(b'a') };

    // (4)
    checkpoint("touched", "unmap and end");

    // SAFETY: the range is the whole mapping; nothing uses it any more.
    if unsafe { libc::munmap(memory, LEN) } != 0 {
        fail("munmap");
    }
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

// (5)
fn keep_pages_small(memory: *mut c_void) {
    // SAFETY: the range is the whole mapping; the advice changes no byte.
    let result =
        unsafe { libc::madvise(memory, LEN, libc::MADV_NOHUGEPAGE) };
    let errno = io::Error::last_os_error().raw_os_error();
    // EINVAL: a kernel without huge pages does not know this advice.
    if result != 0 && errno != Some(libc::EINVAL) {
        fail("madvise");
    }
}
// ANCHOR_END: steps

/// Maps `LEN` bytes as mmap-anon does.
fn map_anonymous() -> *mut c_void {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), LEN, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    memory
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
