//! Changes a file under a private mapping: which pages follow?

use std::fs::{self, File};
use std::os::{fd::AsRawFd, unix::fs::FileExt};
use std::{io, process, ptr};

const NAME: &str = "private-follows.txt";

fn main() {
    // SAFETY: sysconf only reads a constant of the running system.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page size is positive");
    fs::write(NAME, "a".repeat(3 * page)).expect("no writable folder");
    let file = File::options().read(true).write(true).open(NAME);
    let file = file.expect("the file should be there");

    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let (flags, fd) = (libc::MAP_PRIVATE, file.as_raw_fd());
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory = unsafe {
        libc::mmap(ptr::null_mut(), 3 * page, prot, flags, fd, 0)
    };
    if memory == libc::MAP_FAILED {
        eprintln!("mmap: {}", io::Error::last_os_error());
        process::exit(1);
    }
    // ANCHOR: change
    let first = memory.cast::<u8>();
    // SAFETY: the three pages lie in the mapping, which may be read and
    // written, and before the file's end; volatile accesses by a raw
    // pointer allow the bytes to change in between.
    unsafe {
        // (1)
        first.write_volatile(b'b');
        first.add(page).read_volatile();

        // (2)
        let text = "c".repeat(3 * page);
        file.write_all_at(text.as_bytes(), 0).expect("no room");

        // (3)
        let look = |number| first.add(number * page).read_volatile();
        println!("written_page = {}", char::from(look(0)));
        println!("read_page = {}", char::from(look(1)));
        println!("untouched_page = {}", char::from(look(2)));
    }
    // ANCHOR_END: change
    fs::remove_file(NAME).expect("the file should be removable");
}
