//! Writes to four pages and turns one of them into a guard page: Rss falls,
//! and newer kernels set the flag gu.

use std::{fs, io, process, ptr};

// From linux/mman.h, since Linux 6.13, and since 6.15 for shared memory,
// which this is; the libc crate lacks it.
const MADV_GUARD_INSTALL: i32 = 102;

fn main() {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    // Tried on a page that nobody uses.
    if let Err(needs) = guard(map(page), page) {
        println!("skipped: needs {needs}");
        return;
    }
    let memory = map(4 * page);
    for number in 0..4 {
        let byte = memory.cast::<u8>().wrapping_add(number * page);
        // SAFETY: the byte lies in the mapping, which is writable.
        unsafe { byte.write_volatile(b'a') };
    }
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    checkpoint("written", "turn page 2 into a guard");

    guard(memory.wrapping_byte_add(2 * page), page)
        .expect("what was possible before should be so again");
    checkpoint("guarded", "end");
}

/// Turns a page that nobody uses from here on into a guard; tells what the
/// kernel lacks for that, or to show it.
fn guard(at: *mut libc::c_void, page: usize) -> Result<(), String> {
    // SAFETY: the page is ours, and nobody uses it from here on.
    if unsafe { libc::madvise(at, page, MADV_GUARD_INSTALL) } != 0 {
        let error = io::Error::last_os_error();
        let call = "MADV_GUARD_INSTALL of shared memory";
        return Err(format!("{call}, Linux 6.15 ({error})"));
    }
    let smaps = fs::read_to_string("/proc/self/smaps")
        .expect("a process may read its own smaps");
    // Nothing else in this process is shared and has a guard.
    let mut flags =
        smaps.lines().filter(|line| line.starts_with("VmFlags:"));
    let guarded = |line: &str| {
        ["sh", "gu"]
            .iter()
            .all(|flag| line.split(' ').any(|word| word == *flag))
    };
    match flags.any(guarded) {
        true => Ok(()),
        false => Err("a kernel that shows guards, Linux 6.19".to_owned()),
    }
}

fn map(len: usize) -> *mut libc::c_void {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    // Shared, so that it merges with no neighbour.
    let flags = libc::MAP_ANONYMOUS | libc::MAP_SHARED;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        eprintln!("mmap: {}", io::Error::last_os_error());
        process::exit(1)
    }
    memory
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
