//! Fills a file in memory and has the kernel put it into one huge page.

use std::fs::{self, File};
use std::os::fd::{AsRawFd, FromRawFd};
use std::{io, process, ptr};

// From linux/mman.h, since Linux 6.1; the libc crate has it for gnu only.
const MADV_COLLAPSE: i32 = 25;
const THP: &str = "/sys/kernel/mm/transparent_hugepage";

fn main() {
    let Ok(size) = fs::read_to_string(format!("{THP}/hpage_pmd_size"))
    else {
        println!("skipped: needs transparent huge pages");
        return;
    };
    let huge: usize = size.trim().parse().expect("a size is a number");
    // Tried on a file that nobody looks at, and that is gone then.
    let spare = filled(huge);
    // SAFETY: the range is the whole mapping; its bytes stay the same.
    if unsafe { libc::madvise(spare, huge, MADV_COLLAPSE) } != 0 {
        let error = io::Error::last_os_error();
        let needs = "MADV_COLLAPSE (Linux 6.1) and huge pages";
        println!("skipped: needs {needs} ({error})");
        return;
    }
    // SAFETY: the range is the whole mapping, which nobody uses any more.
    if unsafe { libc::munmap(spare, huge) } != 0 {
        fail("munmap", &io::Error::last_os_error());
    }
    let memory = filled(huge);
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    checkpoint("filled", "put it into a huge page");

    // SAFETY: the range is the whole mapping; its bytes stay the same.
    if unsafe { libc::madvise(memory, huge, MADV_COLLAPSE) } != 0 {
        fail("madvise", &io::Error::last_os_error());
    }
    checkpoint("collapsed", "end");
}

/// A file in memory that only its mapping keeps, with each page written.
fn filled(huge: usize) -> *mut libc::c_void {
    // SAFETY: the name is a C string; the call touches no memory of ours.
    let fd = unsafe { libc::memfd_create(c"huge".as_ptr(), 0) };
    if fd == -1 {
        fail("memfd_create", &io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new and belongs to nobody else.
    let file = unsafe { File::from_raw_fd(fd) };
    if let Err(error) = file.set_len(huge as u64) {
        fail("ftruncate", &error);
    }
    let memory = map_aligned(&file, huge);
    for offset in (0..huge).step_by(4096) {
        let byte = memory.cast::<u8>().wrapping_add(offset);
        // SAFETY: the byte lies in the mapping, which is writable.
        unsafe { byte.write_volatile(b'a') };
    }
    memory
}

/// Maps the file where a huge page can begin, at a multiple of its size.
fn map_aligned(file: &File, huge: usize) -> *mut libc::c_void {
    let (none, anon) = (libc::PROT_NONE, libc::MAP_ANONYMOUS);
    let anon = anon | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let around =
        unsafe { libc::mmap(ptr::null_mut(), 2 * huge, none, anon, -1, 0) };
    if around == libc::MAP_FAILED {
        fail("mmap", &io::Error::last_os_error());
    }
    let start = around as usize;
    let offset = start.next_multiple_of(huge) - start;
    let place = around.wrapping_byte_add(offset);
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_SHARED | libc::MAP_FIXED;
    let fd = file.as_raw_fd();
    // SAFETY: what it replaces lies in the mapping above, which is unused.
    let memory = unsafe { libc::mmap(place, huge, prot, flags, fd, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap", &io::Error::last_os_error());
    }
    memory
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
