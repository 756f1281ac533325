//! What is wrong in a session must fail: each row stands for a kind.

use book_tests::{Book, MAPS_MEMORY, children_left, listing};

/// A listing, the keys of its session, its program, and what the build says.
struct Row(&'static str, &'static str, &'static str, &'static str);

/// Maps memory at `mapped`, and names it.
const MAPS: &str = "MAPS";

const ROWS: &[Row] = &[
    // Words of a session that nobody knows.
    Row(
        "kernel",
        "needs.kernel = \">= 99.0\"",
        MAPS,
        "kernel/Cargo.toml:6: `>= 99.0` is no kernel release",
    ),
    Row(
        "kernel-key",
        "needs.kernl = \"6.7\"",
        MAPS,
        "kernel-key/Cargo.toml:6: no key is named `kernl` there; did you mean `kernel`?",
    ),
    Row(
        "kernel-old",
        "needs.kernel = \"5.10\"",
        MAPS,
        "kernel-old/Cargo.toml:6: every kernel that the book is for is Linux 5.10 or newer",
    ),
    Row(
        "machine",
        "needs.architecture = \"x86\"",
        MAPS,
        "machine/Cargo.toml:6: `x86` is no architecture",
    ),
    Row(
        "command-at",
        "commands.mappd = [\"true\"]",
        MAPS,
        "has commands at the checkpoint `mappd`, which it did not reach; did you mean `mapped`?",
    ),
    Row(
        "beside-at",
        "[[companions]]\nname = \"a\"\nlisting = \"beside\"\nat = \"touchd\"",
        MAPS,
        "starts a companion at the checkpoint `touchd`, which it did not reach; did you mean `touched`?",
    ),
    Row(
        "beside-who",
        "[[companions]]\nname = \"a\"\nlisting = \"besid\"\nat = \"mapped\"",
        MAPS,
        "no listing is named `besid`; did you mean `beside`",
    ),
    Row(
        "beside-slow",
        "[[companions]]\nname = \"a\"\nlisting = \"hangs\"\nat = \"mapped\"\nseconds = 1",
        MAPS,
        "ran beside `a`, which timed out after 1 s",
    ),
    Row(
        "varying",
        "varies = [\"Rss\", \"Rsss\"]",
        MAPS,
        "the session of `varying`: `varies` names `Rsss`, which is no field, value, mapping or line of it; did you mean `Rss`",
    ),
    Row(
        "part",
        "part-of = \"kernel\"",
        MAPS,
        "is `part-of` that of `kernel`, which does not run it",
    ),
    Row(
        "part-who",
        "part-of = \"nobody\"",
        MAPS,
        "no listing is named `nobody`",
    ),
    // A verdict that comes late, or that nobody has announced.
    Row(
        "skip-late",
        "needs.other = [\"luck\"]",
        "checkpoint(\"first\"); println!(\"skipped: needs luck\");",
        "prints `skipped: needs luck` after the checkpoint `first`",
    ),
    Row(
        "skip-early",
        "needs.other = [\"luck\"]",
        "println!(\"skipped: needs luck\"); checkpoint(\"first\");",
        "prints `skipped: needs luck` after the checkpoint `first`",
    ),
    Row(
        "skip-on",
        "needs.other = [\"luck\"]",
        "println!(\"skipped: needs luck\"); println!(\"size of it = 3\");",
        "prints `skipped: needs luck` and goes on",
    ),
    Row(
        "skip-status",
        "needs.other = [\"luck\"]",
        "println!(\"skipped: needs luck\"); std::process::exit(3)",
        "prints `skipped: needs luck` and ends with exit status 3",
    ),
    Row(
        "skip-other",
        "needs.other = [\"luck\"]",
        "println!(\"skipped: needs rain\");",
        "prints `skipped: needs rain` which its session does not name",
    ),
    Row(
        "skip-undeclared",
        "",
        "println!(\"skipped: needs luck\");",
        "prints `skipped: needs luck` which its session does not name",
    ),
    Row(
        "skip-mute",
        "needs.other = [\"luck\"]",
        "println!(\"skipped:\");",
        "prints `skipped:` which its session does not name",
    ),
    // Words that pass for the kernel's.
    Row(
        "says-rss",
        "",
        "println!(\"Rss = 12345\"); checkpoint(\"first\");",
        "prints `Rss = 12345`, and `Rss` is a name of the kernel's",
    ),
    Row(
        "says-size",
        "",
        "println!(\"size = 3 pages\"); checkpoint(\"first\");",
        "prints `size = 3 pages`, and `Size` is",
    ),
    Row(
        "says-threads",
        "",
        "checkpoint(\"first\"); println!(\"threads = 2\");",
        "prints `threads = 2`, and `Threads` is",
    ),
    Row(
        "says-present",
        "",
        "println!(\"present at 0x1000\"); checkpoint(\"first\");",
        "prints `present at 0x1000`, and `present` is",
    ),
    Row(
        "says-end",
        "",
        "checkpoint(\"end\");",
        "calls a checkpoint `end`",
    ),
    Row(
        "says-two-kinds",
        "",
        "println!(\"a = 1\"); checkpoint(\"first\"); println!(\"a at 0x1000\");",
        "prints `a at 0x1000`, and named `a` before as something else",
    ),
    Row(
        "says-again",
        "",
        "println!(\"a at 0x1000\"); println!(\"a at 0x2000\"); checkpoint(\"first\");",
        "prints `a at 0x1000`, and `a at 0x2000` with no checkpoint between them",
    ),
    // Somebody else's process.
    Row(
        "adopts-first",
        "",
        "println!(\"child is process 1\"); checkpoint(\"first\");",
        "prints `child is process 1`, but process 1 is none that it has started",
    ),
    Row(
        "adopts-builder",
        "",
        "let a = std::fs::read_to_string(\"/proc/self/stat\").unwrap(); let a = a.split(' ').nth(3).unwrap().to_owned(); println!(\"child is process {a}\"); checkpoint(\"first\");",
        "is none that it has started",
    ),
    Row(
        "adopts-itself",
        "",
        "println!(\"child is process {}\", std::process::id()); checkpoint(\"first\");",
        "is none that it has started",
    ),
    Row(
        "adopts-nobody",
        "",
        "println!(\"child is process 4194303\"); checkpoint(\"first\");",
        "process 4194303 is none that it has started",
    ),
    // No waiting at a checkpoint.
    Row(
        "waits-closed",
        "",
        "unsafe extern \"C\" { fn close(fd: i32) -> i32; } unsafe { close(0) }; println!(\"first: press Return to go on\"); let _ = std::io::stdin().read_line(&mut String::new()); println!(\"a = 1\");",
        "the checkpoint `first`",
    ),
    Row(
        "waits-null",
        "",
        "unsafe extern \"C\" { fn close(fd: i32) -> i32; } unsafe { close(0) }; let _null = std::fs::File::open(\"/dev/null\").unwrap(); checkpoint(\"first\"); println!(\"a = 1\");",
        "the checkpoint `first`",
    ),
    Row(
        "waits-asleep",
        "",
        "println!(\"first: press Return to go on\"); std::thread::sleep(std::time::Duration::from_millis(400)); println!(\"a = 1\");",
        "the checkpoint `first`",
    ),
    Row(
        "waits-elsewhere",
        "",
        "std::thread::spawn(|| std::io::stdin().read_line(&mut String::new())); println!(\"first: press Return to go on\"); std::thread::sleep(std::time::Duration::from_millis(400)); println!(\"a = 1\");",
        "the checkpoint `first`",
    ),
    Row(
        "waits-not",
        "",
        "println!(\"first: press Return to go on\");",
        "ended while it announced the checkpoint `first`",
    ),
    Row(
        "waits-prints",
        "",
        "println!(\"first: press Return to go on\\nand on\"); let _ = std::io::stdin().read_line(&mut String::new());",
        "the checkpoint `first`",
    ),
    Row(
        "waits-once",
        "",
        "checkpoint(\"first\"); println!(\"second: press Return to go on\"); std::process::exit(0)",
        "ended while it announced the checkpoint `second`",
    ),
    Row(
        "waits-dead",
        "",
        "println!(\"first: press Return to go on\"); std::process::abort()",
        "ended with signal SIGABRT instead of exit status 0, while it announced the checkpoint `first`",
    ),
    Row(
        "waits-behind",
        "",
        "unsafe extern \"C\" { fn daemon(a: i32, b: i32) -> i32; } unsafe { daemon(1, 1) }; checkpoint(\"first\");",
        "the listing `waits-behind` ended while it announced the checkpoint `first`",
    ),
    // The cause comes before what follows from it.
    Row(
        "server-dies",
        "[[companions]]\nname = \"client\"\nlisting = \"client\"\nat = \"ready\"",
        "checkpoint(\"ready\"); std::fs::write(\"here\", \"\").unwrap(); std::thread::sleep(std::time::Duration::from_millis(200)); std::process::abort()",
        "the listing `server-dies` ended with signal SIGABRT instead of exit status 0",
    ),
    Row(
        "tells-control",
        "",
        "println!(\"red \\x1b[31m\"); checkpoint(\"first\");",
        "the listing `tells-control` printed the control character 0x1b",
    ),
];

/// A client that fails once its server is gone.
const CLIENT: &str =
    "while !std::fs::exists(\"here\").unwrap() { std::thread::yield_now() } std::process::exit(1)";

#[test]
fn what_is_wrong_in_a_session_fails() {
    let mut book = Book::named("fail-open-sessions")
        .listing("beside", &listing("checkpoint(\"here\");"))
        .listing("client", &listing(CLIENT))
        .listing(
            "hangs",
            &listing("std::thread::sleep(std::time::Duration::from_secs(1000));"),
        );
    let mut page = "# One\n".to_owned();
    for Row(name, session, program, _) in ROWS {
        let program = if *program == MAPS {
            MAPS_MEMORY
        } else {
            program
        };
        book = book.listing(name, &listing(program)).session(name, session);
        page.push_str(&format!("\n<!-- cmdrun -0 capture run {name} -->\n"));
    }
    let finished = book.chapter("one.md", &page).build().failed();
    for (at, Row(name, _, _, told)) in ROWS.iter().enumerate() {
        let place = format!("src/one.md:{}: ", 3 + 2 * at);
        let printed = &finished.printed;
        let failure = printed.split("\n\n").find(|told| told.contains(&place));
        let failure = failure.unwrap_or_else(|| panic!("{name} did not fail:\n{printed}"));
        assert!(
            failure.contains(told),
            "{name}: {told}\nis not in:\n{failure}"
        );
    }
    // What it did to others is told, too, but later.
    assert!(
        finished
            .printed
            .contains("after that, it ran beside `client`, which ended with exit status 1"),
        "{}",
        finished.printed
    );
    assert_eq!(children_left(), [""; 0]);
}

/// What is nearly that, and right.
#[test]
fn what_is_right_in_a_session_builds() {
    let thread = "std::thread::scope(|s| { s.spawn(|| checkpoint(\"inside\")); });";
    let forks = "unsafe extern \"C\" { fn fork() -> i32; fn pause() -> i32; fn _exit(status: i32) -> !; fn kill(pid: i32, signal: i32) -> i32; fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32; }\
        let (mut reader, mut writer) = std::io::pipe().unwrap();\
        let child = unsafe { fork() };\
        if child == 0 { let orphan = unsafe { fork() }; if orphan == 0 { drop(writer); unsafe { loop { pause(); } } } \
            use std::io::Write; write!(writer, \"{orphan}\").unwrap(); unsafe { _exit(0) } }\
        drop(writer); let mut orphan = String::new(); std::io::Read::read_to_string(&mut reader, &mut orphan).unwrap();\
        unsafe { waitpid(child, std::ptr::null_mut(), 0) };\
        println!(\"orphan is process {orphan}\"); checkpoint(\"first\");\
        unsafe { kill(orphan.parse().unwrap(), 9) };";
    let book = Book::named("fail-open-sessions-control")
        .listing("skips", &listing("println!(\"process id 7\"); println!(\"skipped: needs luck (none)\");"))
        .session("skips", "needs.other = [\"luck\"]\nvaries = [\"anything\"]\n")
        .listing("moves", &listing("println!(\"a at 0x1000\"); checkpoint(\"first\"); println!(\"a at 0x2000\"); checkpoint(\"second\");"))
        .session("moves", "varies = [\"a\", \"VmRSS\"]\ncommands.second = [\"true\"]\n")
        .listing("waits-in-a-thread", &listing(thread))
        .listing("orphans", &listing(forks))
        .chapter(
            "one.md",
            "# One\n\n<!-- cmdrun -0 capture run skips -->\n\n<!-- cmdrun -0 capture run moves --expect 'a@first < a@second' -->\n\n\
             <!-- cmdrun -0 capture run waits-in-a-thread -->\n\n<!-- cmdrun -0 capture value orphans Threads --at first:orphan -->\n",
        );
    book.build().succeeded();
}

/// A command is shown as it was run, or not at all.
#[test]
fn a_command_is_shown_as_it_was_run() {
    let maps = |name: &str, directives: &str| {
        Book::named(name)
            .listing("maps", &listing(MAPS_MEMORY))
            .chapter("one.md", &format!("# One\n\n{directives}"))
    };
    let book = maps(
        "shown-as-run",
        "<!-- cmdrun -0 capture show maps --at mapped -- 'awk \"/VmRSS/ {print \\\"\\$PID $PID\\\"}\" /proc/$PID/status # $PID' -->\n",
    );
    book.build().succeeded();
    let shown = book_tests::text_of(&book.read("book/one.html"));
    assert!(
        shown.contains("{print \\\"\\$PID ") && shown.contains("status # $PID"),
        "{shown}"
    );

    let refused = maps(
        "not-shown-as-run",
        "<!-- cmdrun -0 capture show maps --at mapped -- 'echo `echo $PID`' -->\n\n\
         <!-- cmdrun -0 capture show maps --at mapped -- 'sh -uc \"echo \\$PID\"' -->\n",
    );
    refused
        .build()
        .failed()
        .with("src/one.md:3: `echo `echo $PID`` at `mapped` has a backquote; write `$(…)`")
        .with("src/one.md:5: `sh -uc \"echo \\$PID\"` at `mapped` ended with exit status 2");
}

#[test]
fn what_the_listings_need_and_cannot_compile_is_told() {
    let book = Book::named("missing-linker")
        .with("RUSTFLAGS", "-Clinker=no-such-linker")
        .listing("maps", &listing(MAPS_MEMORY))
        .file("listings/fixtures/maps/build.rs", "fn main() {}\n")
        .chapter("one.md", "# One\n\n<!-- cmdrun -0 capture run maps -->\n");
    book.build()
        .failed()
        .with("the listing `maps` cannot be compiled, because something that it needs cannot")
        .with("linker `no-such-linker` not found");
}

#[test]
fn a_session_has_one_place() {
    let book = Book::named("session-file")
        .listing("maps", &listing(MAPS_MEMORY))
        .file("listings/fixtures/maps/session.toml", "seconds = 9\n")
        .chapter("one.md", "# One\n\n<!-- cmdrun -0 capture run maps -->\n");
    book.build().failed().with(
        "listings/fixtures/maps/session.toml: a session stands in its listing's manifest: write these keys below `[package.metadata.session]` in Cargo.toml",
    );
}
