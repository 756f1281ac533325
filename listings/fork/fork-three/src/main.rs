//! The exercise: a parent and two children share a private mapping, and
//! then the first child writes to a quarter of the pages.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::{process, ptr};

const PAGES: usize = 256;

fn main() {
    let memory = map_private();
    println!("process id {}", process::id());
    println!("memory at {memory:p}");
    write_pages(memory, PAGES);
    checkpoint("filled", "fork twice");

    let mut first = Child::start(memory);
    let second = Child::start(memory);
    println!("first is process {}", first.pid);
    println!("second is process {}", second.pid);
    checkpoint("forked", "let the first child write to 64 pages");

    first
        .orders
        .write_all(&[64])
        .expect("a child should listen");
    first
        .answers
        .read_exact(&mut [0])
        .expect("it should answer");
    checkpoint("written", "end");

    // The second child holds a copy of the first one's `orders`, so it
    // must end first.
    for child in [second, first] {
        drop(child.orders);
        // SAFETY: null says that the exit status is of no interest.
        if unsafe { libc::waitpid(child.pid, ptr::null_mut(), 0) } < 0 {
            fail("waitpid");
        }
    }
}

struct Child {
    pid: libc::pid_t,
    orders: PipeWriter,
    answers: PipeReader,
}

impl Child {
    /// Forks a child, which writes to `memory` when it is told to.
    fn start(memory: *mut u8) -> Child {
        let (mut order, orders) = io::pipe().expect("a pipe should open");
        let (answers, mut answer) = io::pipe().expect("a pipe should open");
        io::stdout()
            .flush()
            .expect("standard output should be open");
        // SAFETY: this program has one thread, so no lock is held that the
        // child could wait for in vain.
        let pid = unsafe { libc::fork() };
        if pid < 0 {
            fail("fork");
        }
        if pid == 0 {
            drop((orders, answers));
            let mut count = [0];
            while order.read_exact(&mut count).is_ok() {
                write_pages(memory, usize::from(count[0]));
                if answer.write_all(b".").is_err() {
                    break;
                }
            }
            // SAFETY: it ends this process at once.
            unsafe { libc::_exit(0) }
        }
        Child {
            pid,
            orders,
            answers,
        }
    }
}

fn write_pages(memory: *mut u8, count: usize) {
    for number in 0..count {
        // SAFETY: the page lies in the mapping, which is writable, and no
        // other thread exists.
        unsafe { memory.add(number * page_size()).write_volatile(b'x') };
    }
}

fn page_size() -> usize {
    // SAFETY: sysconf only reads a setting.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).expect("a page has a size")
}

fn map_private() -> *mut u8 {
    let len = PAGES * page_size();
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap");
    }
    // SAFETY: the range is the whole mapping; the advice changes no byte.
    let result =
        unsafe { libc::madvise(memory, len, libc::MADV_NOHUGEPAGE) };
    let errno = io::Error::last_os_error().raw_os_error();
    // EINVAL: a kernel without huge pages does not know this advice.
    if result != 0 && errno != Some(libc::EINVAL) {
        fail("madvise");
    }
    memory.cast()
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
