//! What a client meets that comes too early: first a file without bytes,
//! then a file whose bytes are not yet a lock.

use libc::pthread_mutex_t as Mutex;
use std::{fs, fs::File, io, mem, mem::MaybeUninit, os::fd::AsRawFd};
use std::{process, ptr};

const FILE: &str = "shm-early";
const LEN: usize = size_of::<Mutex>();

// ANCHOR: early
fn main() {
    // (1)
    let file = check("open", File::create_new(FILE));
    println!("empty_file = {}", client());
    // (2)
    check("ftruncate", file.set_len(LEN as u64));
    println!("zero_bytes = {}", client());
    // (3)
    let lock = map(&file);
    println!("before_init = {}", try_lock(lock));
    // (4)
    initialise(lock);
    println!("after_init = {}", try_lock(lock));
    check("unlink", fs::remove_file(FILE));
}

/// A client in a process of its own takes the lock, keeps it, and ends.
fn client() -> String {
    // SAFETY: there is only one thread, so the child may do all it likes.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let file = File::options().read(true).write(true).open(FILE);
        let lock = map(&check("open", file));
        // SAFETY: an empty file ends this process only; see also `MUTEX`.
        process::exit(unsafe { libc::pthread_mutex_lock(lock) });
    }
    // ANCHOR_END: early
    let mut status = 0;
    // SAFETY: waitpid writes into `status` and nowhere else.
    if child < 0 || unsafe { libc::waitpid(child, &mut status, 0) } < 0 {
        check("fork or waitpid", Err(io::Error::last_os_error()))
    }
    if libc::WIFEXITED(status) {
        return name(libc::WEXITSTATUS(status));
    }
    match libc::WTERMSIG(status) {
        libc::SIGBUS => "SIGBUS".to_owned(),
        signal => format!("signal {signal}"),
    }
}

fn try_lock(lock: *mut Mutex) -> String {
    // SAFETY: the lock is mapped; see also `MUTEX`.
    name(unsafe { libc::pthread_mutex_trylock(lock) })
}

/// Zeros are what a mutex begins as, private to one process, in glibc and
/// musl: the calls find an unlocked mutex where nobody has made one.
const MUTEX: () = {
    // SAFETY: a mutex of the libc crate is an array of bytes.
    let bytes: [u8; LEN] =
        unsafe { mem::transmute(libc::PTHREAD_MUTEX_INITIALIZER) };
    let mut at = 0;
    while at < LEN {
        assert!(bytes[at] == 0);
        at += 1;
    }
};

fn initialise(lock: *mut Mutex) {
    let () = MUTEX;
    let mut attributes = MaybeUninit::uninit();
    let attr = attributes.as_mut_ptr();
    let shared = libc::PTHREAD_PROCESS_SHARED;
    // SAFETY: the first call initialises `attr`; the lock is mapped. That
    // it is in use already is the mistake that this listing shows.
    let errors = unsafe {
        [
            libc::pthread_mutexattr_init(attr),
            libc::pthread_mutexattr_setpshared(attr, shared),
            libc::pthread_mutex_init(lock, attr),
        ]
    };
    assert_eq!(errors, [0; 3], "the pthread calls should succeed");
}

fn name(error: i32) -> String {
    match error {
        0 => "locked".to_owned(),
        libc::EBUSY => "EBUSY".to_owned(),
        error => format!("error {error}"),
    }
}

fn map(file: &File) -> *mut Mutex {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let (flags, fd) = (libc::MAP_SHARED, file.as_raw_fd());
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), LEN, prot, flags, fd, 0) };
    if memory == libc::MAP_FAILED {
        check("mmap", Err(io::Error::last_os_error()))
    }
    memory.cast()
}

fn check<T>(call: &str, result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("{call}: {error}");
        process::exit(1)
    })
}
