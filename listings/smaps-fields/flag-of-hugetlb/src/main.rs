//! Maps one huge page of the hugetlb pool without reserving it, which needs
//! no right and no pool as long as nobody touches it.

use std::{io, process, ptr};

fn main() {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS
        | libc::MAP_PRIVATE
        | libc::MAP_HUGETLB
        | libc::MAP_NORESERVE;
    // The kernel rounds the length up to one huge page.
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), 1, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        let error = io::Error::last_os_error();
        println!("skipped: needs a kernel with hugetlb pages ({error})");
        return;
    }
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    println!("mapped: press Return to end");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
