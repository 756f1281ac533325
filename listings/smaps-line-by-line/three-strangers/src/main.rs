//! The exercise: an address in each of three mappings. Which is the
//! program's code, which its heap, which its stack?

use std::{hint, io, process};

fn main() {
    println!("process id {}", process::id());
    let here = [b's'; 64];
    let boxed = Box::new([b'h'; 64]);
    hint::black_box((&here, &boxed));

    println!("one at {boxed:p}");
    println!("two at {:p}", main as *const ());
    println!("three at {:p}", &raw const here);

    println!("ready: press Return to end");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
