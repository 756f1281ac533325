//! Maps one file twice, shared and private, and writes to both.

use std::fs::{self, File};
use std::{io, os::fd::AsRawFd, process, ptr};

const NAME: &str = "shared-and-private.txt";

fn main() {
    fs::write(NAME, "a").expect("this folder should be writable");
    let file = File::options().read(true).write(true).open(NAME);
    let file = file.expect("the file should be there");
    let shared = map(&file, libc::MAP_SHARED);
    let private = map(&file, libc::MAP_PRIVATE);
    let look = || {
        // SAFETY: both bytes lie in mappings that may be read, and in the
        // file. All accesses are volatile, by raw pointers, in one thread.
        let (s, p) =
            unsafe { (shared.read_volatile(), private.read_volatile()) };
        format!("{}{}", char::from(s), char::from(p))
    };
    println!("first = {}", look());

    // SAFETY: as above, and both mappings may be written.
    unsafe { shared.write_volatile(b'b') };
    println!("second = {}", look());

    // SAFETY: as above.
    unsafe { private.write_volatile(b'c') };
    println!("third = {}", look());

    // SAFETY: as above.
    unsafe { shared.write_volatile(b'd') };
    println!("fourth = {}", look());
    fs::remove_file(NAME).expect("the file should be removable");
}

fn map(file: &File, flags: i32) -> *mut u8 {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let fd = file.as_raw_fd();
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), 1, prot, flags, fd, 0) };
    if memory == libc::MAP_FAILED {
        eprintln!("mmap: {}", io::Error::last_os_error());
        process::exit(1);
    }
    memory.cast()
}
