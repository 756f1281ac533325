//! The exercise: touch three pages, one of them again, and then two pages
//! with a single write.

use std::{io, process, ptr};

const LEN: usize = 16 * 1024 * 1024;

fn main() {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    let last = LEN / page - 1;

    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), LEN, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    // SAFETY: the range is the whole mapping; the advice changes no byte.
    let result =
        unsafe { libc::madvise(memory, LEN, libc::MADV_NOHUGEPAGE) };
    let errno = io::Error::last_os_error().raw_os_error();
    // EINVAL: a kernel without huge pages does not know this advice.
    if result != 0 && errno != Some(libc::EINVAL) {
        fail("madvise");
    }
    let bytes = memory.cast::<u8>();
    println!("process id {}", process::id());
    println!("memory at {memory:p}");

    checkpoint("mapped", &format!("write to pages 0, 1 and {last}"));
    for number in [0, 1, last] {
        // SAFETY: each page lies in the mapping, which is writable.
        unsafe { bytes.add(number * page).write_volatile(b'a') };
    }
    checkpoint("three", "write to page 1 again");
    // SAFETY: as above.
    unsafe { bytes.add(page + 1).write_volatile(b'b') };

    checkpoint("again", "write two bytes across the end of page 8");
    let pair: *mut [u8; 2] = bytes.wrapping_add(9 * page - 1).cast();
    // SAFETY: both bytes lie in the mapping; [u8; 2] needs no alignment.
    unsafe { pair.write_volatile(*b"cd") };

    checkpoint("across", "end");
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
