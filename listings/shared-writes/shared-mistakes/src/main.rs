//! Mistakes with shared mappings of files, and what each looks like.

use std::ffi::c_void;
use std::fs::{self, File};
use std::io::{Error, Write};
use std::{os::fd::AsRawFd, ptr};

const NAME: &str = "shared-mistakes.txt";
const LEN: usize = 11;
const BOTH: i32 = libc::PROT_READ | libc::PROT_WRITE;

// ANCHOR: mistakes
fn main() {
    // (1)
    let mut file = File::create(NAME).expect("no writable folder");
    file.write_all(b"a few words")
        .expect("there should be room");
    map(&file, BOTH, libc::MAP_SHARED);
    println!("create = {}", Error::last_os_error());

    // (2)
    let file = File::open(NAME).expect("the file should be there");
    let memory = map(&file, libc::PROT_READ, libc::MAP_SHARED);
    // SAFETY: no byte of this mapping is in use.
    let result = unsafe { libc::mprotect(memory, LEN, BOTH) };
    assert_ne!(result, 0, "mprotect should fail");
    println!("mprotect = {}", Error::last_os_error());

    // (3)
    map(&file, libc::PROT_READ, 0);
    println!("no-flag = {}", Error::last_os_error());

    // (4)
    let file = File::options().read(true).write(true).open(NAME);
    let file = file.expect("the file should be there");
    let memory = map(&file, BOTH, libc::MAP_SHARED);
    assert_ne!(memory, libc::MAP_FAILED, "the mapping should succeed");
    // SAFETY: byte 11 is past the file's end, but in its last page, so
    // it lies in the mapping, which is writable.
    unsafe { memory.cast::<u8>().add(LEN).write_volatile(b'!') };
    let text = fs::read_to_string(NAME).expect("the file is text");
    println!("after a write past the end: {text:?}");
    fs::remove_file(NAME).expect("the file should be removable");
}
// ANCHOR_END: mistakes

fn map(file: &File, prot: i32, flags: i32) -> *mut c_void {
    let fd = file.as_raw_fd();
    // SAFETY: the address is null, so the kernel chooses a free range.
    unsafe { libc::mmap(ptr::null_mut(), LEN, prot, flags, fd, 0) }
}
