//! What goes wrong while a book is built: the last good book stays, the message
//! names the fault, and the next build is right.

use book_tests::{Book, MAPS_MEMORY, children_left, listing, text_of};

const GOOD: &str = "# One\n\n<!-- cmdrun -0 capture run maps -->\n";

fn book(name: &str) -> Book {
    let book = Book::named(name).listing("maps", &listing(MAPS_MEMORY));
    book.chapter("one.md", GOOD)
}

/// The next build has nothing to remember of the fault.
#[track_caller]
fn builds_again(book: &Book) {
    book.write("src/one.md", GOOD);
    book.build().succeeded();
    let page = text_of(&book.read("book/one.html"));
    assert!(page.contains("touched: press Return to go on"), "{page}");
    assert_eq!(children_left(), [""; 0]);
    assert_eq!(book.left_beside(), [""; 0]);
}

#[test]
fn a_listing_killed_at_a_checkpoint_is_told() {
    let book = book("killed-listing");
    for at in ["mapped", "touched"] {
        book.has_an_old_book();
        book.write(
            "src/one.md",
            &format!(
                "# One\n\n<!-- cmdrun -0 capture show maps --at {at} -- 'kill -KILL $PID' -->\n"
            ),
        );
        book.build().failed().with(&format!(
            "src/one.md:3: the listing `maps` ended with signal SIGKILL instead of exit status 0, while it waited at the checkpoint `{at}`"
        ));
        assert!(book.kept_the_old_book());
        assert_eq!(children_left(), [""; 0]);
        assert_eq!(book.left_beside(), [""; 0]);
        std::fs::remove_dir_all(book.path("book")).expect("the old book can be removed");
    }
    builds_again(&book);
}

/// What a second terminal looks at is gone before it has looked.
#[test]
fn a_listing_killed_while_it_is_looked_at_is_told() {
    let dies = "println!(\"process id {}\", std::process::id());\
                let me = std::process::id().to_string();\
                println!(\"here: press Return to go on\");\
                std::process::Command::new(\"kill\").args([\"-KILL\", &me]).status().unwrap();\
                std::thread::park();";
    let book = book("killed-while-looked-at").listing("maps", &listing(dies));
    book.has_an_old_book();
    let printed = book.build().failed().printed;
    assert!(
        printed.contains("src/one.md:3: the listing `maps`"),
        "{printed}"
    );
    assert!(!printed.contains("panicked"), "{printed}");
    assert!(book.kept_the_old_book());
    let book = book.listing("maps", &listing(MAPS_MEMORY));
    std::fs::remove_dir_all(book.path("book")).expect("the old book can be removed");
    builds_again(&book);
}

#[test]
fn builds_at_the_same_time_do_not_disturb_each_other() {
    let book = book("at-the-same-time");
    // Then their pages are equal.
    let build = || book.start("xtask", &["build", "--reproducible"]);
    build().wait().succeeded();
    let alone = book.read("book/index.html");
    let builds: Vec<_> = (0..3).map(|_| build()).collect();
    for build in builds {
        build.wait().succeeded();
    }
    assert_eq!(book.read("book/index.html"), alone);
    builds_again(&book);
}

/// A disk of little room, with an old book on it, for one command; prints what
/// is left there.
const LITTLE_ROOM: &str = "mount -t tmpfs -o size=256k tmpfs small && mkdir small/book && \
    echo old >small/book/index.html; \"$@\"; status=$?; \
    echo on the disk: $(ls -A small small/book) $(cat small/book/index.html); exit $status";

#[test]
fn a_full_disk_is_told() {
    let mut namespace = vec!["unshare", "--mount"];
    if !rustix::process::geteuid().is_root() {
        namespace.push("--map-root-user");
    }
    let may = std::process::Command::new(namespace[0])
        .args(&namespace[1..])
        .arg("true")
        .status();
    if !may.is_ok_and(|status| status.success()) {
        eprintln!("not tried here: this user may not mount a small disk");
        return;
    }
    namespace.extend(["sh", "-c", LITTLE_ROOM, "sh"]);
    let full = book("full-disk")
        .file("small/.keep", "")
        .with("MDBOOK_BUILD__BUILD_DIR", "small/book")
        .under(&namespace);
    full.build()
        .failed()
        .with("No space left on device")
        .with("small/.book-")
        .with("on the disk: small: book small/book: index.html old");
    assert_eq!(children_left(), [""; 0]);
    builds_again(&book("full-disk"));
}
