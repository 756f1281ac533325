//! Writes to 1024 pages and hands them back lazily: LazyFree rises while
//! Rss stays, and a new write takes a page back.

use std::{io, process, ptr};

const PAGES: usize = 1024;

fn main() {
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
        fail("mmap");
    }
    // Small pages, and a mapping that merges with no neighbour. A kernel
    // without huge pages answers EINVAL, and then neither is needed.
    // SAFETY: the range is the whole mapping; the advice changes no byte.
    unsafe { libc::madvise(memory, len, libc::MADV_NOHUGEPAGE) };
    let bytes = memory.cast::<u8>();
    for number in 0..PAGES {
        // SAFETY: the byte lies in the mapping, which is writable.
        unsafe { bytes.add(number * page).write_volatile(b'a') };
    }
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    checkpoint("written", "free the pages lazily");

    // SAFETY: the range is the whole mapping; its bytes may vanish now, and
    // nothing below reads them.
    if unsafe { libc::madvise(memory, len, libc::MADV_FREE) } != 0 {
        fail("madvise");
    }
    checkpoint("freed", "write to page 0 again");

    // SAFETY: as above; the mapping itself is still there.
    unsafe { bytes.write_volatile(b'b') };
    checkpoint("rewritten", "end");
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
