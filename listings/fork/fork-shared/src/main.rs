//! As fork-cow, with one flag changed: the mapping is shared.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::{ffi::c_void, mem, process, ptr};

const PAGES: usize = 256;

fn main() {
    let memory = map_memory();
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    write_pages(memory, PAGES, b'p');
    checkpoint("filled", "fork");

    let (order, orders) = io::pipe().expect("a pipe should open");
    let (answers, answer) = io::pipe().expect("a pipe should open");
    // SAFETY: this program has one thread, so no lock is held that the
    // child could wait for in vain.
    let child = unsafe { libc::fork() };
    match child {
        -1 => fail("fork"),
        0 => {
            drop(orders);
            obey(order, answer, memory)
        }
        _ => drop((order, answer)),
    }
    println!("child is process {child}");
    checkpoint("forked", "let the child write to 64 pages");

    println!("child-faults = {}", ask(&orders, &answers, 64));
    // SAFETY: byte 0 lies in the mapping, which is readable.
    let byte = unsafe { memory.read_volatile() };
    println!("byte-in-parent = {}", char::from(byte));
    checkpoint("written", "end the child");

    drop(orders);
    // SAFETY: null says that the exit status is of no interest.
    if unsafe { libc::waitpid(child, ptr::null_mut(), 0) } != child {
        fail("waitpid");
    }
    checkpoint("alone", "write to all pages again");
    let faults = write_pages(memory, PAGES, b'p');
    println!("parent-faults = {faults}");
    checkpoint("rewritten", "end");
}

/// Writes `byte` to the first `count` pages; returns the faults it cost.
fn write_pages(memory: *mut u8, count: usize, byte: u8) -> i64 {
    let page = page_size();
    let before = minor_faults();
    for number in 0..count {
        // SAFETY: the callers own a byte at the start of each page, and
        // no other thread exists.
        unsafe { memory.add(number * page).write_volatile(byte) };
    }
    minor_faults() - before
}

/// Lets the child write to `count` pages; returns the faults it had.
fn ask(
    mut orders: &PipeWriter,
    mut answers: &PipeReader,
    count: u8,
) -> i64 {
    orders.write_all(&[count]).expect("the child should listen");
    let mut faults = [0; 8];
    answers
        .read_exact(&mut faults)
        .expect("the child should answer");
    i64::from_ne_bytes(faults)
}

/// What the child does: writes when told to, and ends with the orders.
fn obey(
    mut order: PipeReader,
    mut answer: PipeWriter,
    memory: *mut u8,
) -> ! {
    // Its stack and code are touched first after the fork, too: a rehearsal
    // keeps the faults of that out of the count.
    let mut rehearsal = 0;
    write_pages(&raw mut rehearsal, 1, b'c');
    let mut count = [0];
    while order.read_exact(&mut count).is_ok() {
        let faults = write_pages(memory, usize::from(count[0]), b'c');
        if answer.write_all(&faults.to_ne_bytes()).is_err() {
            break;
        }
    }
    // SAFETY: it ends this process at once, without the cleaning up that is
    // the parent's business.
    unsafe { libc::_exit(0) }
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

fn map_memory() -> *mut u8 {
    let len = PAGES * page_size();
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    // ANCHOR: flags
    let flags = libc::MAP_ANONYMOUS | libc::MAP_SHARED;
    // ANCHOR_END: flags
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    keep_pages_small(memory, len);
    memory.cast()
}

fn keep_pages_small(memory: *mut c_void, len: usize) {
    // SAFETY: the range is the whole mapping; the advice changes no byte.
    let result =
        unsafe { libc::madvise(memory, len, libc::MADV_NOHUGEPAGE) };
    let errno = io::Error::last_os_error().raw_os_error();
    // EINVAL: a kernel without huge pages does not know this advice.
    if result != 0 && errno != Some(libc::EINVAL) {
        fail("madvise");
    }
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
