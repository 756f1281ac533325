//! Prints a file without a call to read: maps it, closes it, and writes
//! the mapping to standard output.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::{io, process, ptr};

const NAME: &str = "file-map-ro.txt";
const TEXT: &str = "This text was never read by a call to read.\n";

// ANCHOR: steps
fn main() {
    // (1)
    fs::write(NAME, TEXT).expect("this folder should be writable");
    // (2)
    let file = File::open(NAME).expect("the file should be there");
    // (3)
    let status = file.metadata().expect("the file should have a size");
    let len = usize::try_from(status.len()).expect("the file is small");
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory = unsafe {
        libc::mmap(
            ptr::null_mut(),
            len,
            // (4)
            libc::PROT_READ,
            libc::MAP_PRIVATE,
            // (5)
            file.as_raw_fd(),
            // (6)
            0,
        )
    };
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    checkpoint("mapped", "close the file");

    // (7)
    drop(file);
    checkpoint("closed", "write the mapping to standard output");

    // (8)
    // SAFETY: write reads `len` bytes, all of them in the mapping and
    // before the end of the file.
    let written = unsafe { libc::write(libc::STDOUT_FILENO, memory, len) };
    if usize::try_from(written) != Ok(len) {
        fail("write");
    }
    checkpoint("printed", "unmap, remove the file and end");

    // SAFETY: the range is the whole mapping; nothing uses it any more.
    if unsafe { libc::munmap(memory, len) } != 0 {
        fail("munmap");
    }
    fs::remove_file(NAME).expect("the file should be removable");
}
// ANCHOR_END: steps

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
