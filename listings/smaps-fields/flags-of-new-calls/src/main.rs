//! Seals a mapping, which newer kernels can, and makes one that the kernel
//! may empty.

use std::{io, process, ptr};

// From linux/mman.h, since Linux 6.11; not in the libc crate on musl.
const MAP_DROPPABLE: i32 = 0x08;
// The number of mseal, since Linux 6.10, the same on all architectures but
// alpha and mips.
const SYS_MSEAL: libc::c_long = 462;

fn main() {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    let none: libc::c_ulong = 0;
    // SAFETY: without a length, it seals nothing. All three arguments are
    // as wide as the kernel takes them.
    if unsafe { libc::syscall(SYS_MSEAL, none, none, none) } != 0 {
        skip("mseal (Linux 6.10)");
    }
    let droppable = map(page, libc::MAP_ANONYMOUS | MAP_DROPPABLE);
    println!("process id {}", process::id());

    let sealed = map(page, libc::MAP_ANONYMOUS | libc::MAP_SHARED);
    println!("sealed at {sealed:p}");
    println!("mapped: press Return to seal it");
    wait();
    // SAFETY: the page is ours; sealed, it stays mapped until the end.
    if unsafe { libc::syscall(SYS_MSEAL, sealed, page, none) } != 0 {
        eprintln!("mseal: {}", io::Error::last_os_error());
        process::exit(1)
    }
    // SAFETY: a sealed mapping is not unmapped, which is what is shown.
    let result = unsafe { libc::munmap(sealed, page) };
    let error = io::Error::last_os_error();
    println!("munmap = {result} ({error})");

    println!("droppable at {droppable:p}");
    println!("both: press Return to end");
    wait();
}

fn map(len: usize, flags: i32) -> *mut libc::c_void {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        skip("MAP_DROPPABLE (Linux 6.11)");
    }
    memory
}

fn skip(what: &str) -> ! {
    let error = io::Error::last_os_error();
    println!("skipped: needs {what} ({error})");
    process::exit(0)
}

fn wait() {
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
