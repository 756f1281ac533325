//! The first session: says which process it is, waits for Return, ends.

use std::io;
use std::process;

fn main() {
    // (1)
    println!("process id {}", process::id());

    // (2)
    println!("ready: press Return to end");
    // (3)
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");

    println!("done");
}
