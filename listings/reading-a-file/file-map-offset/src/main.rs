//! Maps the second page of a file, and no other.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::{io, process, ptr};

const NAME: &str = "file-map-offset.txt";
const LINE: usize = "this is page 0\n".len();

fn main() {
    let page = page_size();
    let mut text = String::new();
    for number in 0..3 {
        text += &format!("this is page {number}\n");
        text += &".".repeat(page - LINE);
    }
    fs::write(NAME, text).expect("this folder should be writable");
    let file = File::open(NAME).expect("the file should be there");

    // ANCHOR: offset
    // (1)
    let offset = libc::off_t::try_from(page).expect("a page is small");
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory = unsafe {
        libc::mmap(
            ptr::null_mut(),
            // (2)
            page,
            libc::PROT_READ,
            libc::MAP_PRIVATE,
            file.as_raw_fd(),
            offset,
        )
    };
    // ANCHOR_END: offset
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    // SAFETY: the mapping is longer than one line, and the file reaches
    // beyond it.
    if unsafe { libc::write(libc::STDOUT_FILENO, memory, LINE) } < 0 {
        fail("write");
    }
    println!("printed: press Return to remove the file and end");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
    fs::remove_file(NAME).expect("the file should be removable");
}

fn page_size() -> usize {
    // SAFETY: sysconf only reads a constant of the running system.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).expect("a page size is positive")
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
