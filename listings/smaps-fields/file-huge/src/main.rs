//! Writes a file in one go and reads a byte of it through a mapping: where
//! the file system keeps it in huge pieces, one fault maps a huge page.

use std::fs::{self, File};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::{io, process, ptr};

const THP: &str = "/sys/kernel/mm/transparent_hugepage";
const NAME: &str = "file-huge.data";

fn main() {
    let Ok(size) = fs::read_to_string(format!("{THP}/hpage_pmd_size"))
    else {
        println!("skipped: needs transparent huge pages");
        return;
    };
    let huge: usize = size.trim().parse().expect("a size is a number");
    let file = written(2 * huge).unwrap_or_else(|error| {
        fail(&format!("write {NAME}"), &error);
    });
    // Tried with a mapping that is gone then.
    let spare = map_aligned(&file, huge);
    // SAFETY: the byte lies in the mapping, and the file is long enough.
    unsafe { spare.cast::<u8>().read_volatile() };
    let smaps = fs::read_to_string("/proc/self/smaps")
        .expect("a process may read its own smaps");
    // Behind the line of its addresses, the next one of this name.
    let start = format!("{:x}-", spare as usize);
    let count = smaps
        .lines()
        .skip_while(|line| !line.starts_with(&start))
        .find(|line| line.starts_with("FilePmdMapped:"));
    if count.is_none_or(|line| line.ends_with(" 0 kB")) {
        println!("skipped: needs huge pages, and a file system with them");
        return;
    }
    // SAFETY: the range is the whole mapping, which nobody uses any more.
    if unsafe { libc::munmap(spare, huge) } != 0 {
        fail("munmap", &io::Error::last_os_error());
    }
    let memory = map_aligned(&file, huge);
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    checkpoint("mapped", "read one byte");

    // SAFETY: as for the first one.
    unsafe { memory.cast::<u8>().read_volatile() };
    checkpoint("read", "end");
}

/// A file that has reached the disk, and whose name is already gone.
fn written(len: usize) -> io::Result<File> {
    let mut file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(NAME)?;
    fs::remove_file(NAME)?;
    file.write_all(&vec![b'a'; len])?;
    file.sync_all()?;
    Ok(file)
}

/// Maps the file where a huge page can begin, at a multiple of its size.
fn map_aligned(file: &File, huge: usize) -> *mut libc::c_void {
    let (none, anon) = (libc::PROT_NONE, libc::MAP_ANONYMOUS);
    let anon = anon | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let around =
        unsafe { libc::mmap(ptr::null_mut(), 2 * huge, none, anon, -1, 0) };
    if around == libc::MAP_FAILED {
        fail("mmap", &io::Error::last_os_error());
    }
    let start = around as usize;
    let offset = start.next_multiple_of(huge) - start;
    let place = around.wrapping_byte_add(offset);
    let flags = libc::MAP_SHARED | libc::MAP_FIXED;
    let (prot, fd) = (libc::PROT_READ, file.as_raw_fd());
    // SAFETY: what it replaces lies in the mapping above, which is unused.
    let memory = unsafe { libc::mmap(place, huge, prot, flags, fd, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap", &io::Error::last_os_error());
    }
    memory
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

fn fail(call: &str, error: &io::Error) -> ! {
    eprintln!("{call}: {error}");
    process::exit(1)
}
