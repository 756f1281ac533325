//! Writes to the locked pages of a shared file mapping, and counts the
//! faults: at first, again, and after fsync. The file lies on a disk, and
//! then in memory.

use std::os::fd::{AsRawFd, FromRawFd};
use std::{fs, fs::File, io, mem, process, ptr};

const FILE: &str = "refaults.bin";
const PAGES: usize = 16;

// ANCHOR: steps
fn main() {
    let page = page_size();
    write_again_and_again("", &file_on_disk(PAGES * page), page);
    write_again_and_again("memory_", &file_in_memory(PAGES * page), page);
}

fn write_again_and_again(kind: &str, file: &File, page: usize) {
    let len = PAGES * page;
    let memory = map(file, len);
    // (1)
    lock(memory, len);
    let write = || {
        for offset in (0..len).step_by(page) {
            // SAFETY: the byte lies in the mapping, which is writable and
            // which only this thread uses.
            unsafe { memory.add(offset).write_volatile(b'b') };
        }
    };
    faults();

    println!("{kind}first = {} faults", faults_of(write));
    // (2)
    let again = (0..10).map(|_| faults_of(write)).min();
    let again = again.expect("there were ten rounds");
    println!("{kind}again = {again} faults");
    check("fsync", file.sync_all());
    println!("{kind}after_fsync = {} faults", faults_of(write));
    // SAFETY: nobody uses the mapping any more.
    if unsafe { libc::munmap(memory.cast(), len) } != 0 {
        check("munmap", Err(io::Error::last_os_error()))
    }
}
// ANCHOR_END: steps

fn file_on_disk(len: usize) -> File {
    check("write", fs::write(FILE, vec![b'a'; len]));
    let file = File::options().read(true).write(true).open(FILE);
    let file = check("open", file);
    check("unlink", fs::remove_file(FILE));
    needs_disk(&file);
    file
}

fn file_in_memory(len: usize) -> File {
    let flags = libc::MFD_CLOEXEC;
    // SAFETY: the name ends with a zero byte.
    let fd = unsafe { libc::memfd_create(c"refaults".as_ptr(), flags) };
    if fd < 0 {
        check("memfd_create", Err(io::Error::last_os_error()))
    }
    // SAFETY: the descriptor is new, and nobody else owns it.
    let file = unsafe { File::from_raw_fd(fd) };
    check("ftruncate", file.set_len(len as u64));
    file
}

/// The kernel does not write to a disk what lives in memory only.
fn needs_disk(file: &File) {
    let mut about = mem::MaybeUninit::<libc::statfs>::zeroed();
    // SAFETY: fstatfs writes into `about`, for which zeros are a value.
    let (result, about) = unsafe {
        let result = libc::fstatfs(file.as_raw_fd(), about.as_mut_ptr());
        (result, about.assume_init())
    };
    if result != 0 {
        check("fstatfs", Err(io::Error::last_os_error()))
    }
    // TMPFS_MAGIC and RAMFS_MAGIC, of statfs(2).
    if [0x0102_1994, 0x8584_58f6].contains(&(about.f_type as u64)) {
        println!("skipped: needs a file on a disk; this one is in memory");
        process::exit(0)
    }
}

fn lock(memory: *mut u8, len: usize) {
    // SAFETY: the range is the whole mapping; locking changes no byte.
    let result = unsafe { libc::mlock(memory.cast(), len) };
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        _ if result == 0 => {}
        Some(libc::EPERM | libc::ENOMEM) => {
            println!("skipped: needs a higher ulimit -l: mlock: {error}");
            process::exit(0)
        }
        _ => check("mlock", Err(error)),
    }
}

fn map(file: &File, len: usize) -> *mut u8 {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let (flags, fd) = (libc::MAP_SHARED, file.as_raw_fd());
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, fd, 0) };
    if memory == libc::MAP_FAILED {
        check("mmap", Err(io::Error::last_os_error()))
    }
    memory.cast()
}

/// How many faults, minor and major, this thread has while `work` runs.
fn faults_of(work: impl Fn()) -> i64 {
    let before = faults();
    work();
    faults() - before
}

fn faults() -> i64 {
    // SAFETY: rusage is plain numbers, for which zero is a value, and
    // getrusage writes into it and nowhere else.
    let (result, usage) = unsafe {
        let mut usage: libc::rusage = mem::zeroed();
        (libc::getrusage(libc::RUSAGE_THREAD, &mut usage), usage)
    };
    if result != 0 {
        check("getrusage", Err(io::Error::last_os_error()))
    }
    usage.ru_minflt + usage.ru_majflt
}

fn page_size() -> usize {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(page).expect("a page has a size")
}

fn check<T>(call: &str, result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("{call}: {error}");
        process::exit(1)
    })
}
