//! The command: what it prints, and how it ends.

use std::path::Path;
use std::process::Command;

use crate::{GOOD, write};

fn run(dir: &Path) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_linkcheck"))
        .arg(dir)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn a_good_book_ends_well() {
    let expected = "linkcheck: 3 pages, 12 links, all good\n";
    assert_eq!(
        run(write(GOOD).path()),
        (Some(0), expected.into(), String::new())
    );
}

#[test]
fn all_findings_are_printed_by_page_and_line() {
    let book = write(&[
        ("b.html", "<p id=x><a href=/>\n<p id=x>\n<a href=#y>"),
        ("a.html", "{{#x}}"),
    ]);
    let (code, stdout, stderr) = run(book.path());
    assert_eq!((code, stderr.as_str()), (Some(1), ""));
    let places: Vec<_> = stdout
        .lines()
        .filter_map(|line| line.split(": ").next())
        .collect();
    assert_eq!(
        places,
        ["a.html:1", "b.html:1", "b.html:2", "b.html:3", "linkcheck"]
    );
    assert!(
        stdout.ends_with("linkcheck: 2 pages, 2 links, 4 problems\n"),
        "{stdout}"
    );
}

#[test]
fn a_folder_that_is_no_book_is_an_error() {
    let book = write(&[("a.txt", "")]);
    let dir = book.path().display();
    assert_eq!(
        run(book.path()),
        (
            Some(2),
            String::new(),
            format!("linkcheck: {dir} has no .html file; name the folder of a built book\n")
        )
    );
    let (code, _, stderr) = run(&book.path().join("none"));
    assert_eq!(
        (code, stderr),
        (
            Some(2),
            format!(
                "linkcheck: cannot read {dir}/none: No such file or directory (os error 2); \
             build the book first, or name its folder\n"
            )
        )
    );
}
