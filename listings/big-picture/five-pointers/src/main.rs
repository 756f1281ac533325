//! The exercise's solution: five pointers, and the VMA that each lies in.

use std::sync::atomic::{AtomicU64, Ordering};
use std::{fs, hint, io, process, thread};

static CALLS: AtomicU64 = AtomicU64::new(0);

fn main() {
    println!("process id {}", process::id());
    let literal = "a literal";
    let string = String::from("a string");
    let large = vec![0_u8; 1 << 20];

    tell("literal", literal.as_ptr() as usize);
    tell("string", string.as_ptr() as usize);
    tell("large", large.as_ptr() as usize);
    tell("calls", CALLS.as_ptr() as usize);

    thread::spawn(|| {
        let local = hint::black_box(1_u32);
        tell("local", &raw const local as usize);

        println!("told: press Return to end");
        io::stdin()
            .read_line(&mut String::new())
            .expect("standard input should give a line");
    })
    .join()
    .expect("the thread should end well");
}

/// Prints an address, and permissions and name of the VMA that holds it.
fn tell(name: &str, address: usize) {
    CALLS.fetch_add(1, Ordering::Relaxed);
    let maps = fs::read_to_string("/proc/self/maps")
        .expect("a process may read its own maps");
    let vma = maps
        .lines()
        .find(|line| holds(line, address))
        .expect("a valid pointer lies in some VMA");
    // Behind five words and some spaces, all that is left is the path.
    let mut words = vma.splitn(6, ' ').skip(1);
    let perms = words.next().expect("maps shows permissions");
    let path = words.nth(3).unwrap_or_default().trim_start();
    let file = match path.rsplit('/').next() {
        None | Some("") => "no name",
        Some(file) => file,
    };
    println!("{name} at {address:#x}");
    println!("{name}-in = {perms} ({file})");
}

fn holds(line: &str, address: usize) -> bool {
    let range = line.split(' ').next().unwrap_or_default();
    let bound = |text| usize::from_str_radix(text, 16);
    let (start, end) = range.split_once('-').expect("a range has a dash");
    let start = bound(start).expect("an address is hexadecimal");
    let end = bound(end).expect("an address is hexadecimal");
    (start..end).contains(&address)
}
