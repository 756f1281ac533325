//! The exercise: pages that are read and then written to, beside pages
//! that are written to and then read.

use std::{io, mem, process, ptr};

const LEN: usize = 16 * 1024 * 1024;
const PAGES: usize = 16;

fn main() {
    let memory = map_private();
    let second = memory.wrapping_add(PAGES * page_size());
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    let mut rehearsal = 0;
    read_pages(&raw const rehearsal, 1);
    write_pages(&raw mut rehearsal, 1);

    println!("first 16 pages: read, then written to");
    println!("read-first = {}", read_pages(memory, PAGES));
    println!("then-write = {}", write_pages(memory, PAGES));
    println!("next 16 pages: written to, then read");
    println!("write-first = {}", write_pages(second, PAGES));
    println!("then-read = {}", read_pages(second, PAGES));
    checkpoint("done", "end");
}

/// Reads a byte of each of the first `count` pages; returns the faults.
fn read_pages(memory: *const u8, count: usize) -> i64 {
    let page = page_size();
    let before = minor_faults();
    for number in 0..count {
        // SAFETY: the callers own a byte at the start of each page, and
        // no other thread exists.
        unsafe { memory.add(number * page).read_volatile() };
    }
    minor_faults() - before
}

/// Writes a byte to each of the first `count` pages; returns the faults.
fn write_pages(memory: *mut u8, count: usize) -> i64 {
    let page = page_size();
    let before = minor_faults();
    for number in 0..count {
        // SAFETY: as in read_pages.
        unsafe { memory.add(number * page).write_volatile(b'a') };
    }
    minor_faults() - before
}

fn minor_faults() -> i64 {
    // SAFETY: rusage is plain numbers, for which zero is a value, and
    // getrusage writes into it and nowhere else.
    let usage = unsafe {
        let mut usage: libc::rusage = mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    usage.ru_minflt
}

fn page_size() -> usize {
    // SAFETY: sysconf only reads a setting.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).expect("a page has a size")
}

fn map_private() -> *mut u8 {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), LEN, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    // SAFETY: the range is the whole mapping; the advice changes no byte.
    let result =
        unsafe { libc::madvise(memory, LEN, libc::MADV_NOHUGEPAGE) };
    let errno = io::Error::last_os_error().raw_os_error();
    // EINVAL: a kernel without huge pages does not know this advice.
    if result != 0 && errno != Some(libc::EINVAL) {
        fail("madvise");
    }
    memory.cast()
}

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
