//! Errors of the calls that open, name, measure and map files.

use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::{ffi::c_int, fs, fs::File, io, process, ptr};

const FILE: &str = "errors.bin";
const OTHER: &str = "errors.other";

fn main() {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let len = usize::try_from(page).expect("a page has a size");
    let both = libc::PROT_READ | libc::PROT_WRITE;
    let (shared, read) = (libc::MAP_SHARED, libc::PROT_READ);
    check("write", fs::write(FILE, "text"));
    check("write", fs::write(OTHER, "text"));

    // Names that lead to no file, or to one that is in the way.
    show("open_new", File::create_new(FILE));
    show("open_missing", File::open("errors.missing"));
    show("open_folder", File::options().write(true).open("."));
    show("open_below_a_file", File::open(format!("{FILE}/below")));
    // A second name.
    show("link_taken", fs::hard_link(FILE, OTHER));
    show("link_folder", fs::hard_link(".", "errors.missing"));
    // A length, by a descriptor that may only read.
    let file = check("open", File::open(FILE));
    show("ftruncate_read_only", result(ftruncate(&file, 0)));
    // A number that is no descriptor, and an end past all files.
    show("mmap_closed", map(10_000, len, read, shared, 0));
    // Two pages from here on end past the largest offset.
    let far = i64::MAX - (page - 1);
    let fd = file.as_raw_fd();
    show("mmap_too_far", map(fd, 2 * len, read, shared, far));
    // Seals.
    let sealed = sealed_file(page);
    let fd = sealed.as_raw_fd();
    show("ftruncate_sealed", result(ftruncate(&sealed, 0)));
    show("mmap_sealed", map(fd, len, both, shared, 0));

    check("unlink", fs::remove_file(FILE));
    check("unlink", fs::remove_file(OTHER));
}

/// A file in memory that may no longer shrink or be written to.
fn sealed_file(len: i64) -> File {
    let flags = libc::MFD_ALLOW_SEALING | libc::MFD_CLOEXEC;
    // SAFETY: the name ends with a zero byte.
    let fd = unsafe { libc::memfd_create(c"sealed".as_ptr(), flags) };
    check("memfd_create", result(fd));
    // SAFETY: the descriptor is new, and nobody else owns it.
    let file = unsafe { File::from_raw_fd(fd) };
    check("ftruncate", result(ftruncate(&file, len)));
    let seals = libc::F_SEAL_SHRINK | libc::F_SEAL_WRITE;
    // SAFETY: sealing changes no byte.
    let sealed = unsafe { libc::fcntl(fd, libc::F_ADD_SEALS, seals) };
    check("fcntl", result(sealed));
    file
}

fn ftruncate(file: &File, len: i64) -> c_int {
    // SAFETY: nobody has mapped the file.
    unsafe { libc::ftruncate(file.as_raw_fd(), len) }
}

fn map(
    fd: RawFd,
    len: usize,
    prot: c_int,
    flags: c_int,
    offset: i64,
) -> io::Result<()> {
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory = unsafe {
        libc::mmap(ptr::null_mut(), len, prot, flags, fd, offset)
    };
    result(if memory == libc::MAP_FAILED { -1 } else { 0 })
}

fn result(value: c_int) -> io::Result<()> {
    match value {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

fn show<T>(call: &str, result: io::Result<T>) {
    let errno = result.err().and_then(|error| error.raw_os_error());
    let name = match errno {
        None => "ok",
        Some(libc::EBADF) => "EBADF",
        Some(libc::EEXIST) => "EEXIST",
        Some(libc::EINVAL) => "EINVAL",
        Some(libc::EISDIR) => "EISDIR",
        Some(libc::ENOENT) => "ENOENT",
        Some(libc::ENOTDIR) => "ENOTDIR",
        Some(libc::EOVERFLOW) => "EOVERFLOW",
        Some(libc::EPERM) => "EPERM",
        Some(_) => "another",
    };
    println!("{call} = {name}");
}

fn check<T>(call: &str, result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("{call}: {error}");
        process::exit(1)
    })
}
