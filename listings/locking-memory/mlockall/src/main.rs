//! Locks all memory of the process, present and future, and counts the
//! faults of deep calls: in a thread, and on the main stack.

use std::hint::black_box;
use std::mem::{self, MaybeUninit};
use std::{io, process, thread};

const STACK: usize = 1024 * 1024;
const FRAME: usize = 512 * 1024;

// ANCHOR: steps
fn main() {
    let local = 0;
    println!("process id {}", process::id());
    // (1)
    may_lock_all();
    println!("main at {:p}", &raw const local);
    println!("library at {:p}", libc::mlockall as *const ());
    checkpoint("started", "lock all memory");

    // (2)
    let flags = libc::MCL_CURRENT | libc::MCL_FUTURE;
    // SAFETY: locking changes no byte.
    if unsafe { libc::mlockall(flags) } != 0 {
        fail("mlockall");
    }
    checkpoint("locked", "start a thread");

    // (3)
    let thread = thread::Builder::new().stack_size(STACK);
    let thread = thread
        .spawn(|| {
            let local = 0;
            println!("thread at {:p}", &raw const local);
            checkpoint("thread", "make deep calls");
            faults_of(deep_call)
        })
        .expect("a thread should start");
    let in_thread = thread.join().expect("the thread should not panic");
    println!("thread_faults = {in_thread} faults");

    // (4)
    let in_main = faults_of(deep_call);
    println!("main_faults = {in_main} faults");
    checkpoint("grown", "end");
}

// (5)
#[inline(never)]
fn deep_call() {
    let mut frame = MaybeUninit::<[u8; FRAME]>::uninit();
    let bytes = frame.as_mut_ptr().cast::<u8>();
    for offset in (0..FRAME).step_by(1024) {
        // SAFETY: the byte lies in the frame, which is this function's.
        unsafe { bytes.add(offset).write_volatile(1) };
    }
    black_box(bytes);
}
// ANCHOR_END: steps

/// Locks no page: what is not used before it is unlocked.
fn may_lock_all() {
    let flags = libc::MCL_CURRENT | libc::MCL_ONFAULT;
    // SAFETY: locking changes no byte.
    let result = unsafe { libc::mlockall(flags) };
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        // SAFETY: unlocking changes no byte.
        _ if result == 0 && unsafe { libc::munlockall() } == 0 => {}
        Some(libc::EPERM | libc::ENOMEM) => {
            println!("skipped: needs a higher ulimit -l: {error}");
            process::exit(0)
        }
        _ => fail("mlockall"),
    }
}

/// How many faults, minor and major, this thread has while `work` runs.
fn faults_of(work: fn()) -> i64 {
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
