//! Makes the kernel drop a file from memory, and counts what it costs to
//! read the file's pages through a mapping.

use std::ffi::c_void;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::time::Instant;
use std::{fs, io, mem, process, ptr};

const PAGES: usize = 64;
const NAME: &str = "major-fault.tmp";

fn main() {
    // SAFETY: sysconf only reads a constant of the running system.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page size is positive");
    let len = PAGES * page;
    // ANCHOR: file
    // (1)
    let mut file = fs::OpenOptions::new();
    let file = file.read(true).write(true).create_new(true);
    let mut file = file.open(NAME).expect("this folder is writable");
    fs::remove_file(NAME).expect("an own file can be removed");
    for _ in 0..PAGES {
        file.write_all(&vec![b'a'; page])
            .expect("the disk has room");
    }
    // (2)
    file.sync_all().expect("fsync should not fail");
    // SAFETY: these calls read no memory of this process; the address of
    // the mapping is the kernel's choice.
    let memory = unsafe {
        let fd = file.as_raw_fd();
        let advice = libc::POSIX_FADV_DONTNEED;
        if libc::posix_fadvise(fd, 0, 0, advice) != 0 {
            fail("posix_fadvise");
        }
        let (prot, flags) = (libc::PROT_READ, libc::MAP_PRIVATE);
        libc::mmap(ptr::null_mut(), len, prot, flags, fd, 0)
    };
    // ANCHOR_END: file
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    let mut in_memory = [0_u8; PAGES];
    // SAFETY: mincore writes one byte for each of PAGES pages.
    if unsafe { libc::mincore(memory, len, in_memory.as_mut_ptr()) } != 0 {
        fail("mincore");
    }
    // The lowest bit says "in memory"; the others mean nothing.
    if in_memory.iter().any(|byte| byte & 1 == 1) {
        println!("skipped: needs a folder whose file system drops pages");
        return;
    }
    // ANCHOR: passes
    // (1)
    // SAFETY: the range is the whole mapping; the advice changes no byte.
    if unsafe { libc::madvise(memory, len, libc::MADV_RANDOM) } != 0 {
        fail("madvise");
    }
    let before = major_faults();
    let major = touch_all(memory, page);
    let between = major_faults();
    let none = touch_all(memory, page);
    let after = major_faults();
    println!("first_major = {} faults", between - before);
    println!("second_major = {} faults", after - between);

    // (2)
    let minor = touch_all(map_small_pages(len), page);
    checkpoint("read", "see the times");

    let none = summary("none", none);
    let minor = summary("minor", minor);
    let major = summary("major", major);
    println!("minor_per_none = {}", minor / none);
    println!("major_per_minor = {}", major / minor);
}

/// Reads one byte of each page; returns how long each took, in ns.
fn touch_all(memory: *mut c_void, page: usize) -> [u64; PAGES] {
    let mut times = [0; PAGES];
    for (number, time) in times.iter_mut().enumerate() {
        let byte = memory.cast::<u8>().wrapping_add(number * page);
        let start = Instant::now();
        // SAFETY: the page lies in a mapping of PAGES pages, which is
        // readable, and nobody else can open the file any more.
        unsafe { byte.read_volatile() };
        *time = start.elapsed().as_nanos() as u64;
    }
    times
}

// ANCHOR_END: passes

fn major_faults() -> i64 {
    // SAFETY: rusage is plain numbers, for which zero is a value, and
    // getrusage writes into it and nowhere else.
    let usage = unsafe {
        let mut usage: libc::rusage = mem::zeroed();
        if libc::getrusage(libc::RUSAGE_SELF, &mut usage) != 0 {
            fail("getrusage");
        }
        usage
    };
    usage.ru_majflt
}
fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

/// Prints the sorted times and the median, which it returns.
fn summary(name: &str, mut times: [u64; PAGES]) -> u64 {
    times.sort();
    let times = times.map(|time| time.max(1));
    let list: Vec<_> = times.iter().map(u64::to_string).collect();
    println!("{name}_ns = {}", list.join(" "));
    println!("{name}_median = {} ns", times[PAGES / 2]);
    times[PAGES / 2]
}

/// Maps fresh anonymous memory, and asks the kernel for small pages.
fn map_small_pages(len: usize) -> *mut c_void {
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
    memory
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
