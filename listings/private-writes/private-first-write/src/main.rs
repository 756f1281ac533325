//! Writes to a page of a private file mapping that it has not read, and
//! then reads the other page.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::{io, process, ptr};

const NAME: &str = "private-first-write.txt";

fn main() {
    // SAFETY: sysconf only reads a constant of the running system.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page size is positive");
    fs::write(NAME, "a".repeat(2 * page)).expect("no writable folder");
    let file = File::open(NAME).expect("the file should be there");

    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let (flags, fd) = (libc::MAP_PRIVATE, file.as_raw_fd());
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory = unsafe {
        libc::mmap(ptr::null_mut(), 2 * page, prot, flags, fd, 0)
    };
    if memory == libc::MAP_FAILED {
        eprintln!("mmap: {}", io::Error::last_os_error());
        process::exit(1);
    }
    println!("process id {}", process::id());
    println!("memory at {memory:p}");

    let first = memory.cast::<u8>();
    // SAFETY: the mapping may be written, and only this thread uses it.
    unsafe { first.write_volatile(b'b') };
    checkpoint("written", "read the next byte of that page");

    // SAFETY: byte 1 lies in the mapping and before the file's end.
    let byte = unsafe { first.add(1).read_volatile() };
    println!("next_byte = {}", char::from(byte));
    checkpoint("next", "read the other page");

    // SAFETY: the second page, too, lies in the mapping and in the file.
    unsafe { first.add(page).read_volatile() };
    checkpoint("other", "remove the file and end");
    fs::remove_file(NAME).expect("the file should be removable");
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
