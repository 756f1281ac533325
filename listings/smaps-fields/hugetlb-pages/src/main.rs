//! One page of the hugetlb pool in a file in memory: mapped, written, and
//! mapped a second time.

use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::MetadataExt;
use std::{io, process, ptr};

fn main() {
    println!("process id {}", process::id());
    let name = c"huge".as_ptr();
    // SAFETY: the name is a string that ends with a zero.
    let fd = unsafe { libc::memfd_create(name, libc::MFD_HUGETLB) };
    if fd == -1 {
        return skip("a kernel with hugetlb pages");
    }
    // SAFETY: the descriptor is new and belongs to nobody else.
    let file = unsafe { File::from_raw_fd(fd) };
    // Such a file's block is one huge page.
    let len = file
        .metadata()
        .expect("an open file has metadata")
        .blksize();
    file.set_len(len).expect("a whole page is a valid length");

    let first = map(&file, len);
    if first == libc::MAP_FAILED {
        return skip("a free page in /proc/sys/vm/nr_hugepages");
    }
    println!("first at {first:p}");
    checkpoint("mapped", "write one byte");

    // SAFETY: the mapping is writable, and its page is reserved.
    unsafe { first.cast::<u8>().write_volatile(1) };
    checkpoint("written", "map the page again, and read it there");

    let second = map(&file, len);
    if second == libc::MAP_FAILED {
        eprintln!("mmap: {}", io::Error::last_os_error());
        process::exit(1);
    }
    // SAFETY: the mapping is readable, and its page is there.
    let _ = unsafe { second.cast::<u8>().read_volatile() };
    println!("second at {second:p}");
    checkpoint("twice", "end");
}

fn map(file: &File, len: u64) -> *mut libc::c_void {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let len = usize::try_from(len).expect("a page fits into memory");
    let (shared, fd) = (libc::MAP_SHARED, file.as_raw_fd());
    // SAFETY: the address is null, so the kernel chooses a free range.
    unsafe { libc::mmap(ptr::null_mut(), len, prot, shared, fd, 0) }
}

fn skip(needs: &str) {
    println!("skipped: needs {needs} ({})", io::Error::last_os_error());
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
