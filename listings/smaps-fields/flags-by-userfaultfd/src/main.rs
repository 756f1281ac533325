//! Registers a mapping with a userfaultfd, for three kinds of fault: each
//! has its letters in VmFlags. No fault happens.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::{io, process, ptr};

// From linux/userfaultfd.h; the libc crate has none of it.
const USER_MODE_ONLY: libc::c_long = 1;
const API: u64 = 0xaa;
const UFFDIO_API: u64 = 0xc018_aa3f;
const UFFDIO_REGISTER: u64 = 0xc020_aa00;
const MODES: [(&str, u64); 3] =
    [("missing", 1), ("write-protect", 2), ("minor", 4)];

fn main() {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    // SAFETY: the call only makes a descriptor; its argument is as wide as
    // `syscall` passes it on.
    let fd =
        unsafe { libc::syscall(libc::SYS_userfaultfd, USER_MODE_ONLY) };
    if fd == -1 {
        skip("userfaultfd");
    }
    let fd = i32::try_from(fd).expect("a descriptor is small");
    // SAFETY: the descriptor is new and belongs to nobody else.
    let uffd = unsafe { OwnedFd::from_raw_fd(fd) };
    ask(&uffd, UFFDIO_API, &mut [API, 0, 0, 0], "UFFDIO_API");

    // Tried on a mapping that nobody looks at.
    let register = |memory: u64, name: &str, mode: u64| {
        let mut register = [memory, page as u64, mode, 0];
        ask(&uffd, UFFDIO_REGISTER, &mut register, name);
    };
    let (memory, spare) = (map(page), map(page));
    for (name, mode) in MODES {
        register(spare as u64, name, mode);
    }
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    checkpoint("mapped");

    for (name, mode) in MODES {
        register(memory as u64, name, mode);
        checkpoint(name);
    }
}

fn map(page: usize) -> *mut libc::c_void {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | libc::MAP_SHARED;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), page, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        eprintln!("mmap: {}", io::Error::last_os_error());
        process::exit(1)
    }
    memory
}

fn ask(uffd: &OwnedFd, request: u64, data: &mut [u64; 4], name: &str) {
    // SAFETY: both requests read and write at most the four numbers, and
    // registering changes no byte of the mapping.
    let result = unsafe {
        libc::ioctl(uffd.as_raw_fd(), request as _, data.as_mut_ptr())
    };
    if result != 0 {
        skip(name);
    }
}

fn skip(what: &str) -> ! {
    let error = io::Error::last_os_error();
    println!("skipped: needs a kernel that allows {what} ({error})");
    process::exit(0)
}

fn checkpoint(done: &str) {
    println!("{done}: press Return to go on");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
