//! Writes to a private mapping of a file that is open for reading only.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::{ffi::c_void, io, io::Write, process, ptr};

const NAME: &str = "file-map-private.txt";

// ANCHOR: steps
fn main() {
    let page = page_size();
    // (1)
    create(&"a".repeat(2 * page));
    let file = File::open(NAME).expect("the file should be there");
    let memory = map_private(&file, 2 * page);
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    checkpoint("mapped", "read a byte of each page");

    let first = memory.cast::<u8>();
    // SAFETY: both bytes lie in the mapping and before the file's end.
    // (2)
    unsafe {
        first.read_volatile();
        first.add(page).read_volatile();
    }
    checkpoint("read", "write a byte to the first page");

    // SAFETY: the mapping is writable, and only this thread knows of it.
    // (3)
    unsafe { first.write_volatile(b'b') };
    checkpoint("written", "compare with the file, and end");

    // (4)
    let text = fs::read(NAME).expect("the file should be readable");
    // SAFETY: as for the first read.
    let byte = unsafe { first.read_volatile() };
    println!("mapping = {}", char::from(byte));
    println!("file = {}", char::from(text[0]));
    fs::remove_file(NAME).expect("the file should be removable");
}

fn map_private(file: &File, len: usize) -> *mut c_void {
    // (5)
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let (flags, fd) = (libc::MAP_PRIVATE, file.as_raw_fd());
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, fd, 0) };
    if memory == libc::MAP_FAILED {
        eprintln!("mmap: {}", io::Error::last_os_error());
        process::exit(1);
    }
    memory
}
// ANCHOR_END: steps

/// Writes the file and waits until it is stored.
fn create(text: &str) {
    let mut file =
        File::create(NAME).expect("this folder should be writable");
    file.write_all(text.as_bytes())
        .expect("there should be room");
    file.sync_all().expect("the file should reach its disk");
}

fn page_size() -> usize {
    // SAFETY: sysconf only reads a constant of the running system.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).expect("a page size is positive")
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
