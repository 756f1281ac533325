//! Errors of calls that meet a resource limit, each in a child of its own
//! that lowers the limit before the call.

use std::{ffi::c_int, ffi::c_void, fs::File, io, process, ptr};

const MIB: usize = 1024 * 1024;

fn main() {
    become_ordinary_user();
    // Descriptors: 0, 1 and 2 are open.
    in_child("open", libc::RLIMIT_NOFILE, 3, || File::open("/").map(drop));
    // Addresses, and of these the ones for data.
    let none = libc::PROT_NONE;
    in_child("mmap", libc::RLIMIT_AS, 1024 * MIB, || {
        map(2048 * MIB, none, 0).map(drop)
    });
    let write = libc::PROT_WRITE;
    in_child("mmap_data", libc::RLIMIT_DATA, MIB, || {
        map(2 * MIB, write, 0).map(drop)
    });
    // Locked memory.
    // SAFETY: sysconf only reads a setting.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
    let (memlock, locked) = (libc::RLIMIT_MEMLOCK, libc::MAP_LOCKED);
    if hard_limit(memlock) < page as libc::rlim_t {
        println!("skipped: needs a higher ulimit -l");
        process::exit(0)
    }
    in_child("mlock", memlock, page, || lock(2 * page));
    in_child("mmap_locked", memlock, page, || {
        map(2 * page, write, locked).map(drop)
    });
    in_child("mremap_locked", memlock, page, || {
        let memory = map(page, write, locked)?;
        let may_move = libc::MREMAP_MAYMOVE;
        // SAFETY: nobody uses the mapping.
        result(unsafe { libc::mremap(memory, page, 2 * page, may_move) })
    });
    in_child("mlock_with_limit_0", memlock, 0, || lock(page));
    // Processes of this user.
    in_child("fork", libc::RLIMIT_NPROC, 0, || {
        // SAFETY: there is only one thread; a child ends at once.
        match unsafe { libc::fork() } {
            -1 => Err(io::Error::last_os_error()),
            0 => process::exit(0),
            _ => Ok(()),
        }
    });
}

/// Root is above the limits on locked memory and on processes.
fn become_ordinary_user() {
    // SAFETY: these calls read and change only the ids of this process.
    let result = unsafe {
        match libc::getuid() {
            0 => libc::setresuid(65_534, 65_534, 65_534),
            _ => 0,
        }
    };
    if result != 0 {
        let error = io::Error::last_os_error();
        println!("skipped: needs an ordinary user: setresuid: {error}");
        process::exit(0)
    }
}

#[cfg(target_env = "musl")]
type Resource = c_int;
#[cfg(not(target_env = "musl"))]
type Resource = libc::__rlimit_resource_t;

fn in_child(
    call: &str,
    resource: Resource,
    limit: usize,
    work: impl Fn() -> io::Result<()>,
) {
    // SAFETY: there is only one thread, so the child may do all it likes.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let hard = hard_limit(resource);
        let limit = libc::rlimit {
            rlim_cur: hard.min(limit as libc::rlim_t),
            rlim_max: hard,
        };
        // SAFETY: setrlimit only reads `limit`.
        if unsafe { libc::setrlimit(resource, &limit) } != 0 {
            process::exit(255)
        }
        // The child says by its status what the call said: the limit
        // may forbid it to do more.
        let error = work().err().and_then(|error| error.raw_os_error());
        process::exit(error.unwrap_or(0))
    }
    let mut status = 0;
    // SAFETY: waitpid writes into `status` and nowhere else.
    if child < 0 || unsafe { libc::waitpid(child, &mut status, 0) } < 0 {
        fail("fork or waitpid");
    }
    println!("{call} = {}", name(libc::WEXITSTATUS(status)));
}

/// What a process may raise its own limit to.
fn hard_limit(resource: Resource) -> libc::rlim_t {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: getrlimit writes into `limit` and nowhere else.
    if unsafe { libc::getrlimit(resource, &mut limit) } != 0 {
        fail("getrlimit");
    }
    limit.rlim_max
}

fn lock(len: usize) -> io::Result<()> {
    let memory = map(len, libc::PROT_WRITE, 0)?;
    // SAFETY: the range is mapped; locking changes no byte.
    match unsafe { libc::mlock(memory, len) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn map(len: usize, prot: c_int, flag: c_int) -> io::Result<*mut c_void> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | flag;
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) };
    result(memory).map(|()| memory)
}

fn result(memory: *mut c_void) -> io::Result<()> {
    match memory {
        libc::MAP_FAILED => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

fn name(error: c_int) -> &'static str {
    match error {
        0 => "ok",
        libc::EAGAIN => "EAGAIN",
        libc::EMFILE => "EMFILE",
        libc::ENOMEM => "ENOMEM",
        libc::EPERM => "EPERM",
        _ => "another",
    }
}

fn fail(call: &str) -> ! {
    eprintln!("{call}: {}", io::Error::last_os_error());
    process::exit(1)
}
