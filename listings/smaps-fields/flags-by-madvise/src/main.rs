//! Gives one mapping one advice after the other, and waits after each: each
//! sets or replaces two letters in the mapping's VmFlags.

use std::{io, process, ptr};

const ADVICE: [(&str, libc::c_int); 8] = [
    ("dontfork", libc::MADV_DONTFORK),
    ("wipeonfork", libc::MADV_WIPEONFORK),
    ("dontdump", libc::MADV_DONTDUMP),
    ("random", libc::MADV_RANDOM),
    ("sequential", libc::MADV_SEQUENTIAL),
    ("nohugepage", libc::MADV_NOHUGEPAGE),
    ("hugepage", libc::MADV_HUGEPAGE),
    ("mergeable", libc::MADV_MERGEABLE),
];

fn main() {
    // Tried on a mapping that nobody looks at.
    let (spare, len) = mapping_of_its_own();
    for (name, advice) in ADVICE {
        // SAFETY: as below.
        if unsafe { libc::madvise(spare, len, advice) } != 0 {
            let error = io::Error::last_os_error();
            println!("skipped: needs a kernel with {name} ({error})");
            return;
        }
    }
    let (memory, len) = mapping_of_its_own();
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    println!("mapped: press Return to give the first advice");
    wait();
    for (name, advice) in ADVICE {
        // SAFETY: the range is the whole mapping, and these advices change
        // no byte that this process reads.
        if unsafe { libc::madvise(memory, len, advice) } != 0 {
            fail("madvise");
        }
        println!("{name}: press Return to go on");
        wait();
    }
}

/// Four pages between two that may not be touched, so that no neighbour of
/// the same kind shares their line.
fn mapping_of_its_own() -> (*mut libc::c_void, usize) {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    let none = libc::PROT_NONE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let around = unsafe {
        libc::mmap(ptr::null_mut(), 6 * page, none, flags, -1, 0)
    };
    if around == libc::MAP_FAILED {
        fail("mmap");
    }
    let memory = around.wrapping_byte_add(page);
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: the range lies in the new mapping, which nobody uses yet.
    if unsafe { libc::mprotect(memory, 4 * page, prot) } != 0 {
        fail("mprotect");
    }
    (memory, 4 * page)
}

fn wait() {
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
