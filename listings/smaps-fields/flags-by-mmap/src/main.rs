//! Makes mappings that differ in one word each, and waits: the words of
//! mmap are letters in VmFlags.

use std::fs::{self, File};
use std::os::fd::{AsRawFd, RawFd};
use std::{io, process, ptr};

use libc::{MAP_ANONYMOUS, MAP_GROWSDOWN, MAP_NORESERVE, MAP_PRIVATE};
use libc::{MAP_SHARED, PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE};

const RW: i32 = PROT_READ | PROT_WRITE;
const ANON: i32 = MAP_ANONYMOUS | MAP_PRIVATE;

fn main() {
    // In mode 2 the kernel reserves memory for every mapping.
    let mode = fs::read_to_string("/proc/sys/vm/overcommit_memory");
    if mode.is_ok_and(|mode| mode.trim() == "2") {
        println!("skipped: needs overcommit mode 0 or 1");
        return;
    }
    let program = File::open("/proc/self/exe").unwrap_or_else(|error| {
        fail("open /proc/self/exe", &error);
    });
    let file = program.as_raw_fd();
    println!("process id {}", process::id());

    map("plain", RW, ANON, -1);
    map("none", PROT_NONE, ANON, -1);
    map("readonly", PROT_READ, ANON, -1);
    map("executable", PROT_READ | PROT_EXEC, ANON, -1);
    map("growsdown", RW, ANON | MAP_GROWSDOWN, -1);
    map("noreserve", RW, ANON | MAP_NORESERVE, -1);
    map("shared", RW, MAP_SHARED | MAP_ANONYMOUS, -1);
    // A file that is open for reading only.
    map("shared_readonly", PROT_READ, MAP_SHARED, file);
    map("private_file", RW, MAP_PRIVATE, file);

    println!("mapped: press Return to end");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

/// One page between two shared ones, which no neighbour merges with.
fn map(name: &str, prot: i32, flags: i32, fd: RawFd) {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    let apart = MAP_ANONYMOUS | MAP_SHARED;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let around = unsafe {
        libc::mmap(ptr::null_mut(), 3 * page, PROT_NONE, apart, -1, 0)
    };
    if around == libc::MAP_FAILED {
        fail("mmap", &io::Error::last_os_error());
    }
    let place = around.wrapping_byte_add(page);
    let fixed = flags | libc::MAP_FIXED;
    // SAFETY: the page replaced lies in the range just mapped, which nobody
    // uses.
    let memory = unsafe { libc::mmap(place, page, prot, fixed, fd, 0) };
    if memory == libc::MAP_FAILED {
        fail(name, &io::Error::last_os_error());
    }
    println!("{name} at {memory:p}");
}

fn fail(call: &str, error: &io::Error) -> ! {
    eprintln!("{call}: {error}");
    process::exit(1)
}
