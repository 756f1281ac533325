//! The exercise: half of the pages are there before the loop begins.

use std::{io, mem, process, ptr};

const PAGES: usize = 1024;

fn main() {
    // SAFETY: sysconf only reads a constant of the running system.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page size is positive");
    let len = PAGES * page;
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    // EINVAL: a kernel without huge pages does not know this advice.
    if !advise(memory, len, libc::MADV_NOHUGEPAGE) {
        println!("this kernel has no huge pages");
    }

    // ANCHOR: halve
    let before = minor_faults();
    if !advise(memory, len / 2, libc::MADV_POPULATE_WRITE) {
        println!("skipped: needs MADV_POPULATE_WRITE (Linux 5.14)");
        return;
    }
    let between = minor_faults();
    for number in 0..PAGES {
        let byte = memory.cast::<u8>().wrapping_add(number * page);
        // SAFETY: the byte lies in the mapping, which is writable, and
        // only this thread knows its address.
        unsafe { byte.write_volatile(b'a') };
    }
    let after = minor_faults();
    println!("madvise_faults = {} faults", between - before);
    println!("loop_faults = {} faults", after - between);
    // ANCHOR_END: halve
}

/// False if the kernel does not know the advice.
fn advise(memory: *mut libc::c_void, len: usize, advice: i32) -> bool {
    // SAFETY: the range lies in the mapping, and neither piece of advice
    // changes a byte.
    let result = unsafe { libc::madvise(memory, len, advice) };
    let errno = io::Error::last_os_error().raw_os_error();
    if result != 0 && errno != Some(libc::EINVAL) {
        fail("madvise");
    }
    result == 0
}

fn minor_faults() -> i64 {
    // SAFETY: rusage is plain numbers, for which zero is a value, and
    // getrusage writes into it and nowhere else.
    let usage = unsafe {
        let mut usage: libc::rusage = mem::zeroed();
        if libc::getrusage(libc::RUSAGE_SELF, &mut usage) != 0 {
            fail("getrusage");
        }
        usage
    };
    usage.ru_minflt
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
