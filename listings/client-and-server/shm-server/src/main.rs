//! Publishes a record with its lock in a shared file, and takes what
//! clients put there. Argument: how many clients to wait for, or else 1.

use std::fs::{self, File};
use std::{cell::UnsafeCell, env, ffi::c_int, io, mem::MaybeUninit};
use std::{os::fd::AsRawFd, process, ptr, thread, time::Duration};

const FILE: &str = "shm-board";
const POLL: Duration = Duration::from_millis(1);

// ANCHOR: layout
// (1)
#[repr(C)]
struct Shared {
    lock: UnsafeCell<libc::pthread_mutex_t>,
    record: UnsafeCell<Record>,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Record {
    // (2)
    valid: u32,
    name: [u8; 16],
    value: u32,
    check: u32,
    // (3)
    counter: u32,
    joined: u32,
    left: u32,
}

// (4)
const _: () = assert!(size_of::<Record>() == 16 + 6 * 4);
const _: () = assert!(align_of::<Shared>() == align_of::<usize>());
// ANCHOR_END: layout

fn main() {
    let clients = env::args().nth(1).map_or(Ok(1), |word| word.parse());
    let clients: u32 = clients.expect("the argument should be a number");
    let board = publish();
    println!("process id {}\nshared at {:p}", process::id(), board.0);
    checkpoint("ready: press Return to wait for clients");
    while board.locked(|record| record.joined) < clients {
        thread::sleep(POLL);
    }
    checkpoint("joined: press Return to take the records");
    // ANCHOR: take
    let (mut received, mut torn) = (0, 0);
    let counter = loop {
        // (1)
        let (copy, over) = board.locked(|record| {
            let copy = *record;
            let over = copy.valid == 0 && copy.left == copy.joined;
            record.valid = if over { 2 } else { 0 };
            (copy, over)
        });
        if over {
            break copy.counter;
        }
        if copy.valid == 1 {
            received += 1;
            // (2)
            torn += u32::from(copy.check != sum(copy.name, copy.value));
            // (3)
            let name = String::from_utf8_lossy(&copy.name);
            println!("{}: {}", name.trim_end_matches('\0'), copy.value);
        }
        thread::sleep(POLL);
    };
    // ANCHOR_END: take
    println!("received = {received}\ncounter = {counter}\ntorn = {torn}");
    check("unlink", fs::remove_file(FILE));
}

/// A number that depends on every byte of a record's name and value.
fn sum(name: [u8; 16], value: u32) -> u32 {
    let add = |sum: u32, byte| sum.rotate_left(5) ^ u32::from(byte);
    name.into_iter().fold(value, add)
}

// ANCHOR: publish
fn publish() -> Board {
    // (1)
    let draft = format!("{FILE}.{}", process::id());
    let file = check("open", File::create_new(&draft));
    // (2)
    check("ftruncate", file.set_len(size_of::<Shared>() as u64));
    let board = Board::map(&file);
    let mut attributes = MaybeUninit::uninit();
    let attr = attributes.as_mut_ptr();
    let shared = libc::PTHREAD_PROCESS_SHARED;
    let checked = libc::PTHREAD_MUTEX_ERRORCHECK;
    // SAFETY: the first call initialises `attr`. The mutex lies in the
    // mapping, and no other process knows the file yet.
    unsafe {
        pthread("mutexattr_init", libc::pthread_mutexattr_init(attr));
        // (3)
        let error = libc::pthread_mutexattr_setpshared(attr, shared);
        pthread("mutexattr_setpshared", error);
        // (4)
        let error = libc::pthread_mutexattr_settype(attr, checked);
        pthread("mutexattr_settype", error);
        let error = libc::pthread_mutex_init(board.mutex(), attr);
        pthread("mutex_init", error);
    }
    // (5)
    let linked = fs::hard_link(&draft, FILE);
    check("unlink", fs::remove_file(&draft));
    check("link", linked);
    board
}
// ANCHOR_END: publish

/// The mapping of the file; it lasts until the process ends.
struct Board(*mut Shared);

struct Unlock<'a>(&'a Board);

// ANCHOR: lock
impl Board {
    // (1)
    fn locked<T>(&self, work: impl FnOnce(&mut Record) -> T) -> T {
        // SAFETY: the mutex is initialised, and nobody moves it. It checks
        // errors, so a call of `locked` in `work` ends the program.
        let error = unsafe { libc::pthread_mutex_lock(self.mutex()) };
        pthread("mutex_lock", error);
        // (2)
        let _unlock = Unlock(self);
        // SAFETY: the record is mapped, and any bytes make a Record. This
        // call holds the lock, so nobody else has a reference to it.
        work(unsafe { &mut *(&raw mut (*self.0).record).cast() })
    }

    // (3)
    fn mutex(&self) -> *mut libc::pthread_mutex_t {
        // SAFETY: the field lies in the mapping; this makes no reference.
        unsafe { (&raw mut (*self.0).lock).cast() }
    }
    // ANCHOR_END: lock

    fn map(file: &File) -> Self {
        let prot = libc::PROT_READ | libc::PROT_WRITE;
        let (len, fd) = (size_of::<Shared>(), file.as_raw_fd());
        // SAFETY: the address is null, so the kernel chooses a free range.
        let memory = unsafe {
            libc::mmap(ptr::null_mut(), len, prot, libc::MAP_SHARED, fd, 0)
        };
        if memory == libc::MAP_FAILED {
            check::<()>("mmap", Err(io::Error::last_os_error()));
        }
        Self(memory.cast())
    }
}

impl Drop for Unlock<'_> {
    fn drop(&mut self) {
        // SAFETY: this thread holds the lock, and the board is mapped.
        let error = unsafe { libc::pthread_mutex_unlock(self.0.mutex()) };
        pthread("mutex_unlock", error);
    }
}

/// These calls return their error; they do not set errno.
fn pthread(call: &str, error: c_int) {
    if error != 0 {
        let error = io::Error::from_raw_os_error(error);
        check::<()>(&format!("pthread_{call}"), Err(error));
    }
}

fn check<T>(call: &str, result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("{call}: {error}");
        process::exit(1)
    })
}

fn checkpoint(line: &str) {
    println!("{line}");
    let read = io::stdin().read_line(&mut String::new());
    read.expect("standard input should give a line");
}
