//! Uses each part of a Rust program twice, and counts the faults of the
//! first and of the second use: text, data, zero data, heap and a stack.

use std::hint::black_box;
use std::mem::{self, MaybeUninit};
use std::{ffi::c_void, io, process, thread};

const LEN: usize = 256 * 1024;

// ANCHOR: parts
// (1)
static mut DATA: [u8; LEN] = [1; LEN];
static mut ZERO: [u8; LEN] = [0; LEN];

fn main() {
    // (2)
    let first = faults_of(|| {
        drop_text();
        leaf();
    });
    println!("text_first = {first} faults");
    println!("text_again = {} faults", faults_of(leaf));

    // (3)
    let data = (&raw mut DATA).cast();
    let zero = (&raw mut ZERO).cast();
    // SAFETY: no other code uses the two statics.
    report("data", || unsafe { touch(data) });
    // SAFETY: as above.
    report("zero", || unsafe { touch(zero) });

    // (4)
    let mut heap = vec![0u8; LEN];
    let heap = heap.as_mut_ptr();
    // SAFETY: the vector lives until the end of main.
    report("heap", || unsafe { touch(heap) });

    // (5)
    let thread = thread::Builder::new().stack_size(4 * LEN);
    let thread = thread.spawn(|| report("stack", use_stack));
    let thread = thread.expect("a thread should start");
    thread.join().expect("the thread should not panic");
}

fn report(part: &str, work: impl Fn()) {
    let first = faults_of(&work);
    let again = faults_of(&work);
    println!("{part}_first = {first} faults");
    println!("{part}_again = {again} faults");
}

#[inline(never)]
fn leaf() {
    black_box(0);
}

#[inline(never)]
fn use_stack() {
    let mut frame = MaybeUninit::<[u8; LEN]>::uninit();
    // SAFETY: the frame is this function's.
    unsafe { touch(frame.as_mut_ptr().cast()) };
}
// ANCHOR_END: parts

/// Writes one byte to each page of the `LEN` bytes from `bytes` on.
///
/// # Safety
///
/// The caller owns these bytes, and no other thread uses them.
unsafe fn touch(bytes: *mut u8) {
    // 1024 is less than any page.
    for offset in (0..LEN).step_by(1024) {
        // SAFETY: the byte is one of those that the caller owns.
        unsafe { bytes.add(offset).write_volatile(1) };
    }
}

/// Drops the page of `leaf` from this process, as the kernel may do itself
/// when memory is short. The next call finds it in the program's file.
fn drop_text() {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    let leaf = leaf as fn() as *mut c_void;
    let start = leaf.map_addr(|address| address & !(page - 1));
    // SAFETY: nobody writes to the text, so the file has the same bytes.
    if unsafe { libc::madvise(start, page, libc::MADV_DONTNEED) } != 0 {
        fail("madvise");
    }
}

/// How many faults, minor and major, this thread has while `work` runs.
fn faults_of(work: impl Fn()) -> i64 {
    let before = faults();
    work();
    faults() - before
}

fn faults() -> i64 {
    // SAFETY: rusage is plain numbers, for which zero is a value, and
    // getrusage writes into it and nowhere else.
    let (result, usage) = unsafe {
        let mut usage: libc::rusage = mem::zeroed();
        (libc::getrusage(libc::RUSAGE_THREAD, &mut usage), usage)
    };
    if result != 0 {
        fail("getrusage");
    }
    usage.ru_minflt + usage.ru_majflt
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
