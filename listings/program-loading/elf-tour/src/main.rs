//! Prints what the program file asks to be mapped, who mapped what, and
//! writes one byte of the program's data.

use std::ffi::{CStr, c_int, c_void};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::{io, process, ptr, slice};

const LEN: usize = 512 * 1024;

// ANCHOR: tour
// (1)
static TABLE: [AtomicU8; LEN] = [const { AtomicU8::new(1) }; LEN];

fn main() {
    println!("process id {}", process::id());
    // (2)
    // SAFETY: getauxval only reads a table that the kernel has made.
    let loader = unsafe { libc::getauxval(libc::AT_BASE) };
    if loader == 0 {
        println!("skipped: needs a program that is linked dynamically");
        return;
    }
    println!("loader at {loader:#x}");
    // (3)
    // SAFETY: `object` has the type that the call wants, and it uses no
    // data.
    unsafe { libc::dl_iterate_phdr(Some(object), ptr::null_mut()) };
    // (4)
    println!("library at {:p}", libc::getpid as *const c_void);
    let byte = &TABLE[LEN / 2];
    println!("table at {byte:p}");

    checkpoint("started", "read one byte of the table");
    byte.load(Relaxed);
    checkpoint("read", "write it");
    byte.store(2, Relaxed);
    checkpoint("written", "end");
}

/// Prints one loaded object; of the program itself, what it asks for.
extern "C" fn object(
    info: *mut libc::dl_phdr_info,
    _size: usize,
    _data: *mut c_void,
) -> c_int {
    // SAFETY: the loader calls this with a valid description of an object
    // whose name and program headers stay where they are.
    let (info, name, headers) = unsafe {
        let info = &*info;
        let count = usize::from(info.dlpi_phnum);
        let headers = slice::from_raw_parts(info.dlpi_phdr, count);
        (info, CStr::from_ptr(info.dlpi_name), headers)
    };
    if !name.is_empty() {
        println!("loaded: {}", name.to_string_lossy());
        return 0;
    }
    for header in headers {
        // (5)
        let start = (info.dlpi_addr + header.p_vaddr) as usize;
        let first = start / page_size() * page_size();
        let end = start + header.p_memsz as usize;
        let end = end.next_multiple_of(page_size());
        let offset = header.p_offset as usize / page_size() * page_size();
        let bit = |bit, c| if header.p_flags & bit != 0 { c } else { '-' };
        let (r, w) = (bit(libc::PF_R, 'r'), bit(libc::PF_W, 'w'));
        let x = bit(libc::PF_X, 'x');
        if header.p_type == libc::PT_LOAD {
            println!("asks for {first:x}-{end:x} {r}{w}{x} {offset:08x}");
            // (6)
            if x == 'x' {
                println!("text at {first:#x}");
            }
        }
        // (7)
        if header.p_type == libc::PT_GNU_RELRO {
            println!("relro at {first:#x}");
        }
    }
    0
}
// ANCHOR_END: tour

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

fn page_size() -> usize {
    // SAFETY: sysconf only reads a constant of the running system.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).expect("a page size is positive")
}
