//! Opens two program files for writing: one that runs, and one that is
//! mapped as the loader maps a library.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};
use std::{env, io, ptr};

const PROGRAM: &str = "./text-busy-program";
const LIBRARY: &str = "./text-busy-library";

fn main() {
    if env::args().any(|argument| argument == "child") {
        io::stdin()
            .read_line(&mut String::new())
            .expect("standard input should end");
        return;
    }
    for copy in [PROGRAM, LIBRARY] {
        fs::copy("/proc/self/exe", copy).expect("no writable folder");
    }
    let outcome = try_both();
    for copy in [PROGRAM, LIBRARY] {
        fs::remove_file(copy).expect("the file should be removable");
    }
    if let Err(error) = outcome {
        let needs = "a folder whose programs may run";
        println!("skipped: needs {needs} ({error})");
    }
}

// ANCHOR: busy
fn try_both() -> io::Result<()> {
    // (1)
    let mut child = Command::new(PROGRAM)
        .arg("child")
        .stdin(Stdio::piped())
        .spawn()?;
    let library = File::open(LIBRARY)?;
    let prot = libc::PROT_READ | libc::PROT_EXEC;
    let (flags, fd) = (libc::MAP_PRIVATE, library.as_raw_fd());
    // (2)
    // SAFETY: the address is null, so the kernel chooses a free range.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), 1, prot, flags, fd, 0) };
    let mapped = match memory {
        libc::MAP_FAILED => Err(io::Error::last_os_error()),
        _ => Ok(()),
    };
    // (3)
    if mapped.is_ok() {
        println!("program = {}", open_for_writing(PROGRAM));
        println!("library = {}", open_for_writing(LIBRARY));
    }
    drop(child.stdin.take());
    child.wait()?;
    mapped
}

/// What opening says; nothing is written.
fn open_for_writing(path: &str) -> String {
    match File::options().write(true).open(path) {
        Ok(_) => "opened".to_owned(),
        Err(error) if error.raw_os_error() == Some(libc::ETXTBSY) => {
            "ETXTBSY".to_owned()
        }
        Err(error) => error.to_string(),
    }
}
// ANCHOR_END: busy
