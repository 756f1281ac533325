//! Fills 64 pages with the same bytes and lets the kernel merge them.

use std::time::{Duration, Instant};
use std::{fs, io, process, ptr, thread};

const PAGES: usize = 64;

fn main() {
    let run = fs::read_to_string("/sys/kernel/mm/ksm/run");
    if run.ok().is_none_or(|run| run.trim() != "1") {
        println!("skipped: needs 1 in /sys/kernel/mm/ksm/run");
        return;
    }
    if merged().is_none() {
        println!("skipped: needs /proc/self/ksm_merging_pages");
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
    // SAFETY: the range is the whole mapping, which is writable.
    unsafe { ptr::write_bytes(memory.cast::<u8>(), b'=', len) };
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    checkpoint("written", "let the kernel merge equal pages");

    // SAFETY: the range is the whole mapping; the advice changes no byte.
    if unsafe { libc::madvise(memory, len, libc::MADV_MERGEABLE) } != 0 {
        eprintln!("madvise: {}", io::Error::last_os_error());
        process::exit(1);
    }
    // It looks at them again and again, and takes those that stay the same.
    let deadline = Instant::now() + Duration::from_secs(50);
    while merged() != Some(PAGES) {
        if Instant::now() > deadline {
            eprintln!("ksm: {:?} pages merged in 50 s", merged());
            process::exit(1);
        }
        thread::sleep(Duration::from_millis(20));
    }
    checkpoint("merged", "write to page 0");

    // SAFETY: the byte lies in the mapping, which is writable.
    unsafe { memory.cast::<u8>().write_volatile(b'!') };
    checkpoint("parted", "end");
}

/// How many pages of this process are merged.
fn merged() -> Option<usize> {
    let text = fs::read_to_string("/proc/self/ksm_merging_pages").ok()?;
    text.trim().parse().ok()
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
