//! What the calls on mutexes return when they do not simply succeed. The
//! mutexes lie in a page that a child shares.

use libc::pthread_mutex_t as Mutex;
use std::{io, mem::MaybeUninit, process, ptr};

fn main() {
    let [checked, robust, lost] = map();
    initialise(checked, libc::PTHREAD_MUTEX_ERRORCHECK, false);
    initialise(robust, libc::PTHREAD_MUTEX_NORMAL, true);
    initialise(lost, libc::PTHREAD_MUTEX_NORMAL, true);

    // SAFETY: all three mutexes are initialised, and stay where they are.
    unsafe {
        // Locked already: by this thread, then by another process.
        show("lock", libc::pthread_mutex_lock(checked));
        show("lock_again", libc::pthread_mutex_lock(checked));
        in_child(|| {
            show("trylock", libc::pthread_mutex_trylock(checked));
            let past = libc::timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            let late = libc::pthread_mutex_timedlock(checked, &past);
            show("timedlock", late);
            show("unlock_of_another", libc::pthread_mutex_unlock(checked));
        });
        // The owner of two mutexes ends.
        in_child(|| {
            libc::pthread_mutex_lock(robust);
            libc::pthread_mutex_lock(lost);
        });
        show("owner_ended", libc::pthread_mutex_lock(robust));
        show("consistent", libc::pthread_mutex_consistent(robust));
        libc::pthread_mutex_unlock(robust);
        show("lock_after_it", libc::pthread_mutex_lock(robust));
        // The same without saying that the data are consistent.
        libc::pthread_mutex_lock(lost);
        libc::pthread_mutex_unlock(lost);
        show("unlocked_without_it", libc::pthread_mutex_lock(lost));
    }
}

fn show(call: &str, error: i32) {
    let name = match error {
        0 => "ok",
        libc::EBUSY => "EBUSY",
        libc::EDEADLK => "EDEADLK",
        libc::ENOTRECOVERABLE => "ENOTRECOVERABLE",
        libc::EOWNERDEAD => "EOWNERDEAD",
        libc::EPERM => "EPERM",
        libc::ETIMEDOUT => "ETIMEDOUT",
        _ => "another",
    };
    println!("{call} = {name}");
}

/// The child ends without unlocking anything.
fn in_child(work: impl Fn()) {
    // SAFETY: there is only one thread, so the child may do all it likes.
    let child = unsafe { libc::fork() };
    if child == 0 {
        work();
        process::exit(0)
    }
    // SAFETY: with null, waitpid writes no status.
    let ended = unsafe { libc::waitpid(child, ptr::null_mut(), 0) };
    if child < 0 || ended < 0 {
        fail("fork or waitpid", io::Error::last_os_error())
    }
}

fn initialise(mutex: *mut Mutex, kind: i32, robust: bool) {
    let mut attributes = MaybeUninit::uninit();
    let attr = attributes.as_mut_ptr();
    let shared = libc::PTHREAD_PROCESS_SHARED;
    let robust = if robust {
        libc::PTHREAD_MUTEX_ROBUST
    } else {
        libc::PTHREAD_MUTEX_STALLED
    };
    // SAFETY: the first call initialises `attr`; the mutex is mapped, and
    // nobody uses it yet.
    let errors = unsafe {
        [
            libc::pthread_mutexattr_init(attr),
            libc::pthread_mutexattr_setpshared(attr, shared),
            libc::pthread_mutexattr_settype(attr, kind),
            libc::pthread_mutexattr_setrobust(attr, robust),
            libc::pthread_mutex_init(mutex, attr),
        ]
    };
    assert_eq!(errors, [0; 5], "the pthread calls should succeed");
}

/// Three mutexes in memory that a child of `fork` shares.
fn map() -> [*mut Mutex; 3] {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
    let len = 3 * size_of::<Mutex>();
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap", io::Error::last_os_error())
    }
    let first = memory.cast::<Mutex>();
    [0, 1, 2].map(|at| first.wrapping_add(at))
}

fn fail(call: &str, error: io::Error) -> ! {
    eprintln!("{call}: {error}");
    process::exit(1)
}
