//! Makes a mapping twice as long: Size grows, and nothing else does.

use std::{io, process, ptr};

fn main() {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    let (old, new) = (4 * page, 8 * page);
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    // Shared, so that it merges with no neighbour.
    let flags = libc::MAP_ANONYMOUS | libc::MAP_SHARED;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), old, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    println!("mapped: press Return to make it twice as long");
    wait();

    let may_move = libc::MREMAP_MAYMOVE;
    // SAFETY: the old range is the whole mapping, and no pointer into it is
    // used after this call. The new pages are never touched: shared memory
    // keeps its length, and an access behind it would be SIGBUS.
    let memory = unsafe { libc::mremap(memory, old, new, may_move) };
    if memory == libc::MAP_FAILED {
        fail("mremap");
    }
    // It may have moved, so its address is printed again.
    println!("memory at {memory:p}");
    println!("grown: press Return to end");
    wait();
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
