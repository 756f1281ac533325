//! Four processes write one record and wait for nobody, while a fifth
//! takes it a thousand times: first without a lock, then with one.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed, Ordering::SeqCst};
use std::{
    cell::UnsafeCell, hint, io, mem::MaybeUninit, process, ptr, thread,
};

const WRITERS: u32 = 4;
const RECORDS: u32 = 1000;

#[repr(C)]
struct Shared {
    record: Record,
    lock: UnsafeCell<libc::pthread_mutex_t>,
    ready: AtomicU32,
    enough: AtomicU32,
    put: AtomicU32,
}

#[repr(C)]
struct Record {
    valid: AtomicU32,
    value: AtomicU32,
    same: AtomicU32,
    counter: AtomicU32,
}

fn main() {
    for with_lock in [false, true] {
        let shared = map();
        let lock = Lock(with_lock.then_some(shared.lock.get()));
        for _ in 0..WRITERS {
            if fork() == 0 {
                write_until_enough(shared, &lock);
                process::exit(0);
            }
        }
        wait_for_all(&shared.ready);
        let (mut taken, mut torn) = (0, 0);
        while taken < RECORDS {
            let [valid, value, same] = take(&lock, &shared.record);
            taken += valid;
            torn += u32::from(valid == 1 && value != same);
        }
        shared.enough.store(1, SeqCst);
        wait_for_children();
        let word = if with_lock { "locked" } else { "unlocked" };
        println!("{word}_taken = {taken}");
        println!("{word}_torn = {torn}");
        println!("{word}_put = {}", shared.put.load(SeqCst));
        let counter = shared.record.counter.load(SeqCst);
        println!("{word}_counter = {counter}");
    }
}

// ANCHOR: put
fn put(lock: &Lock, record: &Record, value: u32) {
    let _unlock = lock.lock();
    let counter = record.counter.load(Relaxed);
    // (1)
    record.value.store(value, Relaxed);
    pause();
    record.same.store(value, Relaxed);
    // (2)
    record.counter.store(counter + 1, Relaxed);
    record.valid.store(1, Relaxed);
}

fn take(lock: &Lock, record: &Record) -> [u32; 3] {
    let _unlock = lock.lock();
    let value = record.value.load(Relaxed);
    let same = record.same.load(Relaxed);
    [record.valid.swap(0, Relaxed), value, same]
}
// ANCHOR_END: put

/// Makes it likelier that another process comes between.
fn pause() {
    (0..40).for_each(|_| hint::spin_loop());
}

fn write_until_enough(shared: &Shared, lock: &Lock) {
    wait_for_all(&shared.ready);
    let mut count = 0;
    while shared.enough.load(SeqCst) == 0 {
        count += 1;
        put(lock, &shared.record, count);
        // Lets others have the lock; a mutex need not be fair.
        (0..2).for_each(|_| pause());
        if count % 32 == 0 {
            thread::yield_now();
        }
    }
    shared.put.fetch_add(count, SeqCst);
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
