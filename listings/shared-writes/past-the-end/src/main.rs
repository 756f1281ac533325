//! Writes a byte past the end of a file, and asks who sees it: another
//! process, a call to read, and the file itself when it becomes longer.

use std::fs::{self, File};
use std::io::{self, Error};
use std::os::{fd::AsRawFd, unix::fs::FileExt};
use std::{process, ptr};

const TEXT: &str = "a few words";

fn main() {
    let here = format!("past-the-end-{}", process::id());
    let shm = format!("/dev/shm/{here}");
    let mounts = fs::read_to_string("/proc/self/mounts");
    let is_shm = |line: &str| line.contains(" /dev/shm tmpfs ");
    if !mounts.is_ok_and(|mounts| mounts.lines().any(is_shm))
        || fs::write(&shm, TEXT).is_err()
    {
        println!("skipped: needs tmpfs at /dev/shm, to write in");
        return;
    }
    fs::write(&here, TEXT).expect("this folder should be writable");
    println!("process id {}", process::id());
    println!("ready: press Return to write past the end of two files");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
    for (name, file) in [("here", here), ("tmpfs", shm)] {
        write_past_end(name, &file);
        fs::remove_file(&file).expect("the file should be removable");
    }
}

// ANCHOR: past
fn write_past_end(name: &str, path: &str) {
    let file = File::options().read(true).write(true).open(path);
    let file = file.expect("the file should be there");
    let memory = map(&file);
    let end = TEXT.len();
    // SAFETY: the byte is past the file's end, but in its last page, so it
    // lies in the mapping, which may be written. Nobody else maps it yet.
    unsafe { memory.add(end).write_volatile(b'x') };

    // (1)
    println!("{name}_other = {}", shown(seen_by_child(&file, end)));
    // (2)
    let bytes = fs::read(path).expect("the file should be readable");
    println!("{name}_read = {} bytes", bytes.len());
    // (3)
    let mut byte = [0];
    file.set_len(end as u64 + 1).expect("there should be room");
    file.read_exact_at(&mut byte, end as u64)
        .expect("it is longer");
    println!("{name}_longer = {}", shown(byte[0]));
}

/// Another process maps the file, and exits with the byte as its status.
fn seen_by_child(file: &File, end: usize) -> u8 {
    // SAFETY: the program has one thread, so the child may do anything.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork: {}", Error::last_os_error());
    if child == 0 {
        // SAFETY: as for the write; its writer waits for this process.
        let byte = unsafe { map(file).add(end).read_volatile() };
        process::exit(byte.into());
    }
    let mut status = 0;
    // SAFETY: the call writes to `status` and nowhere else.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert!(waited == child, "waitpid: {}", Error::last_os_error());
    assert!(libc::WIFEXITED(status), "the child should have exited");
    libc::WEXITSTATUS(status) as u8
}
// ANCHOR_END: past

fn map(file: &File) -> *mut u8 {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let (flags, fd) = (libc::MAP_SHARED, file.as_raw_fd());
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), 1, prot, flags, fd, 0) };
    let failed = memory == libc::MAP_FAILED;
    assert!(!failed, "mmap: {}", Error::last_os_error());
    memory.cast()
}

/// The byte as a letter, or as a 0 if it is one.
fn shown(byte: u8) -> char {
    if byte == 0 { '0' } else { byte.into() }
}
