//! Sessions of several kinds: printed values, other processes, programs beside.

use book_tests::{Book, MAPS_MEMORY, captured, children_left, listing, text_of};

#[test]
fn printed_values_can_be_named() {
    let prints = "println!(\"faults = 64\"); println!(\"length = 3 pages\"); checkpoint(\"first\");\
                  println!(\"faults = 65\"); println!(\"outcome = EACCES\"); println!(\"time = 12 ns\");";
    let book = Book::named("printed-values").listing("prints", &listing(prints)).chapter(
        "one.md",
        "# One\n\nFirst <!-- cmdrun -0 capture value prints faults --at first --expect 'faults@end == faults@first + 1' -->.\n\
         Then <!-- cmdrun -0 capture value prints faults --at end --expect 'outcome == EACCES' -->.\n\
         <!-- cmdrun -0 capture value prints length --at end --expect 'length == 3 pages' -->.\n\
         <!-- cmdrun -0 capture value prints time --at end --expect 'time < 13 ns' -->.\n",
    );
    book.build().succeeded();
    let text = text_of(&book.read("book/one.html")).replace('\u{a0}', " ");
    assert!(
        text.contains("First 64.\nThen 65.\n3 pages.\n12 ns."),
        "{text}"
    );

    book.write(
        "src/one.md",
        "# One\n\n<!-- cmdrun -0 capture value prints fautls --at end -->\n\n\
         <!-- cmdrun -0 capture value prints Rss --at end:anna -->\n",
    );
    book.build()
        .failed()
        .with("src/one.md:3: `fautls` cannot be checked: `prints` printed no value `fautls`, and after its end nothing else is known; did you mean `faults`?")
        .with("src/one.md:5: `Rss` cannot be checked: `prints` has no process `anna` at `end`; there are none");
}

#[test]
fn another_process_is_looked_at_beside_the_listing() {
    let starts = "let mut cat = std::process::Command::new(\"cat\").stdin(std::process::Stdio::piped()).spawn().unwrap();\
                  println!(\"process id {}\", std::process::id());\
                  println!(\"child is process {}\", cat.id());\
                  checkpoint(\"started\"); drop(cat.stdin.take()); cat.wait().unwrap(); checkpoint(\"ended\");";
    let book = Book::named("named-process").listing("starts", &listing(starts)).chapter(
        "one.md",
        "# One\n\n<!-- cmdrun -0 capture show starts --at started \
         --expect 'VmRSS@started:child > 0 kB' --expect 'pid@started:child != pid' -- 'cat /proc/$child/comm' -->\n\n\
         <!-- cmdrun -0 capture steps starts --at started --at started:child --fields Threads,VmRSS -->\n",
    );
    book.build().succeeded();
    let html = book.read("book/one.html");
    assert_eq!(captured(&html)[0], "\ncat");
    assert!(html.contains("<code>started:child</code>"), "{html}");

    book.write(
        "src/one.md",
        "# One\n\n<!-- cmdrun -0 capture value starts VmRSS --at ended:child -->\n",
    );
    book.build()
        .failed()
        .with("`starts` has no process `child` at `ended`; there are none");
}

#[test]
fn another_process_has_pages_of_its_own() {
    let forks = format!(
        "unsafe extern \"C\" {{ fn fork() -> i32; fn pause() -> i32; fn kill(pid: i32, signal: i32) -> i32; fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32; }}\
         {}\
         let child = unsafe {{ fork() }};\
         if child == 0 {{ unsafe {{ memory.add(4096).write_volatile(1); loop {{ pause(); }} }} }}\
         println!(\"child is process {{child}}\");\
         checkpoint(\"forked\");\
         unsafe {{ kill(child, 9); waitpid(child, std::ptr::null_mut(), 0); }}",
        book_tests::MAPS_MEMORY
    );
    let book = Book::named("pages-of-a-child").listing("forks", &listing(&forks)).chapter(
        "one.md",
        "# One\n\n<!-- cmdrun -0 capture steps forks --at mapped --at forked --at forked:child --fields Rss,present \
         --expect 'present@forked == 1 page' --expect 'present@forked:child == 1 page' -->\n",
    );
    book.build().succeeded();
    let html = book.read("book/one.html");
    for (place, path) in [("forked", "M0 0h1v1h-1z"), ("forked:child", "M1 0h1v1h-1z")] {
        let title = format!("<title>Pages of memory at {place}</title>");
        let (_, grid) = html
            .split_once(&title)
            .unwrap_or_else(|| panic!("{title} in {html}"));
        let (grid, _) = grid.split_once("</svg>").expect("an end");
        assert!(grid.contains(path), "{place}: {grid}");
    }
}

/// A program that waits for as many lines in a shared file as it is told.
const HOST: &str = "println!(\"process id {}\", std::process::id()); checkpoint(\"ready\");\
    let lines = || std::fs::read_to_string(\"guests\").unwrap_or_default().lines().count();\
    while lines() < 2 { std::thread::yield_now() }\
    println!(\"guests = {}\", lines());";

const GUEST: &str = "use std::io::Write; let name = std::env::args().nth(1).unwrap();\
    checkpoint(\"here\");\
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(\"guests\").unwrap();\
    writeln!(file, \"{name}\").unwrap(); println!(\"wrote = {name}\");";

const PARTY: &str = "\
    [[companions]]\nname = \"anna\"\nlisting = \"guest\"\narguments = [\"Anna B.\"]\nat = \"ready\"\n\n\
    [[companions]]\nname = \"ben\"\nlisting = \"guest\"\narguments = [\"ben\"]\nat = \"ready\"\n";

fn party(name: &str) -> Book {
    Book::named(name)
        .listing("host", &listing(HOST))
        .listing("guest", &listing(GUEST))
        .session("host", PARTY)
        .session("guest", "part-of = \"host\"\n")
}

#[test]
fn programs_run_beside_a_listing() {
    let book = party("companions").chapter(
        "one.md",
        "# One\n\n<!-- cmdrun -0 capture run host --expect 'guests@end == 2' --expect 'wrote@end:ben == ben' -->\n\n\
         <!-- cmdrun -0 capture run host --process anna -->\n\n```rust\n{{#include ../listings/fixtures/guest/src/main.rs}}\n```\n",
    );
    std::os::unix::fs::symlink("../listings", book.path("src/listings")).expect("a link");
    book.build().succeeded();
    let html = book.read("book/one.html");
    assert!(
        html.contains("cargo run -p guest -- \"Anna B.\"</kbd>"),
        "{html}"
    );
    let shown = captured(&html);
    assert_eq!(shown[1], "\n\nhere: press Return to go on\nwrote = Anna B.");
    assert_eq!(children_left(), [""; 0]);
}

#[test]
fn a_program_beside_that_fails_is_told() {
    let book = party("failing-companion")
        .chapter("one.md", "# One\n\n<!-- cmdrun -0 capture run host -->\n");
    book.write(
        "listings/fixtures/guest/src/main.rs",
        &listing("std::process::exit(3);"),
    );
    book.has_session("host", &format!("seconds = 2\n{PARTY}"));
    book.build()
        .failed()
        // Whichever was first, and then what followed from it.
        .with("src/one.md:3: the listing `host` ran beside `")
        .with("`, which ended with exit status 3 instead of exit status 0")
        .with("after that, it timed out after 2 s");
    assert_eq!(children_left(), [""; 0]);
}

#[test]
fn a_part_of_another_session_has_none_of_its_own() {
    let book = party("part-of").chapter(
        "one.md",
        "# One\n\n<!-- cmdrun -0 capture run host -->\n\n<!-- cmdrun -0 capture run guest -->\n",
    );
    book.build()
        .failed()
        .with("src/one.md:5: `guest` has no session of its own, it is part of that of `host`");
}

/// The raw files and a command's output are read one after the other. A thread
/// that writes between them must not make them differ on the page.
#[test]
fn what_moves_between_two_looks_is_looked_at_again() {
    let moves = MAPS_MEMORY.replace(
        "checkpoint(\"mapped\");",
        "let place = memory as usize;\
         let late = std::thread::spawn(move || {\
             std::thread::sleep(std::time::Duration::from_millis(100));\
             unsafe { ((place + 65536) as *mut u8).write_volatile(1) };\
         });\
         checkpoint(\"mapped\"); late.join().unwrap();",
    );
    let book = Book::named("two-looks")
        .listing("maps", &listing(&moves))
        .chapter(
            "one.md",
            "# One\n\n<!-- cmdrun -0 capture show maps --at mapped --expect 'Rss == 1 page' \
         -- 'sleep 0.5; sed -n \"/^$memory-/,/^VmFlags/p\" /proc/$PID/smaps' -->\n",
        );
    book.build().succeeded();
}
