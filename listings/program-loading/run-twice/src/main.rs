//! The exercise: runs a second copy of this program, which writes a byte
//! of its data, and looks at that byte in the first one.

use std::env;
use std::io::{self, BufRead, BufReader};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

static BYTE: AtomicU8 = AtomicU8::new(1);

fn main() {
    // ANCHOR: twice
    if env::args().any(|argument| argument == "second") {
        BYTE.store(2, Relaxed);
        println!("the second copy reads {}", BYTE.load(Relaxed));
        return wait();
    }
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
    // ANCHOR_END: twice
}

fn wait() {
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
