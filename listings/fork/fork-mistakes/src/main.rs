//! A mistake with fork: a child that prints its parent's text.

use std::{io, process, ptr};

// ANCHOR: mistakes
fn main() {
    // (1)
    print!("[text without a new line]");
    // SAFETY: this program has one thread, so no lock is held that the
    // child could wait for in vain.
    let child = unsafe { libc::fork() };
    if child < 0 {
        fail("fork");
    }
    if child == 0 {
        // (2)
        process::exit(0);
    }
    // SAFETY: null says that the exit status is of no interest.
    if unsafe { libc::waitpid(child, ptr::null_mut(), 0) } != child {
        fail("waitpid");
    }
    println!();
}
// ANCHOR_END: mistakes

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
