//! Errors of the calls that start programs, wait for processes, and talk
//! to them through pipes.

use std::ffi::{CStr, CString, c_int};
use std::os::fd::{AsRawFd, FromRawFd};
use std::{fs, fs::File, io, io::Write, mem, process, ptr};

fn main() {
    // Programs that cannot be executed.
    show("exec_missing", exec(c"/proc/self/missing", c"word"));
    show("exec_folder", exec(c"/", c"word"));
    let mut text = text_file();
    check("write", text.write_all(b"This is no program."));
    let path = format!("/proc/self/fd/{}", text.as_raw_fd());
    let name = CString::new(path.as_str()).expect("it has no zero byte");
    show("exec_text", exec(&name, c"word"));
    let long = vec![b'x'; 16 * 1024 * 1024];
    let long = CString::new(long).expect("it has no zero byte");
    show("exec_long_word", exec(&name, &long));
    let writer = check("open", File::options().write(true).open(path));
    show("exec_while_written", exec(&name, c"word"));
    drop(writer);

    // Nobody to wait for, to write to, and a signal that comes meanwhile.
    // SAFETY: with null, waitpid writes no status.
    let waited = unsafe { libc::waitpid(-1, ptr::null_mut(), 0) };
    show("wait_without_child", result(waited));
    let [reader, writer] = pipe();
    drop(reader);
    // SAFETY: the byte lives until the call returns.
    let sent =
        unsafe { libc::write(writer.as_raw_fd(), [1].as_ptr().cast(), 1) };
    show("write_without_reader", result(sent as c_int));
    let [reader, _writer] = pipe();
    signal_soon();
    let mut byte = 0u8;
    // SAFETY: read writes one byte.
    let read = unsafe {
        libc::read(reader.as_raw_fd(), (&raw mut byte).cast(), 1)
    };
    show("read_interrupted", result(read as c_int));
}

/// A child executes the program, or says by its status why it cannot.
fn exec(path: &CStr, word: &CStr) -> io::Result<()> {
    let words = [path.as_ptr(), word.as_ptr(), ptr::null()];
    let no_environment = [ptr::null()];
    // SAFETY: there is only one thread, so the child may do all it likes;
    // both lists end with null.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let nothing = no_environment.as_ptr();
        // SAFETY: as above.
        unsafe { libc::execve(path.as_ptr(), words.as_ptr(), nothing) };
        let errno = io::Error::last_os_error().raw_os_error();
        process::exit(errno.unwrap_or(255))
    }
    let mut status = 0;
    // SAFETY: waitpid writes into `status` and nowhere else.
    let waited = unsafe { libc::waitpid(child, &mut status, 0) };
    check("fork or waitpid", result(child.min(waited)));
    match libc::WEXITSTATUS(status) {
        0 => Ok(()),
        errno => Err(io::Error::from_raw_os_error(errno)),
    }
}

/// A file in memory: no folder's permissions are in the way.
fn text_file() -> File {
    let setting = fs::read_to_string("/proc/sys/vm/memfd_noexec");
    if setting.is_ok_and(|setting| setting.trim() != "0") {
        println!("skipped: needs vm.memfd_noexec to be 0");
        process::exit(0)
    }
    // SAFETY: the name ends with a zero byte.
    let fd = unsafe { libc::memfd_create(c"text".as_ptr(), 0) };
    check("memfd_create", result(fd));
    // SAFETY: the descriptor is new, and nobody else owns it.
    unsafe { File::from_raw_fd(fd) }
}

fn pipe() -> [File; 2] {
    let mut ends = [0; 2];
    // SAFETY: pipe writes two descriptors.
    let made = unsafe { libc::pipe(ends.as_mut_ptr()) };
    check("pipe", result(made));
    // SAFETY: the descriptors are new, and nobody else owns them.
    ends.map(|end| unsafe { File::from_raw_fd(end) })
}

/// SIGALRM comes every 10 ms, and calls that wait are not started again.
fn signal_soon() {
    extern "C" fn nothing(_: c_int) {}
    let often = libc::timeval {
        tv_sec: 0,
        tv_usec: 10_000,
    };
    let often = libc::itimerval {
        it_interval: often,
        it_value: often,
    };
    // SAFETY: zeros are a value for sigaction: no flags, no mask. The
    // handler does nothing, and both calls only read what they are given.
    let results = unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = nothing as extern "C" fn(c_int) as usize;
        let old = ptr::null_mut();
        [
            libc::sigaction(libc::SIGALRM, &action, old),
            libc::setitimer(libc::ITIMER_REAL, &often, ptr::null_mut()),
        ]
    };
    check("sigaction or setitimer", result(results[0].min(results[1])));
}

fn result(value: c_int) -> io::Result<()> {
    match value {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

fn show(call: &str, result: io::Result<()>) {
    let errno = result.err().and_then(|error| error.raw_os_error());
    let name = match errno {
        None => "ok",
        Some(libc::E2BIG) => "E2BIG",
        Some(libc::EACCES) => "EACCES",
        Some(libc::ECHILD) => "ECHILD",
        Some(libc::EINTR) => "EINTR",
        Some(libc::ENOENT) => "ENOENT",
        Some(libc::ENOEXEC) => "ENOEXEC",
        Some(libc::EPIPE) => "EPIPE",
        Some(libc::ETXTBSY) => "ETXTBSY",
        Some(_) => "another",
    };
    println!("{call} = {name}");
}

fn check<T>(call: &str, result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("{call}: {error}");
        process::exit(1)
    })
}
