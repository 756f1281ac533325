//! Asks for sixteen times the memory of the machine, in pieces; then for
//! twice of it at once.

use std::{ffi::c_void, fs, io, mem, process, ptr};

const PIECES: usize = 32;
const MODE: &str = "/proc/sys/vm/overcommit_memory";

// ANCHOR: ask
fn main() {
    // (1)
    let mode = fs::read_to_string(MODE).unwrap_or_default();
    if mode.trim() != "0" {
        skip(&format!("overcommit mode 0 (see {MODE})"));
    }
    // (2)
    let memory = ram_and_swap();
    if !fits(memory / 2) {
        skip("more address space (see ulimit -v)");
    }
    println!("process id {}", process::id());
    println!("machine = {} kB", memory / 1024);
    checkpoint("started", "map sixteen times that");

    // (3)
    for _ in 0..PIECES {
        if map(memory / 2) == libc::MAP_FAILED {
            fail("mmap");
        }
    }
    println!("asked = {} kB", PIECES * (memory / 2) / 1024);
    checkpoint("mapped", "ask for twice the machine at once");

    // (4)
    let outcome = match map(2 * memory) {
        libc::MAP_FAILED => io::Error::last_os_error().to_string(),
        _ => "it works".to_owned(),
    };
    println!("at-once = {outcome}");
}
// ANCHOR_END: ask

/// A private, anonymous mapping, readable and writable.
fn map(len: usize) -> *mut c_void {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) }
}

/// Whether that many addresses are free, in pieces; none stays mapped.
fn fits(len: usize) -> bool {
    let pieces: Vec<_> = (0..PIECES).map(|_| map(len)).collect();
    let mapped = pieces.iter().filter(|piece| **piece != libc::MAP_FAILED);
    for piece in mapped.clone() {
        // SAFETY: the range is a whole mapping, which nobody uses.
        if unsafe { libc::munmap(*piece, len) } != 0 {
            fail("munmap");
        }
    }
    mapped.count() == PIECES
}

/// RAM and swap space together, in bytes.
fn ram_and_swap() -> usize {
    // SAFETY: sysinfo is plain numbers, for which zero is a value, and the
    // call writes into it and nowhere else.
    let info = unsafe {
        let mut info: libc::sysinfo = mem::zeroed();
        if libc::sysinfo(&mut info) != 0 {
            fail("sysinfo");
        }
        info
    };
    (info.totalram + info.totalswap) as usize * info.mem_unit as usize
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

fn skip(need: &str) -> ! {
    println!("skipped: needs {need}");
    process::exit(0)
}
