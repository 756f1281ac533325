//! The exercise's solution: three vectors of 128 MiB, and which of them
//! pays.

use std::{hint, io, process};

const LEN: usize = 128 * 1024 * 1024;

fn main() {
    // What does not fit would end the program.
    if Vec::<u8>::new().try_reserve_exact(3 * LEN).is_err() {
        let mib = 3 * LEN / 1024 / 1024;
        println!("skipped: needs {mib} MiB of addresses (see ulimit -v)");
        return;
    }
    println!("process id {}", process::id());
    checkpoint("started", "reserve capacity for a vector");

    let capacity: Vec<u8> = Vec::with_capacity(LEN);
    hint::black_box(&capacity);
    checkpoint("capacity", "make a vector of zeros");

    let zeros = vec![0_u8; LEN];
    hint::black_box(&zeros);
    checkpoint("zeros", "make a vector of ones");

    let ones = vec![1_u8; LEN];
    hint::black_box(&ones);
    checkpoint("ones", "end");
}

fn checkpoint(done: &str, next: &str) {
    println!("{done}: press Return to {next}");
    io::stdin()
        .read_line(&mut String::new())
        .expect("standard input should give a line");
}
