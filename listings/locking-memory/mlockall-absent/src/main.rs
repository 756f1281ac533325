//! Locks all memory of the process. Of three untouched mappings, two stay
//! without pages of their own, and the third is copied.

use std::{ffi::c_void, fs, fs::File, io, os::fd::AsRawFd, process, ptr};

const FILE: &str = "absent.bin";
const LEN: usize = 1024 * 1024;

// ANCHOR: steps
fn main() {
    check("write", fs::write(FILE, vec![b'a'; LEN]));
    let file = check("open", File::open(FILE));
    check("unlink", fs::remove_file(FILE));
    let read = libc::PROT_READ;
    let (private, fd) = (libc::MAP_PRIVATE, file.as_raw_fd());
    let anonymous = private | libc::MAP_ANONYMOUS;
    // (1)
    let nobody = map(2 * LEN, libc::PROT_NONE, anonymous, -1);
    // (2)
    let unread = map(LEN, read, anonymous, -1);
    // (3)
    let copied = map(LEN, read | libc::PROT_WRITE, private, fd);
    may_lock_all();
    println!("process id {}", process::id());
    println!("nobody at {nobody:p}");
    println!("unread at {unread:p}");
    println!("copied at {copied:p}");
    checkpoint("mapped", "lock all memory");

    // SAFETY: locking changes no byte.
    if unsafe { libc::mlockall(libc::MCL_CURRENT) } != 0 {
        check("mlockall", Err(io::Error::last_os_error()))
    }
    checkpoint("locked", "end");
}
// ANCHOR_END: steps

/// Locks no page: what is not used before it is unlocked.
fn may_lock_all() {
    let flags = libc::MCL_CURRENT | libc::MCL_ONFAULT;
    // SAFETY: locking changes no byte.
    let result = unsafe { libc::mlockall(flags) };
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        // SAFETY: unlocking changes no byte.
        _ if result == 0 && unsafe { libc::munlockall() } == 0 => {}
        Some(libc::EPERM | libc::ENOMEM) => {
            println!("skipped: needs a higher ulimit -l: {error}");
            process::exit(0)
        }
        _ => check("mlockall", Err(error)),
    }
}

fn map(len: usize, prot: i32, flags: i32, fd: i32) -> *mut c_void {
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, fd, 0) };
    if memory == libc::MAP_FAILED {
        check("mmap", Err(io::Error::last_os_error()))
    }
    memory
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

fn check<T>(call: &str, result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("{call}: {error}");
        process::exit(1)
    })
}
