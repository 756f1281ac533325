//! What is wrong with a page by itself.

use std::fs;

use crate::{check, write};

#[test]
fn duplicate_id() {
    assert_eq!(
        check(&[("a.html", "<h2 id=x>\n\n<h2 id=x>")]),
        ["a.html:3: the id \"x\" already stands on line 1; rename one of the two"]
    );
}

#[test]
fn directive_left_over() {
    assert_eq!(
        check(&[("a.html", "<p>\n<!-- cmdrun -0 echo x -->")]),
        [
            "a.html:2: \"<!-- cmdrun -0 echo x -->\" was never run; put it on one line, outside of \
          a code block, and see that the preprocessor cmdrun is on"
        ]
    );
}

#[test]
fn helper_left_over() {
    assert_eq!(
        check(&[("a.html", "<p>\n\n{{#include gone.rs}}</p>")]),
        ["a.html:3: \"{{#include gone.rs}}\" was not resolved; correct its name, file or anchor"]
    );
}

#[test]
fn command_error_left_over() {
    assert_eq!(
        check(&[(
            "a.html",
            "<strong>cmdrun error</strong>: 'false' returned 1"
        )]),
        ["a.html:1: \"cmdrun error\" says that a command failed; run it by hand"]
    );
}

#[test]
fn not_utf8() {
    let book = write(&[("a.html", "")]);
    fs::write(book.path().join("a.html"), b"\n\n\xff").unwrap();
    let findings = linkcheck::check(book.path()).unwrap();
    assert_eq!(
        findings[0].to_string(),
        "a.html:3: the page is not UTF-8; save its source as UTF-8"
    );
}
