//! Prepares a loop that may have no page fault, runs it and counts; then
//! does the same again in a new process, without prefaulting the stack.

use std::hint::black_box;
use std::mem::{self, MaybeUninit};
use std::{env, io, process};

const STACK: usize = 512 * 1024;
const CYCLES: usize = 1000;

// ANCHOR: steps
fn main() {
    let prefault = env::args().nth(1).as_deref() != Some("without");
    // (1)
    let locked = lock_all_memory();
    // (2)
    if prefault {
        let local = 0;
        println!("process id {}", process::id());
        println!("stack at {:p}", &raw const local);
        println!("mlockall = {locked}");
        checkpoint("locked", "prefault the stack");
        prefault_stack();
        checkpoint("prefaulted", "run the loop");
    }
    // (3)
    control(1);
    faults();

    // (4)
    let (mut common, mut rare) = (0, 0);
    for cycle in 0..CYCLES {
        let before = faults();
        // (5)
        if cycle == CYCLES / 2 {
            control(64);
            rare += faults() - before;
        } else {
            control(1);
            common += faults() - before;
        }
    }

    // (6)
    if prefault {
        println!("faults_with_prefault = {} faults", common + rare);
        run_again_without();
    } else {
        println!("faults_without = {} faults", common + rare);
        println!("of_these_in_the_rare_cycle = {rare} faults");
    }
}

// (7)
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

// (8)
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
// ANCHOR_END: steps

fn lock_all_memory() -> &'static str {
    let flags = libc::MCL_CURRENT | libc::MCL_FUTURE;
    // SAFETY: locking changes no byte.
    if unsafe { libc::mlockall(flags) } == 0 {
        return "allowed";
    }
    match io::Error::last_os_error().raw_os_error() {
        Some(libc::EPERM | libc::ENOMEM) => "refused",
        _ => fail("mlockall"),
    }
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

fn run_again_without() {
    let program = env::current_exe().expect("a program has a path");
    let status = process::Command::new(program).arg("without").status();
    if !status.expect("the program should start again").success() {
        process::exit(1)
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
