//! Asks for huge pages, writes one byte into the first, and waits.

use std::{fs, io, process, ptr};

const LEN: usize = 16 * 1024 * 1024;
const THP: &str = "/sys/kernel/mm/transparent_hugepage";

fn main() {
    let size = fs::read_to_string(format!("{THP}/hpage_pmd_size"))
        .unwrap_or_else(|_| skip("the kernel has none"));
    let huge: usize = size.trim().parse().expect("a size is a number");

    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), LEN, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    // A huge page begins at a multiple of its own size.
    let start = memory as usize;
    let offset = start.next_multiple_of(huge) - start;
    if offset + huge > LEN {
        skip("no whole one fits into 16 MiB here");
    }

    // ANCHOR: ask
    // (1)
    // SAFETY: the range is the whole mapping; the advice changes no byte.
    if unsafe { libc::madvise(memory, LEN, libc::MADV_HUGEPAGE) } != 0 {
        match io::Error::last_os_error().raw_os_error() {
            Some(libc::EINVAL) => skip("the kernel has none"),
            _ => fail("madvise"),
        }
    }
    // (2)
    // SAFETY: the byte lies in the mapping, which is writable, and only
    // this thread knows its address.
    unsafe { memory.cast::<u8>().add(offset).write_volatile(b'a') };
    // ANCHOR_END: ask

    if (1..huge).contains(&resident(start)) {
        skip("the kernel gave a smaller page");
    }
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    println!("touched: press Return to end");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

/// How many bytes of the mapping at `start` smaps counts as resident.
fn resident(start: usize) -> usize {
    let smaps = fs::read_to_string("/proc/self/smaps")
        .expect("a process may read its own smaps");
    let (_, mapping) = smaps
        .split_once(&format!("{start:x}-"))
        .expect("smaps should list the mapping");
    let rss = mapping.lines().find(|line| line.starts_with("Rss:"));
    let kb = rss.and_then(|rss| rss.split_whitespace().nth(1));
    1024 * kb.map_or(0, |kb| kb.parse().expect("Rss is a number"))
}

fn skip(reason: &str) -> ! {
    println!("skipped: needs transparent huge pages ({reason}; see {THP})");
    process::exit(0)
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
