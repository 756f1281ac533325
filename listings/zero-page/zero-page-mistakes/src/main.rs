//! A read that is none, one that is left out, and reads that allocate.

use std::{io, mem, process, ptr, rc::Rc};

const LEN: usize = 16 * 1024 * 1024;
const PAGES: usize = 16;

// ANCHOR: mistakes
fn main() {
    let private = map(libc::MAP_PRIVATE);
    let shared = map(libc::MAP_SHARED);
    let page = page_size();
    println!("process id {}", process::id());
    println!("private at {private:p}");
    println!("shared at {shared:p}");
    let rehearsal = 0;
    read_pages(&raw const rehearsal, 1);

    // (1)
    let before = minor_faults();
    for number in 0..PAGES {
        let byte = private.wrapping_add(number * page);
        // SAFETY: the page lies in the mapping, which is readable.
        unsafe {
            let _ = *byte;
        }
        // SAFETY: as above.
        let _ = unsafe { *byte };
    }
    println!("underscore = {}", minor_faults() - before);
    // (2)
    let one = Rc::new(());
    let other = Rc::clone(&one);
    let _ = other;
    println!("owners-after-a-place = {}", Rc::strong_count(&one));
    let _ = { other };
    println!("owners-after-a-value = {}", Rc::strong_count(&one));

    // (3)
    println!("shared-read = {}", read_pages(shared, PAGES));
    checkpoint("looked", "end");
}
// ANCHOR_END: mistakes

/// Reads a byte of each of the first `count` pages; returns the faults.
fn read_pages(memory: *const u8, count: usize) -> i64 {
    let page = page_size();
    let before = minor_faults();
    for number in 0..count {
        // SAFETY: the callers own a byte at the start of each page, and
        // no other thread exists.
        let byte = unsafe { memory.add(number * page).read_volatile() };
        assert_eq!(byte, 0, "a byte that nobody wrote is zero");
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

fn map(kind: libc::c_int) -> *mut u8 {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | kind;
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
