//! Puts one page under a protection key of its own.

use std::{io, process, ptr};

#[cfg(not(target_arch = "powerpc64"))]
use libc::{SYS_pkey_alloc, SYS_pkey_mprotect};

// The crate libc has no names for these calls on PowerPC.
#[cfg(target_arch = "powerpc64")]
#[expect(non_upper_case_globals, reason = "the names of the others")]
const SYS_pkey_alloc: libc::c_long = 384;
#[cfg(target_arch = "powerpc64")]
#[expect(non_upper_case_globals, reason = "the names of the others")]
const SYS_pkey_mprotect: libc::c_long = 386;

fn main() {
    // No flags, and of the rights, this thread is to lose none.
    let none: libc::c_ulong = 0;
    // SAFETY: the call only takes a free key. Both arguments are as wide
    // as the kernel takes them.
    let key = unsafe { libc::syscall(SYS_pkey_alloc, none, none) };
    if key == -1 {
        let error = io::Error::last_os_error();
        println!("skipped: needs protection keys, pkeys(7) ({error})");
        return;
    }
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
    println!("process id {}", process::id());
    println!("key = {key}");
    println!("memory at {memory:p}");
    checkpoint("mapped", "put the page under the key");

    let call = SYS_pkey_mprotect;
    let prot = libc::c_long::from(prot);
    // SAFETY: the range is the whole mapping, whose rights stay the same;
    // a pointer, a `usize` and the two numbers are as wide as a register.
    if unsafe { libc::syscall(call, memory, page, prot, key) } != 0 {
        fail("pkey_mprotect");
    }
    checkpoint("keyed", "end");
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
