//! Maps two pages of a file that is half a page long, and reads both.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::{io, process, ptr};

const NAME: &str = "file-past-end.txt";

fn main() {
    // SAFETY: sysconf only reads a constant of the running system.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page size is positive");
    fs::write(NAME, "a".repeat(page / 2)).expect("no writable folder");
    let file = File::open(NAME).expect("the file should be there");
    fs::remove_file(NAME).expect("the file should be removable");

    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory = unsafe {
        libc::mmap(
            ptr::null_mut(),
            2 * page,
            libc::PROT_READ,
            libc::MAP_PRIVATE,
            file.as_raw_fd(),
            0,
        )
    };
    if memory == libc::MAP_FAILED {
        eprintln!("mmap: {}", io::Error::last_os_error());
        process::exit(1);
    }
    // ANCHOR: read
    let last = page - 1;
    for (place, offset) in
        [("page 0", 0), ("end of page 0", last), ("page 1", page)]
    {
        // SAFETY: the byte lies in the mapping. In page 1 no file stands
        // behind it: the kernel ends the program, and that is the lesson.
        let byte =
            unsafe { memory.cast::<u8>().add(offset).read_volatile() };
        println!("{place}: {:?}", char::from(byte));
    }
    // ANCHOR_END: read
}
