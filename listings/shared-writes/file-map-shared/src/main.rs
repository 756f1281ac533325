//! Tries each way to open a file with each way to map it, and prints what
//! the kernel says.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::{ffi::CStr, fs, io, process, ptr};

const NAME: &CStr = c"file-map-shared.txt";
const LEN: usize = 11;

// ANCHOR: matrix
fn main() {
    let name = NAME.to_str().expect("the name is ASCII");
    fs::write(name, "a few words").expect("no writable folder");
    // (1)
    let modes = [
        ("O_RDONLY", libc::O_RDONLY),
        ("O_WRONLY", libc::O_WRONLY),
        ("O_RDWR", libc::O_RDWR),
        ("O_APPEND", libc::O_RDWR | libc::O_APPEND),
    ];
    // (2)
    let kinds =
        [("PRIVATE", libc::MAP_PRIVATE), ("SHARED", libc::MAP_SHARED)];
    // (3)
    let protections = [
        ("NONE", libc::PROT_NONE),
        ("READ", libc::PROT_READ),
        ("WRITE", libc::PROT_WRITE),
    ];
    for (mode, open_flags) in modes {
        let file = open(open_flags);
        for (kind, flags) in kinds {
            for (protection, prot) in protections {
                let outcome = try_to_map(&file, prot, flags);
                println!("{mode}_{kind}_{protection} = {outcome}");
            }
        }
    }
    fs::remove_file(name).expect("the file should be removable");
}

fn try_to_map(file: &OwnedFd, prot: i32, flags: i32) -> String {
    let fd = file.as_raw_fd();
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), LEN, prot, flags, fd, 0) };
    if memory != libc::MAP_FAILED {
        // SAFETY: the range is the whole mapping, and nothing uses it.
        unsafe { libc::munmap(memory, LEN) };
        return "ok".to_owned();
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::EACCES) => "EACCES".to_owned(),
        _ => error.to_string(),
    }
}
// ANCHOR_END: matrix

fn open(flags: i32) -> OwnedFd {
    // SAFETY: the name is a C string, and open only reads it.
    let fd = unsafe { libc::open(NAME.as_ptr(), flags) };
    if fd < 0 {
        eprintln!("open: {}", io::Error::last_os_error());
        process::exit(1);
    }
    // SAFETY: open has just made this descriptor; nothing else owns it.
    unsafe { OwnedFd::from_raw_fd(fd) }
}
