//! Touches a mapping in steps: 1024 pages, and then half of them again.

use std::ffi::{c_long, c_void};
use std::{io, mem, process, ptr};

const PAGES: usize = 1024;
const STEP: usize = 256;
const TOUCHES: usize = 1536;

// ANCHOR: steps
fn main() {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    // (1)
    let memory = map_small_pages(PAGES * page);
    println!("process id {}", process::id());
    println!("memory at {memory:p}");

    let (mut faults, mut switches) = (0, 0);
    for done in (0..TOUCHES).step_by(STEP) {
        tell(done, faults, switches);
        checkpoint(&format!("touched-{done}"), "touch 256 pages");

        // (2)
        let before = usage();
        for touch in done..done + STEP {
            // (3)
            let offset = touch % PAGES * page;
            // SAFETY: the byte lies in the mapping, which is writable, and
            // only this thread knows its address.
            unsafe { memory.cast::<u8>().add(offset).write_volatile(b'a') };
        }
        let after = usage();
        faults += after.ru_minflt - before.ru_minflt;
        switches += after.ru_nvcsw - before.ru_nvcsw;
    }
    tell(TOUCHES, faults, switches);
    checkpoint(&format!("touched-{TOUCHES}"), "end");
}

// (4)
fn tell(touches: usize, faults: c_long, switches: c_long) {
    println!("touches = {touches}");
    println!("faults = {faults}");
    println!("switches = {switches}");
}
// ANCHOR_END: steps

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

/// What this process has used: faults and context switches, among others.
fn usage() -> libc::rusage {
    // SAFETY: rusage is plain numbers, for which zero is a value, and
    // getrusage writes into it and nowhere else.
    unsafe {
        let mut usage: libc::rusage = mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    }
}

/// A mapping of its own, with small pages only.
fn map_small_pages(len: usize) -> *mut c_void {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    // SAFETY: the range is the whole mapping; the advice changes no byte.
    let result =
        unsafe { libc::madvise(memory, len, libc::MADV_NOHUGEPAGE) };
    let errno = io::Error::last_os_error().raw_os_error();
    // EINVAL: a kernel without huge pages does not know this advice.
    if result != 0 && errno != Some(libc::EINVAL) {
        fail("madvise");
    }
    memory
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
