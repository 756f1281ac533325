//! Two mistakes: a child that prints its parent's text, and "shared" read
//! as "used by another process".

use std::io::Error;
use std::{ffi::c_void, io, process, ptr};

// ANCHOR: mistakes
fn main() {
    // (1)
    print!("[text without a new line]");
    // SAFETY: this program has one thread, so no lock is held that the
    // child could wait for in vain.
    let child = unsafe { libc::fork() };
    if child < 0 {
        fail("fork");
    }
    if child == 0 {
        process::exit(0);
    }
    // SAFETY: null says that the exit status is of no interest.
    if unsafe { libc::waitpid(child, ptr::null_mut(), 0) } != child {
        fail("waitpid");
    }
    println!();

    // (2)
    let file = one_page_file();
    let (first, second) = (map(file), map(file));
    // SAFETY: both mappings are readable and writable and one page long.
    unsafe {
        first.write_volatile(b'a');
        assert_eq!(second.read_volatile(), b'a', "it is the same page");
    }
    println!("process id {}", process::id());
    println!("first at {first:p}");
    println!("second at {second:p}");
    println!("twice: press Return to end");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
// ANCHOR_END: mistakes

/// A file of one page that has no name and lives in memory only.
fn one_page_file() -> libc::c_int {
    // SAFETY: the name is a string that ends with 0.
    let file = unsafe { libc::memfd_create(c"one-page".as_ptr(), 0) };
    if file < 0 {
        fail("memfd_create");
    }
    let len = page_size().try_into().expect("a page is not that large");
    // SAFETY: the descriptor is open, and nothing is mapped yet.
    if unsafe { libc::ftruncate(file, len) } != 0 {
        fail("ftruncate");
    }
    file
}

fn map(file: libc::c_int) -> *mut u8 {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let (len, flags) = (page_size(), libc::MAP_SHARED);
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory: *mut c_void =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, file, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    memory.cast()
}

fn page_size() -> usize {
    // SAFETY: sysconf only reads a setting.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).expect("a page has a size")
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", Error::last_os_error());
    process::exit(1)
}
