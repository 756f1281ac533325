//! A tour of a process's address space: one address of each region.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::{io, process, ptr};

const LEN: usize = 16 * 1024 * 1024;

// (1)
static CONSTANT: [u8; 4] = *b"tour";
static COUNTER: AtomicU32 = AtomicU32::new(42);
static ZEROS: [AtomicU8; 1 << 20] = [const { AtomicU8::new(0) }; 1 << 20];

fn main() {
    // (2)
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    // (3)
    let local = 7_u32;
    let boxed = Box::new(7_u32);
    // (4)
    let mapping = map_anonymous();
    // (5)
    // SAFETY: getauxval only reads what the kernel passed at the start.
    let vdso = unsafe { libc::getauxval(libc::AT_SYSINFO_EHDR) };

    println!("process id {}", process::id());
    println!("page = {page} bytes");
    println!("text at {:p}", main as fn());
    println!("rodata at {:p}", &CONSTANT);
    println!("data at {:p}", &COUNTER);
    println!("bss at {:p}", &ZEROS[ZEROS.len() / 2]);
    println!("heap at {:p}", boxed);
    println!("mapping at {mapping:p}");
    println!("library at {:p}", libc::getpid as *const ());
    println!("vdso at {vdso:#x}");
    println!("stack at {:p}", &local);

    // Used, so that the compiler must keep them in memory.
    COUNTER.fetch_add(1, Ordering::Relaxed);
    ZEROS[0].fetch_add(CONSTANT[0], Ordering::Relaxed);

    println!("touring: press Return to end");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

/// Memory from the kernel, which may be read and written.
fn map_anonymous() -> *mut libc::c_void {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let mapping =
        unsafe { libc::mmap(ptr::null_mut(), LEN, prot, flags, -1, 0) };
    if mapping == libc::MAP_FAILED {
        eprintln!("mmap: {}", io::Error::last_os_error());
        process::exit(1);
    }
    mapping
}
