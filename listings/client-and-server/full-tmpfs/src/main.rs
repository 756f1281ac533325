//! Fills a small file system in memory through a mapping of a file that is
//! larger, in a child of its own for each way to do it.

use std::{ffi::CStr, fs, fs::File, io, os::fd::AsRawFd, process, ptr};

const LEN: usize = 1024 * 1024;
// The folder that is hidden by the new file system, for this process only.
const FOLDER: &CStr = c"/tmp";
const FILE: &str = "/tmp/board";

// ANCHOR: steps
fn main() {
    mount_small();
    let file = check("open", File::create_new(FILE));
    // (1)
    check("ftruncate", file.set_len(LEN as u64));
    let memory = map(&file);
    // (2)
    println!("touched_inside = {}", child_that(|| touch(memory)));
    // (3)
    let fd = file.as_raw_fd();
    // SAFETY: fallocate changes the file's blocks and none of its bytes.
    let result = unsafe { libc::fallocate(fd, 0, 0, LEN as i64) };
    let error = io::Error::last_os_error();
    assert_ne!(result, 0, "fallocate should fail here");
    println!("fallocate = {error}");
}

fn touch(memory: *mut u8) {
    for offset in (0..LEN).step_by(1024) {
        // SAFETY: the byte lies in the mapping. Where the file system has
        // no room for it, a signal ends this child and nothing else.
        unsafe { memory.add(offset).write_volatile(1) };
    }
}
// ANCHOR_END: steps

/// Mounts a file system of a quarter of the file's size, which no other
/// process sees, and which is gone when this one has ended.
fn mount_small() {
    // SAFETY: these calls only read this process's ids.
    let (user, group) = unsafe { (libc::getuid(), libc::getgid()) };
    // SAFETY: there is one thread, whose name spaces are changed.
    let own =
        unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS) };
    let map = |name: &str, text: String| {
        fs::write(format!("/proc/self/{name}"), text)
    };
    let result = if own == 0 {
        map("uid_map", format!("0 {user} 1"))
            .and_then(|()| map("setgroups", "deny".to_owned()))
            .and_then(|()| map("gid_map", format!("0 {group} 1")))
            .and_then(|()| mount())
    } else {
        Err(io::Error::last_os_error())
    };
    if let Err(error) = result {
        println!("skipped: needs leave to mount a file system: {error}");
        process::exit(0)
    }
}

fn mount() -> io::Result<()> {
    let (kind, size) = (c"tmpfs".as_ptr(), c"size=256k".as_ptr().cast());
    // SAFETY: all texts end with a zero byte.
    match unsafe { libc::mount(kind, FOLDER.as_ptr(), kind, 0, size) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn child_that(work: impl Fn()) -> String {
    // SAFETY: there is only one thread, so the child may do all it likes.
    let child = unsafe { libc::fork() };
    if child == 0 {
        work();
        process::exit(0)
    }
    let mut status = 0;
    // SAFETY: waitpid writes into `status` and nowhere else.
    if child < 0 || unsafe { libc::waitpid(child, &mut status, 0) } < 0 {
        check("fork or waitpid", Err(io::Error::last_os_error()))
    }
    match libc::WTERMSIG(status) {
        0 => "written".to_owned(),
        libc::SIGBUS => "SIGBUS".to_owned(),
        signal => format!("signal {signal}"),
    }
}

fn map(file: &File) -> *mut u8 {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let (flags, fd) = (libc::MAP_SHARED, file.as_raw_fd());
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), LEN, prot, flags, fd, 0) };
    if memory == libc::MAP_FAILED {
        check("mmap", Err(io::Error::last_os_error()))
    }
    memory.cast()
}

fn check<T>(call: &str, result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("{call}: {error}");
        process::exit(1)
    })
}
