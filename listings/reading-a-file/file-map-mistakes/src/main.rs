//! Maps files in ways that mmap refuses, and prints why.

use std::fs::{self, File};
use std::io::Error;
use std::os::fd::AsRawFd;
use std::ptr;

const NAME: &str = "file-map-mistakes.txt";

// ANCHOR: mistakes
fn main() {
    fs::write(NAME, "a few words").expect("this folder is writable");
    let words = File::open(NAME).expect("the file should be there");
    // (1)
    println!("offset-4 = {}", try_to_map(&words, 7, 4));

    // (2)
    fs::write(NAME, "").expect("this folder should be writable");
    println!("empty-file = {}", try_to_map(&words, size(&words), 0));

    // (3)
    let proc = File::open("/proc/self/status").expect("no /proc");
    println!("size of /proc/self/status: {}", size(&proc));

    // (4)
    let folder = File::open(".").expect("this folder should open");
    println!("folder = {}", try_to_map(&folder, 1, 0));
    fs::remove_file(NAME).expect("the file should be removable");
}
// ANCHOR_END: mistakes

fn size(file: &File) -> usize {
    let status = file.metadata().expect("an open file has a size");
    usize::try_from(status.len()).expect("the file is small")
}

/// Maps `len` bytes of the file at `offset`, and says what came of it.
fn try_to_map(file: &File, len: usize, offset: libc::off_t) -> String {
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory = unsafe {
        libc::mmap(
            ptr::null_mut(),
            len,
            libc::PROT_READ,
            libc::MAP_PRIVATE,
            file.as_raw_fd(),
            offset,
        )
    };
    if memory == libc::MAP_FAILED {
        Error::last_os_error().to_string()
    } else {
        "mapped".to_owned()
    }
}
