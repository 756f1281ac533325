//! Locks one page on its first use, uses it, and unlocks it: the letters lo
//! and lf, and the field Locked.

use std::{io, process, ptr};

fn main() {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    // Shared, so that it merges with no neighbour.
    let flags = libc::MAP_ANONYMOUS | libc::MAP_SHARED;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), page, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    // Locked on its first use, and unlocked before that: nothing is locked.
    // SAFETY: both calls get the whole mapping, and change no byte of it.
    let (locked, error) = unsafe {
        let locked = libc::mlock2(memory, page, libc::MLOCK_ONFAULT);
        let error = io::Error::last_os_error();
        (locked == 0 && libc::munlock(memory, page) == 0, error)
    };
    match error.raw_os_error() {
        _ if locked => {}
        Some(libc::EPERM | libc::ENOMEM | libc::EAGAIN) => {
            println!("skipped: needs a higher `ulimit -l` ({error})");
            return;
        }
        _ => fail("mlock2"),
    }
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    checkpoint("mapped", "lock it, on the first use");

    // SAFETY: the call gets the whole mapping, and changes no byte of it.
    if unsafe { libc::mlock2(memory, page, libc::MLOCK_ONFAULT) } != 0 {
        fail("mlock2");
    }
    checkpoint("onfault", "write one byte");

    // SAFETY: the byte lies in the mapping, and only this thread knows it.
    unsafe { memory.cast::<u8>().write_volatile(b'a') };
    checkpoint("touched", "unlock it");

    // SAFETY: the range is the whole mapping.
    if unsafe { libc::munlock(memory, page) } != 0 {
        fail("munlock");
    }
    checkpoint("unlocked", "end");
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
