//! Errors of the calls that change a range of addresses: for a range with
//! a hole, for one that does not fit, and for a locked one.

use std::{ffi::c_int, ffi::c_void, io, process, ptr};

fn main() {
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");
    // The first line makes the buffer of standard output, which might
    // otherwise be mapped into the hole.
    println!("page = {page} bytes");
    let [memory, hole, last] = with_hole(page);
    let (len, read) = (4 * page, libc::PROT_READ);
    let mut pages = [0; 4];
    // SAFETY: the ranges are those of `with_hole`, which nobody uses;
    // mincore writes four bytes.
    unsafe {
        show("mprotect_hole", libc::mprotect(memory, len, read));
        let advice = libc::MADV_WILLNEED;
        show("madvise_hole", libc::madvise(memory, len, advice));
        let inside = memory.wrapping_byte_add(16);
        show("madvise_inside", libc::madvise(inside, page, advice));
        show("madvise_unknown", libc::madvise(memory, page, 9999));
        show("msync_hole", libc::msync(memory, len, libc::MS_ASYNC));
        let flags = libc::MS_ASYNC | libc::MS_SYNC;
        show("msync_both", libc::msync(memory, page, flags));
        show(
            "mincore_hole",
            libc::mincore(memory, len, pages.as_mut_ptr()),
        );
        show("mlock_hole", libc::mlock(memory, len));
        // A mapping that is in the way, and a range that has holes.
        show("mmap_taken", map_at(memory, page));
        show("mremap_in_place", remap(memory, page, 2 * page, 0));
        let may_move = libc::MREMAP_MAYMOVE;
        show("mremap_hole", remap(hole, page, len, may_move));
        show("mremap_to_nothing", remap(memory, page, 0, may_move));
        // A locked page.
        lock(last, page);
        let advice = libc::MADV_DONTNEED;
        show("madvise_locked", libc::madvise(last, page, advice));
        let flags = libc::MS_INVALIDATE;
        show("msync_locked", libc::msync(last, page, flags));
    }
    show("write_from_hole", write_from(hole));
}

/// Four pages, of which the third is not mapped.
fn with_hole(page: usize) -> [*mut c_void; 3] {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory = unsafe {
        libc::mmap(ptr::null_mut(), 4 * page, prot, flags, -1, 0)
    };
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    let hole = memory.wrapping_byte_add(2 * page);
    // SAFETY: nobody uses the third page.
    if unsafe { libc::munmap(hole, page) } != 0 {
        fail("munmap");
    }
    [memory, hole, hole.wrapping_byte_add(page)]
}

fn map_at(memory: *mut c_void, len: usize) -> c_int {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    let flags = flags | libc::MAP_FIXED_NOREPLACE;
    // SAFETY: with this flag, the kernel replaces no mapping.
    let new =
        unsafe { libc::mmap(memory, len, libc::PROT_NONE, flags, -1, 0) };
    if new == libc::MAP_FAILED { -1 } else { 0 }
}

/// # Safety
///
/// Nobody uses the old range.
unsafe fn remap(
    old: *mut c_void,
    len: usize,
    new_len: usize,
    flags: c_int,
) -> c_int {
    // SAFETY: as the caller promises.
    let new = unsafe { libc::mremap(old, len, new_len, flags) };
    if new == libc::MAP_FAILED { -1 } else { 0 }
}

fn lock(memory: *mut c_void, len: usize) {
    // SAFETY: the range is mapped; locking changes no byte.
    let result = unsafe { libc::mlock(memory, len) };
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        _ if result == 0 => {}
        Some(libc::EPERM | libc::ENOMEM) => {
            println!("skipped: needs a higher ulimit -l: mlock: {error}");
            process::exit(0)
        }
        _ => fail("mlock"),
    }
}

/// Asks the kernel to read a byte from an address where nothing is mapped.
fn write_from(hole: *mut c_void) -> c_int {
    let mut pipe = [0; 2];
    // SAFETY: pipe writes two descriptors.
    if unsafe { libc::pipe(pipe.as_mut_ptr()) } != 0 {
        fail("pipe");
    }
    // SAFETY: the kernel checks the address; this program does not use it.
    let written = unsafe { libc::write(pipe[1], hole, 1) };
    if written < 0 { -1 } else { 0 }
}

fn show(call: &str, result: c_int) {
    let errno = io::Error::last_os_error().raw_os_error();
    let name = match errno {
        _ if result == 0 => "ok",
        Some(libc::EBUSY) => "EBUSY",
        Some(libc::EEXIST) => "EEXIST",
        Some(libc::EFAULT) => "EFAULT",
        Some(libc::EINVAL) => "EINVAL",
        Some(libc::ENOMEM) => "ENOMEM",
        Some(libc::EPERM) => "EPERM",
        _ => "another",
    };
    println!("{call} = {name}");
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
