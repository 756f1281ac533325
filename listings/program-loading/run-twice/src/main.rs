//! The exercise: runs a second copy of this program, which writes a byte
//! of its data, and looks at that byte in the first one.

use std::io::{self, BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::{env, fs};

const COPY: &str = "./run-twice-copy";

static BYTE: AtomicU8 = AtomicU8::new(1);

fn main() {
    match env::args().nth(1).as_deref() {
        None => {
            let error = become_a_copy();
            let needs = "a folder whose programs may run";
            println!("skipped: needs {needs} ({error})");
        }
        Some("second") => second(),
        Some(_) => first(),
    }
}

/// Runs a new copy of this file in this process's place: nobody else has
/// pages of it. Comes back only if that fails.
fn become_a_copy() -> io::Error {
    if let Err(error) = fs::copy("/proc/self/exe", COPY) {
        return error;
    }
    let error = Command::new(COPY).arg("first").exec();
    fs::remove_file(COPY).expect("the copy should be removable");
    error
}

// ANCHOR: twice
fn first() {
    fs::remove_file(COPY).expect("the copy should be removable");
    println!("process id {}", process::id());
    println!("text at {:p}", main as *const ());
    println!("data at {:p}", &BYTE);
    println!("alone: press Return to start a second copy");
    wait();
    let mut second = Command::new("/proc/self/exe")
        .arg("second")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program should start once more");
    let mut line = String::new();
    let output = second.stdout.take().expect("its output is a pipe");
    BufReader::new(output)
        .read_line(&mut line)
        .expect("the second copy should print a line");
    print!("{line}");
    println!("second is process {}", second.id());
    println!("the first copy reads {}", BYTE.load(Relaxed));
    println!("both: press Return to end");
    wait();
    // Without its standard input, the second copy ends.
    drop(second.stdin.take());
    second.wait().expect("the second copy should end");
}

fn second() {
    BYTE.store(2, Relaxed);
    println!("the second copy reads {}", BYTE.load(Relaxed));
    wait();
}
// ANCHOR_END: twice

fn wait() {
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
