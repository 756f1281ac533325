//! Shows mappings whose flags no program asked for: the vdso and its data,
//! which the kernel maps itself, and one of a TCP socket.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::{fs, io, process, ptr};

fn main() {
    println!("process id {}", process::id());
    let maps = fs::read_to_string("/proc/self/maps")
        .expect("a process may read its own maps");
    for name in ["vdso", "vvar", "stack"] {
        // A path may end so, too; it stands behind a slash.
        let end = format!(" [{name}]");
        let is_it = |l: &&str| l.ends_with(&end) && !l.contains('/');
        let line = maps.lines().find(is_it);
        let Some((start, _)) = line.and_then(|l| l.split_once('-')) else {
            println!("skipped: needs a kernel that maps [{name}]");
            return;
        };
        println!("{name} at 0x{start}");
    }

    // SAFETY: the call only makes a socket.
    let fd = unsafe { libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0) };
    if fd == -1 {
        let error = io::Error::last_os_error();
        println!("skipped: needs TCP over IPv4 (socket: {error})");
        return;
    }
    // SAFETY: the descriptor is new and belongs to nobody else.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    let (prot, shared) = (libc::PROT_READ, libc::MAP_SHARED);
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory = unsafe {
        libc::mmap(
            ptr::null_mut(),
            page,
            prot,
            shared,
            socket.as_raw_fd(),
            0,
        )
    };
    if memory == libc::MAP_FAILED {
        let error = io::Error::last_os_error();
        println!("skipped: needs TCP sockets to map (mmap: {error})");
        return;
    }
    println!("socket at {memory:p}");

    println!("mapped: press Return to end");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
