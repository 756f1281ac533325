//! Writes a byte to a shared mapping of a file, and asks who sees it: a
//! call to read, and another process with a mapping of its own.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::{fd::AsRawFd, unix::net::UnixStream};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::{process, ptr};

const NAME: &str = "file-map-visible.txt";

// ANCHOR: steps
fn main() {
    fs::write(NAME, "a").expect("this folder should be writable");
    let (mut here, mut there) = UnixStream::pair().expect("no sockets");
    // (1)
    // SAFETY: the program has one thread, so the child may do anything.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork: {}", io::Error::last_os_error());
    if child == 0 {
        drop(here);
        watch(&mut there);
    }
    drop(there);

    // (2)
    let file = File::options().read(true).write(true).open(NAME);
    let file = file.expect("the file should be there");
    let memory = map(&file, libc::PROT_READ | libc::PROT_WRITE);
    println!("process id {}", process::id());
    println!("child is process {child}");
    println!("memory at {:p}", memory.as_ptr());
    println!("child_before = {}", receive(&mut here));
    checkpoint("mapped", "write one byte");

    // (3)
    memory.store(b'b', Relaxed);
    checkpoint("written", "ask who sees it");

    // (4)
    let text = fs::read(NAME).expect("the file should be readable");
    println!("read = {}", char::from(text[0]));
    here.write_all(b"?").expect("the child should wait");
    println!("child_after = {}", receive(&mut here));
    drop(here);
    // SAFETY: the child is this process's own; its status is not asked.
    unsafe { libc::waitpid(child, ptr::null_mut(), 0) };
    fs::remove_file(NAME).expect("the file should be removable");
}

/// The child: maps the file, and twice tells the byte that it sees.
fn watch(there: &mut UnixStream) -> ! {
    let file = File::open(NAME).expect("the file should be there");
    // (5)
    let memory = map(&file, libc::PROT_READ);
    for _ in 0..2 {
        let byte = memory.load(Relaxed);
        there.write_all(&[byte]).expect("the parent should listen");
        let _ = there.read(&mut [0]);
    }
    process::exit(0)
}
// ANCHOR_END: steps

/// The file's first byte, mapped until the process ends.
fn map(file: &File, prot: i32) -> &'static AtomicU8 {
    let (flags, fd) = (libc::MAP_SHARED, file.as_raw_fd());
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), 1, prot, flags, fd, 0) };
    let failed = memory == libc::MAP_FAILED;
    assert!(!failed, "mmap: {}", io::Error::last_os_error());
    // SAFETY: the byte is in the mapping and in the file, and both last.
    // All who use it do so by atomic accesses; who may only read it makes
    // relaxed loads of it, which read-only memory allows.
    unsafe { &*memory.cast::<AtomicU8>() }
}

fn receive(here: &mut UnixStream) -> char {
    let mut byte = [0];
    here.read_exact(&mut byte).expect("the child should answer");
    char::from(byte[0])
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
