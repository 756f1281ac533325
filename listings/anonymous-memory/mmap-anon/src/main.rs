//! Maps 16 MiB of anonymous, private memory, writes one byte into it, and
//! gives it back.

use std::io;
use std::process;
use std::ptr;

const LEN: usize = 16 * 1024 * 1024;

fn main() {
    // SAFETY: the address is null, so the kernel chooses a range that is
    // free: the call replaces no memory that is in use.
    let memory = unsafe {
        libc::mmap(
            // (1)
            ptr::null_mut(),
            // (2)
            LEN,
            // (3)
            libc::PROT_READ | libc::PROT_WRITE,
            // (4)
            libc::MAP_ANONYMOUS | libc::MAP_PRIVATE,
            // (5)
            -1,
            // (6)
            0,
        )
    };
    // (7)
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    println!("memory at {memory:p}");

    // (8)
    // SAFETY: byte 4 lies in the mapping, which is readable and writable,
    // and only this thread knows its address.
    let byte = unsafe {
        let place = memory.cast::<u8>().add(4);
        place.write_volatile(b'a');
        place.read_volatile()
    };
    println!("the byte at offset 4 is {:?}", char::from(byte));

    // (9)
    // SAFETY: the range is the whole mapping, and no pointer into it is
    // used after this call.
    if unsafe { libc::munmap(memory, LEN) } != 0 {
        fail("munmap");
    }
}

/// Says which call failed and why, from errno, and ends the program.
fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
