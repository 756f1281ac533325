//! Maps the file of shm-server and puts records there, under its lock.
//! Arguments: a name, and how many records to put; without them, anna 3.

use std::{cell::UnsafeCell, env, ffi::c_int, fs::File, io};
use std::{os::fd::AsRawFd, process, ptr, thread, time::Duration};

const FILE: &str = "shm-board";
const POLL: Duration = Duration::from_millis(1);

// The same layout as in shm-server.
#[repr(C)]
struct Shared {
    lock: UnsafeCell<libc::pthread_mutex_t>,
    record: UnsafeCell<Record>,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Record {
    valid: u32,
    name: [u8; 16],
    value: u32,
    check: u32,
    counter: u32,
    joined: u32,
    left: u32,
}

const _: () = assert!(size_of::<Record>() == 16 + 6 * 4);
const _: () = assert!(align_of::<Shared>() == align_of::<usize>());

fn main() {
    let mut words = env::args().skip(1);
    let text = words.next().unwrap_or("anna".to_owned());
    let count = words.next().map_or(Ok(3), |word| word.parse());
    let count: u32 = count.expect("the second word should be a number");
    let mut name = [0; 16];
    name.iter_mut()
        .zip(text.bytes())
        .for_each(|(to, b)| *to = b);

    let board = attach();
    println!("process id {}\nshared at {:p}", process::id(), board.0);
    // ANCHOR: put
    board.locked(|record| record.joined += 1);
    for value in 1..=count {
        loop {
            let valid = board.locked(|record| {
                let valid = record.valid;
                // (1)
                if valid == 0 {
                    // (2)
                    record.name = name;
                    record.value = value;
                    record.check = sum(name, value);
                    record.valid = 1;
                    // (3)
                    record.counter += 1;
                }
                valid
            });
            match valid {
                0 => break,
                // (4)
                1 => thread::sleep(POLL),
                _ => check("shm-board", Err(io::Error::other("closed"))),
            }
        }
    }
    board.locked(|record| record.left += 1);
    // ANCHOR_END: put
    println!("sent = {count}");
}

// ANCHOR: attach
fn attach() -> Board {
    let options = File::options().read(true).write(true).clone();
    let file = check("open", options.open(FILE));
    // (1)
    let size = check("fstat", file.metadata()).len();
    if size != size_of::<Shared>() as u64 {
        let text = format!("{size} bytes is not the size of the record");
        check::<()>(FILE, Err(io::Error::other(text)));
    }
    Board::map(&file)
}
// ANCHOR_END: attach

/// A number that depends on every byte of a record's name and value.
fn sum(name: [u8; 16], value: u32) -> u32 {
    let add = |sum: u32, byte| sum.rotate_left(5) ^ u32::from(byte);
    name.into_iter().fold(value, add)
}

/// The mapping of the file; it lasts until the process ends.
struct Board(*mut Shared);

struct Unlock<'a>(&'a Board);

impl Board {
    fn locked<T>(&self, work: impl FnOnce(&mut Record) -> T) -> T {
        // SAFETY: the mutex is initialised, and nobody moves it. It checks
        // errors, so a call of `locked` in `work` ends the program.
        let error = unsafe { libc::pthread_mutex_lock(self.mutex()) };
        pthread("mutex_lock", error);
        let _unlock = Unlock(self);
        // SAFETY: the record is mapped, and any bytes make a Record. This
        // call holds the lock, so nobody else has a reference to it.
        work(unsafe { &mut *(&raw mut (*self.0).record).cast() })
    }

    fn mutex(&self) -> *mut libc::pthread_mutex_t {
        // SAFETY: the field lies in the mapping; this makes no reference.
        unsafe { (&raw mut (*self.0).lock).cast() }
    }

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
