//! Reads, writes, and maps again the four pages of a file that lives in
//! memory, so that the lines of smaps move one after the other.

use std::fs::{self, File};
use std::os::fd::{AsRawFd, FromRawFd};
use std::{io, process, ptr};

fn main() {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    let file = file_in_memory(4 * page);
    println!("process id {}", process::id());

    // ANCHOR: steps
    // (1)
    let first = map(&file, libc::MAP_SHARED, 0, 4 * page);
    println!("first at {first:p}");
    checkpoint("mapped", "read pages 0 to 3");

    for number in 0..4 {
        read(first, number * page);
    }
    checkpoint("read", "write to pages 1 and 3");

    write(first, page);
    write(first, 3 * page);
    checkpoint("written", "map pages 2 and 3 once more");

    // (2)
    let second = map(&file, libc::MAP_SHARED, 2 * page, 2 * page);
    println!("second at {second:p}");
    read(second, 0);
    read(second, page);
    checkpoint("twice", "write to a private mapping of page 0");

    // (3)
    let copy = map(&file, libc::MAP_PRIVATE, 0, page);
    println!("copy at {copy:p}");
    write(copy, 0);
    checkpoint("copied", "forget which pages were used");

    // (4)
    if let Err(error) = fs::write("/proc/self/clear_refs", "1") {
        fail("write to clear_refs", &error);
    }
    checkpoint("cleared", "end");
    // ANCHOR_END: steps
}

/// A file without a name, in memory and full of zeros.
fn file_in_memory(len: usize) -> File {
    // SAFETY: the name is a C string; the call touches no memory of ours.
    let fd = unsafe { libc::memfd_create(c"four-pages".as_ptr(), 0) };
    if fd == -1 {
        fail("memfd_create", &io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new and belongs to nobody else.
    let file = unsafe { File::from_raw_fd(fd) };
    if let Err(error) = file.set_len(len as u64) {
        fail("ftruncate", &error);
    }
    file
}

fn map(file: &File, flags: i32, offset: usize, len: usize) -> *mut u8 {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let offset = i64::try_from(offset).expect("the file is small");
    let fd = file.as_raw_fd();
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory = unsafe {
        libc::mmap(ptr::null_mut(), len, prot, flags, fd, offset)
    };
    if memory == libc::MAP_FAILED {
        fail("mmap", &io::Error::last_os_error());
    }
    // SAFETY: the range is the whole mapping; the advice changes no byte.
    let result =
        unsafe { libc::madvise(memory, len, libc::MADV_NOHUGEPAGE) };
    let error = io::Error::last_os_error();
    // EINVAL: a kernel without huge pages does not know this advice.
    if result != 0 && error.raw_os_error() != Some(libc::EINVAL) {
        fail("madvise", &error);
    }
    memory.cast()
}

fn read(memory: *mut u8, offset: usize) {
    // SAFETY: the callers stay inside a mapping that is never unmapped and
    // that no other thread knows.
    unsafe { memory.add(offset).read_volatile() };
}

fn write(memory: *mut u8, offset: usize) {
    // SAFETY: as in `read`, and the mapping is writable.
    unsafe { memory.add(offset).write_volatile(b'a') };
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

fn fail(call: &str, error: &io::Error) -> ! {
    eprintln!("{call}: {error}");
    process::exit(1)
}
