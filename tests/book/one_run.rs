//! One session per listing and build, and what is shown is what was run.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use book_tests::{Book, COUNTS_STARTS, MAPS_MEMORY, captured, listing};

/// Excerpts of one listing in two chapters, of every kind.
fn counting(name: &str) -> Book {
    let book = Book::named(name);
    let starts = book.path("starts");
    let _ = fs::remove_file(&starts);
    book.listing("counts", &listing(COUNTS_STARTS))
        .session("counts", &format!("arguments = [{:?}]\n", starts.to_string_lossy()))
        .chapter(
            "one.md",
            "# One\n\n<!-- cmdrun -0 capture run counts -->\n\nIt is <!-- cmdrun -0 capture value counts pid --at started -->.\n",
        )
        .chapter(
            "two.md",
            "# Two\n\n<!-- cmdrun -0 capture show counts --at started -- 'readlink /proc/$PID/exe | wc -l' -->\n\n\
             <!-- cmdrun -0 capture run counts --until started -->\n\n\
             <!-- cmdrun -0 capture value counts pid --at started | tr -d '\\n' -->\n",
        )
}

fn starts(book: &Book) -> usize {
    book.read("starts").lines().count()
}

#[test]
fn xtask_starts_a_listing_once() {
    let book = counting("starts-xtask");
    // The last directive of the book is a shell's own business, through PATH.
    book.write(
        "src/two.md",
        &book
            .read("src/two.md")
            .replace("-0 capture value", "-0 env capture value")
            .replace("| tr", "| sed 's/<[^>]*>//g' | tr"),
    );
    book.build().succeeded();
    assert_eq!(starts(&book), 1);
    let pid = book.read("starts").trim().to_owned();
    for page in ["one.html", "two.html"] {
        let html = book.read(&format!("book/{page}"));
        assert!(
            html.contains(&format!("process id {pid}")),
            "{page} is of another run"
        );
    }
    assert!(
        book.read("book/two.html")
            .contains(&format!("<p>{pid}</p>"))
    );
}

#[test]
fn plain_mdbook_starts_a_listing_once() {
    let book = counting("starts-mdbook");
    book.write(
        "src/two.md",
        &book
            .read("src/two.md")
            .replace("-0 capture value", "-0 env capture value"),
    );
    book.build_with_mdbook().succeeded();
    assert_eq!(starts(&book), 1);
}

#[test]
fn a_shell_operator_outside_quotes_is_refused() {
    let book = counting("operator-outside-quotes");
    book.build().failed().with(
        "src/two.md:7: `|` stands outside quotes in `capture value counts pid --at started | tr -d '\\n'`",
    );
    assert_eq!(starts(&book), 1);
}

/// The shown command was run, then, by the shell that a reader has: with a
/// `grep` first on PATH that shouts.
#[test]
fn the_command_shown_is_the_command_run() {
    let book = Book::named("shouting-grep")
        .listing("maps", &listing(MAPS_MEMORY))
        .file("bin/grep", "#!/bin/sh\n/usr/bin/env -i PATH=/usr/bin:/bin grep \"$@\" | tr a-z A-Z\n")
        .chapter(
            "one.md",
            "# One\n\n<!-- cmdrun -0 capture show maps --at touched -- 'grep VmSize /proc/$PID/status' -->\n",
        );
    let grep = book.path("bin/grep");
    fs::set_permissions(&grep, fs::Permissions::from_mode(0o755)).expect("made executable");
    let path = std::env::var("PATH").unwrap_or_default();
    let folder = book.path("bin");
    let book = book.with("PATH", &format!("{}:{path}", folder.display()));
    book.build().succeeded();
    let shown = captured(&book.read("book/one.html"));
    assert!(shown[0].contains("VMSIZE:"), "{shown:?}");
}

#[test]
fn a_listing_that_no_chapter_shows_is_told() {
    Book::named("unshown")
        .listing("counts", &listing(COUNTS_STARTS))
        .chapter("one.md", "# One\n\nNothing.\n")
        .build()
        .succeeded()
        .with("note: no chapter shows `counts`, so it is not run");
}
