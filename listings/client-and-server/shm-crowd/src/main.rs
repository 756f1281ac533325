//! Four processes write one record and wait for nobody, while a fifth
//! takes it: first with a lock, then without.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::{cell::UnsafeCell, hint, io, mem::MaybeUninit, process, ptr};

const WRITERS: u32 = 4;
const TIMES: u32 = 5_000;

#[repr(C)]
struct Shared {
    lock: UnsafeCell<libc::pthread_mutex_t>,
    // valid, a value, the same value again, and a counter.
    record: UnsafeCell<[u32; 4]>,
    ready: AtomicU32,
    left: AtomicU32,
}

fn main() {
    for with_lock in [true, false] {
        let shared = map();
        let lock = Lock(with_lock.then_some(shared.lock.get()));
        let record = shared.record.get().cast();
        for _ in 0..WRITERS {
            if fork() == 0 {
                wait_for_all(&shared.ready);
                (0..TIMES).for_each(|value| put(&lock, record, value));
                shared.left.fetch_add(1, SeqCst);
                process::exit(0);
            }
        }
        wait_for_all(&shared.ready);
        let (mut taken, mut torn) = (0, 0);
        while shared.left.load(SeqCst) < WRITERS {
            let [valid, value, copy, _] = take(&lock, record);
            taken += valid;
            torn += u32::from(valid == 1 && value != copy);
        }
        let [.., counter] = take(&lock, record);
        let word = if with_lock { "locked" } else { "unlocked" };
        println!("{word}_counter = {counter}");
        println!("{word}_taken = {taken}");
        println!("{word}_torn = {torn}");
        wait_for_children();
    }
}

// ANCHOR: put
fn put(lock: &Lock, record: *mut u32, value: u32) {
    let _unlock = lock.lock();
    // SAFETY: all four numbers are mapped, and volatile accesses may meet
    // those of other processes; no reference is made.
    unsafe {
        let counter = record.add(3).read_volatile();
        record.add(1).write_volatile(value);
        // (1)
        (0..40).for_each(|_| hint::spin_loop());
        record.add(2).write_volatile(value);
        // (2)
        record.add(3).write_volatile(counter + 1);
        record.write_volatile(1);
    }
}
// ANCHOR_END: put

fn take(lock: &Lock, record: *mut u32) -> [u32; 4] {
    let _unlock = lock.lock();
    // SAFETY: as in `put`.
    unsafe {
        let copy = [0, 1, 2, 3].map(|at| record.add(at).read_volatile());
        record.write_volatile(0);
        copy
    }
}

/// The lock, or none.
struct Lock(Option<*mut libc::pthread_mutex_t>);

struct Unlock<'a>(&'a Lock);

impl Lock {
    fn lock(&self) -> Unlock<'_> {
        // SAFETY: the mutex is initialised, and mapped in all processes.
        let error = self
            .0
            .map_or(0, |lock| unsafe { libc::pthread_mutex_lock(lock) });
        check("pthread_mutex_lock", error);
        Unlock(self)
    }
}

impl Drop for Unlock<'_> {
    fn drop(&mut self) {
        // SAFETY: this thread holds the lock.
        let error = self
            .0
            .0
            .map_or(0, |lock| unsafe { libc::pthread_mutex_unlock(lock) });
        check("pthread_mutex_unlock", error);
    }
}

/// Waits until all processes are here, so that they start together.
fn wait_for_all(ready: &AtomicU32) {
    ready.fetch_add(1, SeqCst);
    while ready.load(SeqCst) <= WRITERS {
        hint::spin_loop();
    }
}

/// A page that forked children share, with a lock in it.
fn map() -> &'static Shared {
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
    let len = size_of::<Shared>();
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        fail("mmap", io::Error::last_os_error());
    }
    let shared = memory.cast::<Shared>();
    let mut attributes = MaybeUninit::uninit();
    let attr = attributes.as_mut_ptr();
    let public = libc::PTHREAD_PROCESS_SHARED;
    // SAFETY: the first call initialises `attr`; the mutex is mapped, and
    // nobody uses it yet. The mapping lasts as long as the process.
    unsafe {
        let lock = (&raw mut (*shared).lock).cast();
        check("pthread_mutexattr_init", libc::pthread_mutexattr_init(attr));
        let error = libc::pthread_mutexattr_setpshared(attr, public);
        check("pthread_mutexattr_setpshared", error);
        check("pthread_mutex_init", libc::pthread_mutex_init(lock, attr));
        &*shared
    }
}

fn fork() -> libc::pid_t {
    // SAFETY: there is one thread, so a child may do what this one may.
    match unsafe { libc::fork() } {
        -1 => fail("fork", io::Error::last_os_error()),
        child => child,
    }
}

fn wait_for_children() {
    // SAFETY: with null, wait writes no status.
    while unsafe { libc::wait(ptr::null_mut()) } > 0 {}
}

fn check(call: &str, error: i32) {
    if error != 0 {
        fail(call, io::Error::from_raw_os_error(error));
    }
}

fn fail(call: &str, error: io::Error) -> ! {
    eprintln!("{call}: {error}");
    process::exit(1)
}
