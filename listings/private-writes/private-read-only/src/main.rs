//! Writes to a mapping that may only be read.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::{io, process, ptr};

const NAME: &str = "private-read-only.txt";
const TEXT: &str = "not to be changed";

fn main() {
    fs::write(NAME, TEXT).expect("this folder should be writable");
    let file = File::open(NAME).expect("the file should be there");
    fs::remove_file(NAME).expect("the file should be removable");

    let (prot, flags) = (libc::PROT_READ, libc::MAP_PRIVATE);
    let (len, fd) = (TEXT.len(), file.as_raw_fd());
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, fd, 0) };
    if memory == libc::MAP_FAILED {
        eprintln!("mmap: {}", io::Error::last_os_error());
        process::exit(1);
    }
    // ANCHOR: write
    println!("mapped; now it writes a byte");
    // SAFETY: the byte lies in the mapping, but the mapping may not be
    // written: the kernel ends the program, and that is the lesson.
    unsafe { memory.cast::<u8>().write_volatile(b'N') };
    println!("this line is never printed");
    // ANCHOR_END: write
}
