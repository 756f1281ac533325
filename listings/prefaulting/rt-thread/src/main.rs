//! The exercise: the loop runs in a thread that starts after mlockall, and
//! nobody prefaults its stack.

use std::hint::black_box;
use std::mem::{self, MaybeUninit};
use std::{io, process, thread};

const STACK: usize = 1024 * 1024;
const CYCLES: usize = 1000;

// ANCHOR: steps
fn main() {
    lock_all_memory();
    let thread = thread::Builder::new().stack_size(STACK);
    let thread = thread.spawn(|| {
        control(1);
        faults();
        let before = faults();
        for cycle in 0..CYCLES {
            let depth = if cycle == CYCLES / 2 { 64 } else { 1 };
            control(depth);
        }
        faults() - before
    });
    let thread = thread.expect("a thread should start");
    let count = thread.join().expect("the thread should not panic");
    println!("thread_faults = {count} faults");
}
// ANCHOR_END: steps

fn lock_all_memory() {
    let flags = libc::MCL_CURRENT | libc::MCL_FUTURE;
    // SAFETY: locking changes no byte.
    let result = unsafe { libc::mlockall(flags) };
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        _ if result == 0 => println!("mlockall = allowed"),
        Some(libc::EPERM | libc::ENOMEM) => {
            println!("mlockall = refused");
            println!(
                "skipped: needs a higher ulimit -l: mlockall: {error}"
            );
            process::exit(0)
        }
        _ => fail("mlockall"),
    }
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

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
