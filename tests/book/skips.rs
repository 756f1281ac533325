//! `cargo xtask build --deny-skips`: no claim is lost because a machine could not
//! run its listing.

use book_tests::{Book, MAPS_MEMORY, listing};

const SKIPS: &str = r#"    println!("skipped: needs a machine that nobody has");"#;

fn book(name: &str) -> Book {
    Book::named(name)
        .listing("maps", &listing(MAPS_MEMORY))
        .listing("skips", &listing(SKIPS))
        .session("skips", "needs.other = [\"a machine\"]\n")
        .listing("needs", &listing(MAPS_MEMORY))
        .session("needs", "needs = { kernel = \"99.0\" }\n")
        .chapter(
            "one.md",
            "# One\n\n<!-- cmdrun -0 capture run maps -->\n\n<!-- cmdrun -0 capture run skips -->\n\n\
             <!-- cmdrun -0 capture run needs -->\n",
        )
}

#[test]
fn a_listing_that_is_skipped_fails_the_build() {
    let book = book("skips");
    book.build().succeeded().with("skipped skips");
    std::fs::remove_dir_all(book.path("book")).expect("it was built");
    book.has_an_old_book();
    let denied = book.start("xtask", &["build", "--deny-skips"]).wait();
    denied
        .failed()
        .with(
            "skipped, and --deny-skips allows it of no other listing:\n  `needs`: needs Linux 99.0",
        )
        .with("  `skips`: needs a machine that nobody has")
        .with("allow it by name: --except needs --except skips");
    assert!(book.kept_the_old_book());

    let excepted = ["build", "--deny-skips", "--except", "skips"];
    let denied = book.start("xtask", &excepted).wait().failed();
    assert!(
        !denied.printed.contains("  `skips`: "),
        "{}",
        denied.printed
    );
    assert!(
        denied
            .with("  `needs`: ")
            .printed
            .contains("--except needs")
    );
    let excepted = [&excepted[..], &["--except", "needs"]].concat();
    book.start("xtask", &excepted).wait().succeeded();
}

#[test]
fn an_exception_that_is_not_needed_is_told() {
    let book = book("skips-maps");
    let both = [
        "build",
        "--deny-skips",
        "--except",
        "skips",
        "--except",
        "needs",
    ];
    let words = [&both[..], &["--except", "maps"]].concat();
    book.start("xtask", &words)
        .wait()
        .succeeded()
        .with("note: `maps` was not skipped here; `--except maps` is not needed");
}

#[test]
fn an_exception_names_a_listing() {
    let book = book("skips-names");
    book.start("xtask", &["build", "--deny-skips", "--except", "skip"])
        .wait()
        .failed()
        .with("no listing is named `skip`; did you mean `skips`?");
    book.start("xtask", &["build", "--except", "skips"])
        .wait()
        .failed()
        .with("--deny-skips");
}

/// The stored record stands on the page, and still nobody ran the listing.
#[test]
fn a_stored_record_is_no_session() {
    let stored = "[package]\nname = \"stored\"\nedition = \"2024\"\n";
    let book = Book::named("skips-stored")
        .listing("stored", &listing(MAPS_MEMORY))
        .file("listings/fixtures/stored/Cargo.toml", stored)
        .chapter("one.md", "# One\n\n<!-- cmdrun -0 capture run stored -->\n");
    let record = book
        .start("capture", &["record", "stored"])
        .wait()
        .succeeded();
    let start = record.printed.find('{').expect("JSON");
    let book = book
        .file(
            "listings/fixtures/stored/record.json",
            &record.printed[start..],
        )
        .session("stored", "stored = true\nneeds = { kernel = \"99.0\" }\n");
    book.build().succeeded();
    assert!(
        book.read("book/one.html").contains("mapped: press Return"),
        "the record is shown"
    );
    let denied = book.start("xtask", &["build", "--deny-skips"]).wait();
    denied.failed().with("  `stored`: needs Linux 99.0");
}

#[test]
fn records_that_are_given_say_nothing_of_this_machine() {
    let book = book("skips-given").with("CAPTURE_RECORDS", "/nowhere");
    book.start("xtask", &["build", "--deny-skips"])
        .wait()
        .failed()
        .with("CAPTURE_RECORDS names the records in /nowhere; unset it");
}
