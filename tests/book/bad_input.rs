//! Bad input gets an error that names the place, what was found and what to do.
//! The old book stays, and nothing is left running.

use book_tests::{Book, MAPS_MEMORY, children_left, listing};

/// Builds a book of one chapter with one directive in its line 3, which fails
/// with these words.
#[track_caller]
fn refused(book: Book, directive: &str, told: &[&str]) {
    let book = book.chapter(
        "one.md",
        &format!("# One\n\n<!-- cmdrun -0 {directive} -->\n"),
    );
    book.has_an_old_book();
    let mut finished = book.build().failed();
    for words in told {
        finished = finished.with(words);
    }
    assert!(
        finished.printed.contains("src/one.md:3: "),
        "{}",
        finished.printed
    );
    assert!(book.kept_the_old_book());
    assert_eq!(book.left_beside(), [""; 0]);
    assert_eq!(children_left(), [""; 0]);
}

fn maps(name: &str) -> Book {
    Book::named(name).listing("maps", &listing(MAPS_MEMORY))
}

#[test]
fn unknown_listing() {
    refused(
        maps("bad-listing"),
        "capture run mpas",
        &["no listing is named `mpas`; did you mean `maps`?"],
    );
}

#[test]
fn unknown_checkpoint() {
    refused(
        maps("bad-checkpoint"),
        "capture value maps Rss --at touch",
        &["`maps` has no checkpoint `touch`; did you mean `touched`?"],
    );
}

#[test]
fn unknown_field() {
    refused(
        maps("bad-field"),
        "capture value maps Privat_Dirty --at touched",
        &["no field is named `Privat_Dirty`; did you mean `Private_Dirty`"],
    );
}

#[test]
fn unknown_verb_and_option() {
    refused(
        maps("bad-verb"),
        "capture shwo maps",
        &["`capture` has no verb `shwo`; did you mean `show`?"],
    );
    refused(
        maps("bad-option"),
        "capture value maps Rss --att touched",
        &["unexpected argument '--att' found", "--at"],
    );
}

#[test]
fn unknown_mapping_and_unit() {
    refused(
        maps("bad-mapping"),
        "capture value maps Rss --at touched --of memmory",
        &["`maps` printed no address named `memmory` by `touched`; did you mean `memory`?"],
    );
    refused(
        maps("bad-unit"),
        "capture value maps Rss --at touched --in MB",
        &["`MB` is no unit; there are kB, KiB, MiB"],
    );
}

#[test]
fn a_claim_that_cannot_be_read_has_a_caret() {
    refused(
        maps("bad-claim"),
        "capture run maps --expect 'Rss@touched === 1 page'",
        &[
            "`===` is no operator",
            "\n  Rss@touched === 1 page\n              ^",
        ],
    );
}

#[test]
fn a_claim_that_means_nothing() {
    refused(
        maps("meaningless-claim"),
        "capture value maps Rss --at touched --expect 'Rss == 4'",
        &["compares an amount of memory with a plain number; give the number a unit"],
    );
}

#[test]
fn no_line_to_mark_or_keep() {
    refused(
        maps("no-line"),
        "capture show maps --at touched --mark 'Rsss=x' -- 'grep Rss /proc/$PID/smaps'",
        &["no line of the output begins with `Rsss`, which --mark asks for"],
    );
}

#[test]
fn a_mistyped_variable_is_no_empty_word() {
    refused(
        maps("bad-variable"),
        "capture show maps --at touched -- 'grep $memroy /proc/$PID/maps'",
        &[
            "`grep $memroy /proc/",
            "ended with exit status 2",
            "memroy: parameter not set",
        ],
    );
}

#[test]
fn a_command_that_fails_or_hangs() {
    refused(
        maps("failing-command"),
        "capture show maps --at touched -- 'grep nothing-like-it /proc/$PID/maps'",
        &["ended with exit status 1; a command that a page shows must succeed"],
    );
    refused(
        maps("hanging-command").session("maps", "seconds = 2\n"),
        "capture show maps --at touched -- 'echo so far; sleep 1000'",
        &["timed out after 2 s", "it printed:\nso far"],
    );
}

#[test]
fn no_checkpoint() {
    refused(
        Book::named("no-checkpoint").listing("runs", &listing("println!(\"hello\");")),
        "capture value runs Rss --at mapped",
        &["`runs` printed no checkpoint, so there is nothing to see at `mapped`"],
    );
}

#[test]
fn a_listing_that_hangs() {
    let hangs = "checkpoint(\"mapped\"); print!(\"half a line\"); \
                 std::io::Write::flush(&mut std::io::stdout()).unwrap(); \
                 std::thread::sleep(std::time::Duration::from_secs(1000));";
    refused(
        Book::named("hangs")
            .listing("hangs", &listing(hangs))
            .session("hangs", "seconds = 2\n"),
        "capture value hangs Rss --at touched",
        &[
            "the listing `hangs` timed out after 2 s, waiting for the checkpoint `touched` after `mapped`",
            "it printed:\nmapped: press Return to go on\nhalf a line",
        ],
    );
}

#[test]
fn a_listing_that_never_waits() {
    let spins = "println!(\"mapped: press Return to go on\"); loop { std::hint::spin_loop() }";
    refused(
        Book::named("spins")
            .listing("spins", &listing(spins))
            .session("spins", "seconds = 2\n"),
        "capture run spins",
        &["the listing `spins` did not wait at the checkpoint `mapped`"],
    );
}

#[test]
fn a_listing_that_exits_early() {
    refused(
        Book::named("exits-early").listing(
            "exits",
            &listing("checkpoint(\"mapped\"); eprintln!(\"mmap: no\"); std::process::exit(7);"),
        ),
        "capture value exits Rss --at touched",
        &[
            "the listing `exits` ended with exit status 7 instead of exit status 0, after the checkpoint `mapped`",
            "it printed:\nmapped: press Return to go on\nmmap: no",
        ],
    );
}

#[test]
fn a_listing_that_dies_by_a_signal() {
    refused(
        Book::named("dies").listing("dies", &listing("std::process::abort();")),
        "capture run dies",
        &["ended with signal SIGABRT instead of exit status 0, before any checkpoint"],
    );
    let meant = Book::named("dies-as-meant")
        .listing(
            "dies",
            &listing("println!(\"last words\"); std::process::abort();"),
        )
        .session("dies", "signal = \"SIGABRT\"\n")
        .chapter("one.md", "# One\n\n<!-- cmdrun -0 capture run dies -->\n");
    meant.build().succeeded();
}

#[test]
fn bytes_that_are_not_utf8() {
    let prints = "use std::io::Write; println!(\"ok\"); std::io::stdout().write_all(b\"bad \\xff\\n\").unwrap();";
    refused(
        Book::named("not-utf8").listing("prints", &listing(prints)),
        "capture run prints",
        &["printed bytes that are not UTF-8, first 0xff after `bad ` in line 2 of its output"],
    );
    refused(
        maps("control-bytes"),
        "capture show maps --at touched -- 'cat /proc/$PID/cmdline'",
        &["printed the control character 0x00, which a page cannot show"],
    );
}

#[test]
fn a_flood() {
    refused(
        Book::named("flood").listing("floods", &listing("loop { println!(\"and on\") }")),
        "capture run floods",
        &[
            "the listing `floods` printed more than 1048576 bytes",
            "it printed:\n...\nand on",
        ],
    );
}

/// What a listing prints reaches the builder's terminal in a message, where it
/// must not be a command.
#[test]
fn commands_for_the_terminal() {
    let prints = "println!(\"\\u{1b}]0;title\\u{7} \\u{202e}txet\"); std::process::exit(7);";
    let book = Book::named("terminal-commands")
        .listing("prints", &listing(prints))
        .chapter("one.md", "# One\n\n<!-- cmdrun -0 capture run prints -->\n");
    let finished = book
        .build()
        .failed()
        .with("printed the control character 0x1b, which a page cannot show");
    let commands = ['\u{1b}', '\u{7}', '\u{202e}'];
    assert!(!finished.printed.contains(commands), "{}", finished.printed);

    let partial = "print!(\"\\u{1b}]0;title\\u{7}\"); std::io::Write::flush(&mut std::io::stdout()).unwrap(); \
                   std::thread::sleep(std::time::Duration::from_secs(1000));";
    let book = Book::named("terminal-commands-hang")
        .listing("hangs", &listing(partial))
        .session("hangs", "seconds = 1\n")
        .chapter("one.md", "# One\n\n<!-- cmdrun -0 capture run hangs -->\n");
    let finished = book
        .build()
        .failed()
        .with("it printed:\n\\u{1b}]0;title\\u{7}");
    assert!(!finished.printed.contains(commands), "{}", finished.printed);
}

#[test]
fn text_in_another_order() {
    refused(
        Book::named("reordered").listing(
            "prints",
            &listing("println!(\"user \\u{202e}toor\\u{202c}\");"),
        ),
        "capture run prints",
        &["printed the control character 0x202e, which a page cannot show, after `user `"],
    );
}

#[test]
fn too_many_names() {
    for (name, line) in [
        (
            "addresses",
            "println!(\"a{i} at {main:p}\", main = main as *const u8);",
        ),
        ("values", "println!(\"a{i} = {i}\");"),
        ("processes", "println!(\"a{i} is process {}\", cat.id());"),
    ] {
        let cat = "let cat = std::process::Command::new(\"cat\").stdin(std::process::Stdio::piped()).spawn().unwrap();";
        let program = format!("{cat} for i in 0..65 {{ {line} }} checkpoint(\"named\");");
        refused(
            Book::named(&format!("too-many-{name}")).listing("names", &listing(&program)),
            "capture run names",
            &["the listing `names` names more than 64 addresses, values, processes or checkpoints"],
        );
    }
}

/// A line that comes byte by byte, a name that is no text, and an address where
/// the kernel knows no pages, are no reason to fail.
#[test]
fn odd_and_allowed() {
    let odd = r#"
        use std::io::Write;
        unsafe extern "C" { fn prctl(option: i32, name: *const u8) -> i32; }
        unsafe { prctl(15, b"\xff) Z (\xfe\0".as_ptr()) };
        let mut out = std::fs::File::options().write(true).open("/proc/self/fd/1").unwrap();
        for _ in 0..20_000 { out.write_all(b"x").unwrap(); }
        println!("\nnothing at 0xffffffffffffffff\nkernel at 0xffffffffff600000");
        println!("huge = 99999999999999999999999 pages");
        checkpoint("odd");
    "#;
    let book = Book::named("odd").listing("odd", &listing(odd)).chapter(
        "one.md",
        "# One\n\nIt is <!-- cmdrun -0 capture value odd Threads --at odd --expect 'huge == 99999999999999999999999' -->.\n",
    );
    book.build()
        .failed()
        .with("`99999999999999999999999` is no whole number");
    book.write(
        "src/one.md",
        "# One\n\nIt has <!-- cmdrun -0 capture value odd Threads --at odd --expect 'Threads == 1' --> thread.\n",
    );
    book.build().succeeded();
    assert!(book_tests::text_of(&book.read("book/one.html")).contains("It has 1 thread."));
}

/// A process that made itself undumpable keeps others out of its /proc folder:
/// prctl(2), PR_SET_DUMPABLE. Root is kept out only without its capabilities.
#[test]
fn unreadable_proc() {
    let hides = "unsafe extern \"C\" { fn prctl(option: i32, value: u64) -> i32; }\n\
                 unsafe { prctl(4, 0) }; checkpoint(\"hidden\");";
    let book = Book::named("unreadable-proc")
        .listing("hides", &listing(hides))
        .under(&["setpriv", "--bounding-set=-all", "--inh-caps=-all"]);
    let book = if rustix::process::geteuid().is_root() {
        book
    } else {
        book.under(&[])
    };
    refused(
        book,
        "capture run hides",
        &[
            "the listing `hides` cannot read /proc/",
            "Permission denied",
        ],
    );
}

#[test]
fn two_listings_of_one_name() {
    let book = maps("two-of-one-name")
        .listing_of("others", "maps", &listing(MAPS_MEMORY))
        .chapter("one.md", "# One\n");
    book.build().failed().with(
        "two listings are named `maps`: listings/fixtures/maps and listings/others/maps; rename one",
    );
}

#[test]
fn a_session_with_an_unknown_key() {
    refused(
        maps("unknown-key").session("maps", "argument = [\"x\"]\n"),
        "capture run maps",
        &[
            "listings/fixtures/maps/Cargo.toml:6: no key is named `argument` there; did you mean `arguments`",
        ],
    );
}

#[test]
fn a_session_with_numbers_that_mean_nothing() {
    for (text, told) in [
        (
            "seconds = 9223372036854775807\n",
            "`seconds` must be from 1 to 3600",
        ),
        ("exit-status = 256\n", "invalid value: integer `256`"),
    ] {
        refused(
            maps("meaningless-number").session("maps", text),
            "capture run maps",
            &["listings/fixtures/maps/Cargo.toml:", told],
        );
    }
}

#[test]
fn a_listing_that_does_not_compile() {
    refused(
        Book::named("does-not-compile").listing("typo", &listing("let x: u32 = \"four\";")),
        "capture run typo",
        &[
            "the listing `typo` does not compile",
            "mismatched types",
            "main.rs:3",
        ],
    );
}

#[test]
fn a_checkpoint_reached_twice() {
    refused(
        Book::named("reached-twice").listing("loops", &listing("loop { checkpoint(\"again\") }")),
        "capture run loops",
        &["the listing `loops` reached the checkpoint `again` twice"],
    );
}

/// A directive inside captured output is text, and is never run.
#[test]
fn a_directive_in_output_is_text() {
    let book = Book::named("directive-in-output");
    let trace = book.path("trace");
    let _ = std::fs::remove_file(&trace);
    let directive = format!("<!-- cmdrun -0 touch {} -->", trace.display());
    let book = book
        .listing("prints", &listing(&format!("println!({directive:?}); checkpoint(\"done\");")))
        .chapter(
            "one.md",
            "# One\n\n<!-- cmdrun -0 capture run prints -->\n\n<!-- cmdrun -0 cat printed.txt -->\n",
        )
        .file("src/printed.txt", "a line\n");
    book.build().succeeded();
    let page = book_tests::text_of(&book.read("book/one.html"));
    assert!(page.contains(&directive), "{page}");
    assert!(!trace.exists());
}
