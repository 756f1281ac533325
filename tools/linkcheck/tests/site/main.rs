//! Tiny books, one for each thing that can be wrong, and exactly what is said of it.

mod arbitrary;
mod excerpts;
mod links;
mod markup;
mod pages;

use std::fs;

type Files<'a> = &'a [(&'a str, &'a str)];

fn write(files: Files) -> tempfile::TempDir {
    let book = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = book.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    book
}

/// What is said about a book of these files.
fn check(files: Files) -> Vec<String> {
    let findings = linkcheck::check(write(files).path()).unwrap();
    findings.iter().map(ToString::to_string).collect()
}

/// Every way of linking that is right.
const GOOD: Files = &[
    (
        "index.html",
        "<link href=a.css><h1 id=top-of-it>x</h1><a href='guide/one.html#two%20words'>y</a>\
         <a href=guide/>z</a><a href=#top-of-it>t</a><a href=?x#top>u</a><a href=.>v</a>\
         <a href='https://example.org/x#y'>w</a><img src='a%20b.png'><img src=pic.svg#part>",
    ),
    (
        "guide/one.html",
        "<a name='two words' href=../index.html#top-of-it>x</a>",
    ),
    (
        "guide/index.html",
        "<a href=..>x</a><a href=./one.html#:~:text=x>y</a>",
    ),
    ("a.css", ""),
    ("a b.png", ""),
    ("pic.svg", ""),
];

#[test]
fn a_good_book_is_all_good() {
    assert_eq!(check(GOOD), [""; 0]);
}
