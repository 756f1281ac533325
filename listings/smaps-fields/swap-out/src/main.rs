//! Writes to 1024 pages, asks the kernel to move them to swap, and reads
//! them again.

use std::{fs, io, process, ptr};

const PAGES: usize = 1024;

fn main() {
    // Below a line of headings, a line for each swap area.
    let swaps = fs::read_to_string("/proc/swaps").unwrap_or_default();
    if swaps.lines().count() < 2 {
        println!("skipped: needs swap space; /proc/swaps names none");
        return;
    }
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    let len = PAGES * page;
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        eprintln!("mmap: {}", io::Error::last_os_error());
        process::exit(1);
    }
    // Small pages, and a mapping that merges with no neighbour.
    // SAFETY: the range is the whole mapping; the advice changes no byte.
    unsafe { libc::madvise(memory, len, libc::MADV_NOHUGEPAGE) };
    // Before the pages are there, it moves none.
    // SAFETY: the range is the whole mapping; no byte is lost.
    if unsafe { libc::madvise(memory, len, libc::MADV_PAGEOUT) } != 0 {
        let error = io::Error::last_os_error();
        println!("skipped: needs MADV_PAGEOUT ({error})");
        return;
    }
    let bytes = memory.cast::<u8>();
    for number in 0..PAGES {
        // SAFETY: the byte lies in the mapping, which is writable.
        unsafe { bytes.add(number * page).write_volatile(b'a') };
    }
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    checkpoint("written", "ask for the pages to go");

    // SAFETY: as above.
    if unsafe { libc::madvise(memory, len, libc::MADV_PAGEOUT) } != 0 {
        eprintln!("madvise: {}", io::Error::last_os_error());
        process::exit(1);
    }
    checkpoint("out", "read every page");

    for number in 0..PAGES {
        // SAFETY: the byte lies in the mapping, which is readable.
        let _ = unsafe { bytes.add(number * page).read_volatile() };
    }
    checkpoint("back", "end");
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
