//! Two processes, one address, two values.

use std::sync::atomic::{AtomicU32, Ordering};
use std::{io, process};

static VALUE: AtomicU32 = AtomicU32::new(1);

// ANCHOR: two
fn main() {
    println!("process id {}", process::id());

    // (1)
    // SAFETY: this process has one thread, so the child may go on with any
    // code.
    let child = unsafe { libc::fork() };
    match child {
        -1 => fail("fork"),
        // (2)
        0 => {
            VALUE.store(2, Ordering::Relaxed);
            println!("child_value at {:p}", &VALUE);
            println!("in-child = {}", VALUE.load(Ordering::Relaxed));
            // SAFETY: _exit ends the child at once.
            unsafe { libc::_exit(0) }
        }
        _ => {}
    }
    // (3)
    let mut status = 0;
    // SAFETY: waitpid writes into status and nowhere else.
    if unsafe { libc::waitpid(child, &mut status, 0) } != child {
        fail("waitpid");
    }
    if status != 0 {
        eprintln!("the child did not end well");
        process::exit(1);
    }
    println!("parent_value at {:p}", &VALUE);
    println!("in-parent = {}", VALUE.load(Ordering::Relaxed));

    println!("compared: press Return to end");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
// ANCHOR_END: two

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
