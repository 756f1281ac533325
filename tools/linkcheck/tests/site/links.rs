//! Links that lead nowhere, and links that only seem to.

use crate::{check, write};

#[test]
fn missing_file() {
    let page = "<p>\n<img\n src=\"pic.png\">";
    assert_eq!(
        check(&[("a.html", page)]),
        [
            "a.html:3: <img src=\"pic.png\"> leads to \"pic.png\", which the book does not have; \
          add that file, or correct the link"
        ]
    );
}

#[test]
fn mistyped_file() {
    let page = "<a href=\"../part/chaper.html#x\">";
    assert_eq!(
        check(&[("part/a.html", page), ("part/chapter.html", "")]),
        [
            "part/a.html:1: <a href=\"../part/chaper.html#x\"> leads to \"part/chaper.html\", \
          which the book does not have; did you mean `part/chapter.html` or `part/a.html`?"
        ]
    );
}

#[test]
fn moved_file() {
    let page = "<a href=\"b.html\">";
    assert_eq!(
        check(&[("a.html", page), ("some/far/away/folder/b.html", "")]),
        [
            "a.html:1: <a href=\"b.html\"> leads to \"b.html\", which the book does not have; \
          did you mean `some/far/away/folder/b.html`?"
        ]
    );
}

#[test]
fn missing_fragment() {
    assert_eq!(
        check(&[
            ("a.html", "<a href=\"b.html#nowhere\">"),
            ("b.html", "<p id=x>")
        ]),
        [
            "a.html:1: <a href=\"b.html#nowhere\"> leads to \"#nowhere\", which \"b.html\" \
          does not have; give a heading that id, or correct the link"
        ]
    );
}

#[test]
fn mistyped_fragment() {
    assert_eq!(
        check(&[("a.html", "<a href=\"#sumary\"><h2 id=summary>")]),
        [
            "a.html:1: <a href=\"#sumary\"> leads to \"#sumary\", which \"a.html\" does not have; \
          did you mean `summary`?"
        ]
    );
}

#[test]
fn folder_without_index() {
    assert_eq!(
        check(&[("a.html", "<a href=\"part\">"), ("part/b.html", "")]),
        [
            "a.html:1: <a href=\"part\"> leads to the folder \"part\", which has no index.html; \
          link to a page in it"
        ]
    );
}

#[test]
fn outside_of_the_book() {
    assert_eq!(
        check(&[("part/a.html", "<a href=\"../../Cargo.toml\">")]),
        [
            "part/a.html:1: <a href=\"../../Cargo.toml\"> leads out of the book; \
          copy what it means into the book, or link to it by https"
        ]
    );
}

#[test]
fn absolute_path() {
    assert_eq!(
        check(&[("a.html", "<form action=\"/search\">")]),
        [
            "a.html:1: <form action=\"/search\"> is an absolute path, which breaks when the book \
          lives in a subfolder; write it relative to this page"
        ]
    );
}

#[test]
fn file_of_a_machine() {
    assert_eq!(
        check(&[("a.html", "<a href=\"file:///proc/self/maps\">")]),
        [
            "a.html:1: <a href=\"file:///proc/self/maps\"> is a file of the author's machine; \
          copy it into the book and link to the copy"
        ]
    );
}

#[test]
fn forbidden_scheme() {
    assert_eq!(
        check(&[("a.html", "<a href=\"javascript:void(0)\">")]),
        [
            "a.html:1: <a href=\"javascript:void(0)\"> has the scheme \"javascript:\"; \
          use http, https, mailto or data"
        ]
    );
}

#[test]
fn broken_encoding() {
    assert_eq!(
        check(&[("a.html", "<a href=\"100%.html\">")]),
        [
            "a.html:1: <a href=\"100%.html\"> is not valid percent-encoding of UTF-8; \
          write %25 for a plain %"
        ]
    );
}

#[test]
fn malformed_address_elsewhere() {
    assert_eq!(
        check(&[("a.html", "<a href=\"https:///man2/mmap.2.html\">")]),
        [
            "a.html:1: <a href=\"https:///man2/mmap.2.html\"> is not a well-formed address: \
          write it such as https://example.org/page"
        ]
    );
}

#[test]
fn empty_address() {
    assert_eq!(
        check(&[("a.html", "<a href=\"\">")]),
        ["a.html:1: <a href=\"\"> is empty; say where it leads, or remove the attribute"]
    );
}

#[test]
fn the_base_of_404_is_the_folder_of_the_book() {
    let page = "<base href=\"/sub/\"><h1 id=x><a href=#x></a><a href=b.html></a><a href=c.html>";
    assert_eq!(
        check(&[("404.html", page), ("b.html", "")]),
        [
            "404.html:1: <a href=\"c.html\"> leads to \"c.html\", which the book does not have; \
          did you mean `b.html` or `404.html`?"
        ]
    );
}

#[test]
fn a_link_to_a_folder_is_a_link_to_its_index() {
    assert_eq!(
        check(&[
            ("a.html", "<a href=\"part/#y\">"),
            ("part/index.html", "<p id=x>")
        ]),
        [
            "a.html:1: <a href=\"part/#y\"> leads to \"#y\", which \"part/index.html\" does not \
          have; give a heading that id, or correct the link"
        ]
    );
}

#[test]
fn linked_folders_are_not_followed() {
    let book = write(&[
        ("a.html", "<a href=real.txt></a><a href=loop/a.html>"),
        ("b.txt", ""),
    ]);
    std::os::unix::fs::symlink(".", book.path().join("loop")).unwrap();
    std::os::unix::fs::symlink("b.txt", book.path().join("real.txt")).unwrap();
    let findings = linkcheck::check(book.path()).unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].to_string().contains("\"loop/a.html\""));
}
