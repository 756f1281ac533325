//! Touches fresh pages, then the same pages again: counts the faults of
//! each pass, and times each touch.

use std::time::Instant;
use std::{io, mem, process, ptr};

const PAGES: usize = 1024;

// ANCHOR: passes
fn main() {
    let spare = map_small_pages();
    let memory = map_small_pages();
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    let mut first = vec![0; PAGES];
    let mut second = vec![0; PAGES];

    // (1)
    let faults = touch_all(spare, &mut first);
    println!("rehearsal_faults = {faults} faults");
    touch_all(spare, &mut second);
    checkpoint("ready", &format!("touch {PAGES} fresh pages"));

    let faults = touch_all(memory, &mut first);
    println!("first_faults = {faults} faults");
    checkpoint("first", "touch them again");

    let faults = touch_all(memory, &mut second);
    println!("second_faults = {faults} faults");
    checkpoint("second", "see the times");

    let first = summary("first", first);
    let second = summary("second", second);
    println!("ratio = {}", first / second);
}

/// Writes one byte to each page; returns how many faults that cost.
fn touch_all(memory: *mut u8, times: &mut [u64]) -> i64 {
    let page = page_size();
    // (2)
    let before = minor_faults();
    for (number, time) in times.iter_mut().enumerate() {
        // (3)
        let start = Instant::now();
        // SAFETY: `times` has PAGES elements, and the mapping as many
        // pages. It is writable, and only this thread uses it.
        unsafe { memory.add(number * page).write_volatile(b'a') };
        *time = start.elapsed().as_nanos() as u64;
    }
    minor_faults() - before
}

// (4)
fn minor_faults() -> i64 {
    // SAFETY: rusage is plain numbers, for which zero is a value, and
    // getrusage writes into it and nowhere else.
    let (result, usage) = unsafe {
        let mut usage: libc::rusage = mem::zeroed();
        (libc::getrusage(libc::RUSAGE_SELF, &mut usage), usage)
    };
    if result != 0 {
        fail("getrusage");
    }
    usage.ru_minflt
}
// ANCHOR_END: passes

/// Prints the median, the slowest, and every 50th part of the sorted
/// times; returns the median.
fn summary(name: &str, mut times: Vec<u64>) -> u64 {
    times.sort();
    let last = times.len() - 1;
    let part = |part: usize| times[part * last / 50].max(1);
    let parts: Vec<_> = (0..=50).map(|n| part(n).to_string()).collect();
    println!("{name}_touch_ns = {}", parts.join(" "));
    println!("median_{name} = {} ns", part(25));
    println!("slowest_{name} = {} ns", part(50));
    part(25)
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

/// Maps PAGES pages, and asks the kernel to give small ones.
fn map_small_pages() -> *mut u8 {
    let len = PAGES * page_size();
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    // SAFETY: the range is the whole mapping; the advice changes no byte.
    let result =
        unsafe { libc::madvise(memory, len, libc::MADV_NOHUGEPAGE) };
    let errno = io::Error::last_os_error().raw_os_error();
    // EINVAL: a kernel without huge pages does not know this advice.
    if result != 0 && errno != Some(libc::EINVAL) {
        fail("madvise");
    }
    memory.cast()
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
