//! Mistakes with mmap, and what each of them looks like.

use std::{ffi::c_void, io::Error, mem, ptr, rc::Rc};

const LEN: usize = 16 * 1024 * 1024;
const PAGES: usize = 100;

// ANCHOR: mistakes
fn main() {
    // (1)
    let failed = map(0);
    println!("length-0 = {}", Error::last_os_error());
    println!("its is_null(): {}", failed.is_null());

    let memory = map(LEN);
    if memory == libc::MAP_FAILED {
        panic!("mmap: {}", Error::last_os_error());
    }
    // (2)
    // SAFETY: nothing uses the mapping while this tries to unmap it, and
    // byte 16 lies in it.
    let result = unsafe { libc::munmap(memory.add(16), LEN) };
    assert_ne!(result, 0, "munmap of byte 16 should fail");
    println!("munmap-at-byte-16 = {}", Error::last_os_error());

    // SAFETY: the advice changes no byte. Without huge pages in the kernel
    // it fails, and is not needed.
    unsafe { libc::madvise(memory, LEN, libc::MADV_NOHUGEPAGE) };
    // SAFETY: sysconf only reads a constant of the running system.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let size = usize::try_from(size).expect("a page size is positive");
    let page = |number| memory.cast::<u8>().wrapping_add(number * size);

    // (3)
    println!("faults of {PAGES} pages each:");
    let before = minor_faults();
    for number in 0..PAGES {
        // SAFETY: page `number` lies in the mapping, which is readable.
        unsafe {
            let _ = *page(number);
        }
    }
    let place = minor_faults();
    for number in 0..PAGES {
        // SAFETY: as above.
        let _ = unsafe { *page(number) };
    }
    let value = minor_faults();
    for number in 0..PAGES {
        // SAFETY: as above.
        unsafe { page(number).read_volatile() };
    }
    let volatile = minor_faults();
    println!("  a place: {}", place - before);
    println!("  a value that nobody uses: {}", value - place);
    println!("  read_volatile: {}", volatile - value);

    // (4)
    let one = Rc::new(());
    let other = Rc::clone(&one);
    let _ = other;
    println!("owners after a place: {}", Rc::strong_count(&one));
    let _ = { other };
    println!("owners after a value: {}", Rc::strong_count(&one));
}
// ANCHOR_END: mistakes

fn map(len: usize) -> *mut c_void {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) }
}

fn minor_faults() -> i64 {
    // SAFETY: rusage is plain numbers, for which zero is a value, and
    // getrusage writes into it and nowhere else.
    let usage = unsafe {
        let mut usage: libc::rusage = mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    usage.ru_minflt
}
