//! Two mistakes with prefaulting: in another thread than the loop's, and
//! more than the stack can hold.

use std::hint::black_box;
use std::mem::{self, MaybeUninit};
use std::{io, process, thread};

const STACK: usize = 512 * 1024;

// ANCHOR: mistakes
fn main() {
    // (1)
    prefault_stack();
    let thread = thread::Builder::new().stack_size(2 * STACK);
    let thread = thread.spawn(|| {
        control(1);
        faults();
        let before = faults();
        control(64);
        faults() - before
    });
    let thread = thread.expect("a thread should start");
    let count = thread.join().expect("the thread should not panic");
    println!("wrong_thread = {count} faults");

    // (2)
    let small = thread::Builder::new().stack_size(STACK / 4);
    let small = small.name("small".to_owned()).spawn(prefault_stack);
    let small = small.expect("a thread should start");
    small.join().expect("the thread should not panic");
}
// ANCHOR_END: mistakes

#[inline(never)]
fn prefault_stack() {
    let page = page_size();
    let mut frame = MaybeUninit::<[u8; STACK]>::uninit();
    let bytes = frame.as_mut_ptr().cast::<u8>();
    for offset in (0..STACK).step_by(page) {
        // SAFETY: the byte lies in the frame, which is this function's.
        unsafe { bytes.add(offset).write_volatile(0) };
    }
    black_box(bytes);
}

#[inline(never)]
fn control(depth: usize) {
    let mut frame = MaybeUninit::<[u8; 4096]>::uninit();
    let bytes = frame.as_mut_ptr().cast::<u8>();
    // SAFETY: the byte lies in the frame, which is this function's.
    unsafe { bytes.write_volatile(1) };
    if depth > 1 {
        control(depth - 1);
    }
    black_box(bytes);
}

/// How many faults, minor and major, this thread has had so far.
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

fn page_size() -> usize {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(page).expect("a page has a size")
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
