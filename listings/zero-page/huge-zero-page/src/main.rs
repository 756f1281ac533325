//! Asks for huge pages, and reads each small page in the range of one.

use std::{fs, io, mem, process, ptr};

const THP: &str = "/sys/kernel/mm/transparent_hugepage";

fn main() {
    let huge: usize = setting("hpage_pmd_size")
        .parse()
        .unwrap_or_else(|_| skip("the kernel has none"));
    if setting("use_zero_page") != "1" {
        skip("use_zero_page is off");
    }
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).expect("a page has a size");

    // A huge page begins at a multiple of its own size, so one fits.
    let len = 2 * huge;
    let memory = map(len);
    let start = (memory as usize).next_multiple_of(huge) - memory as usize;
    // SAFETY: the range is the whole mapping; the advice changes no byte.
    if unsafe { libc::madvise(memory, len, libc::MADV_HUGEPAGE) } != 0 {
        match io::Error::last_os_error().raw_os_error() {
            Some(libc::EINVAL) => skip("the kernel has none"),
            _ => fail("madvise"),
        }
    }
    // A rehearsal, so that the code's own first touches are over.
    read_pages(ptr::from_ref(&len).cast(), 1, page);

    let first = memory.cast::<u8>().wrapping_add(start);
    let faults = read_pages(first, huge / page, page);
    if faults != 1 {
        skip("the kernel gave none");
    }
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    println!("reads = {}", huge / page);
    println!("read-faults = {faults}");
    println!("read: press Return to end");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

/// Reads a byte of each of the first `count` pages; returns the faults.
fn read_pages(memory: *const u8, count: usize, page: usize) -> i64 {
    let before = minor_faults();
    for number in 0..count {
        // SAFETY: the callers own a byte at the start of each page.
        unsafe { memory.add(number * page).read_volatile() };
    }
    minor_faults() - before
}

/// A setting of transparent huge pages; empty if the kernel has none.
fn setting(name: &str) -> String {
    let text = fs::read_to_string(format!("{THP}/{name}"));
    text.unwrap_or_default().trim().to_owned()
}

fn map(len: usize) -> *mut libc::c_void {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    memory
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

fn skip(reason: &str) -> ! {
    println!("skipped: needs transparent huge pages ({reason}; see {THP})");
    process::exit(0)
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
