//! The gate: all that is wrong, in the order of the book, at the right lines.

use book_tests::{Book, MAPS_MEMORY, children_left, listing};

/// Six failures of six kinds in three chapters.
#[test]
fn all_failures_are_told_in_order() {
    let book = Book::named("six-failures")
        .listing("maps", &listing(MAPS_MEMORY))
        .listing(
            "dies",
            &listing("checkpoint(\"ready\"); std::process::abort();"),
        )
        .file("src/part.txt", "one\ntwo\nthree\nfour\n")
        .chapter(
            "zebra.md",
            "# Zebra\n\n```text\n{{#include part.txt}}\n```\n\n\
             <!-- cmdrun -0 capture run maps --expect 'Rss@touched == 2 pages' -->\n\n\
             <!-- cmdrun -0 capture run nobody -->\n",
        )
        .chapter(
            "ant.md",
            "# Ant\n\n```text\n{{#include part.txt}}\n```\n\n{{#include missing.txt}}\n\n\
             Text and <!-- cmdrun -0 echo out; echo no such moon >&2; exit 3 --> text.\n",
        )
        .chapter(
            "bee.md",
            "# Bee\n\n<!-- cmdrun -0 capture run dies -->\n\n\n<!-- cmdrun echo 1 -->\n",
        );
    book.has_an_old_book();
    let printed = book.build().failed().printed;
    let places = [
        "src/zebra.md:7: the claim `Rss@touched == 2 pages` does not hold\n  found: Rss@touched = 4 kB (1 page)\n",
        "src/zebra.md:9: no listing is named `nobody`; there are `dies`, `maps`\n",
        "src/ant.md:7: cannot include missing.txt: No such file or directory (os error 2); there are ",
        "src/ant.md:9: `echo out; echo no such moon >&2; exit 3` ended with exit status 3 instead of 0:\nno such moon\n",
        "src/bee.md:3: the listing `dies` ended with signal SIGABRT instead of exit status 0, after the checkpoint `ready`",
        "src/bee.md:6: the directive `echo 1` does not say which exit status is right",
        "6 failures; the book was not built",
    ];
    let mut from = 0;
    for place in places {
        let at = printed[from..].find(place);
        from += at.unwrap_or_else(|| panic!("missing or out of order: {place}\n{printed}"));
    }
    assert!(book.kept_the_old_book());
    assert_eq!(book.left_beside(), [""; 0]);
    assert_eq!(children_left(), [""; 0]);
}

/// Each way in which mdBook would publish a broken book without a word.
#[test]
fn what_mdbook_passes_over_is_told() {
    let broken = [
        (
            "anchor",
            "# One\n\n```text\n{{#include part.txt:tow}}\n```\n",
            "src/one.md:4: part.txt has no anchor `tow`, which begins with a line `// ANCHOR: tow`; did you mean `two`?",
        ),
        (
            "unresolved",
            "# One\n\nWell, {{#inclide part.txt}} it is.\n",
            "src/one.md:3: `{{#inclide part.txt}}` is no directive of mdBook; did you mean `include`?",
        ),
        (
            "over-lines",
            "# One\n\n<!-- cmdrun -0 echo\n1 -->\n",
            "src/one.md:3: a directive must end with `-->` on the line on which it begins",
        ),
        (
            "in-code",
            "# One\n\n```console\n<!-- cmdrun -0 capture run maps -->\n```\n",
            "src/one.md:4: an excerpt is HTML and would be shown as text in a code block",
        ),
        (
            "included-directive",
            "# One\n\n{{#include directive.txt}}\n",
            "src/one.md:3: directive.txt holds a comment; comments and directives stand in the chapter itself",
        ),
    ];
    for (name, chapter, told) in broken {
        let book = Book::named(&format!("passed-over-{name}"))
            .listing("maps", &listing(MAPS_MEMORY))
            .file("src/part.txt", "ANCHOR: two\ntwo\nANCHOR_END: two\n")
            .file("src/directive.txt", "<!-- cmdrun -0 echo 1 -->\n")
            .chapter("one.md", chapter);
        for build in [Book::build, Book::build_with_mdbook] {
            book.has_an_old_book();
            build(&book).failed().with(told);
            assert!(book.kept_the_old_book(), "{name}");
        }
    }
}

#[test]
fn a_dead_link_is_told_at_the_chapters_line() {
    let book = Book::named("dead-links")
        .chapter(
            "one.md",
            "# One\n\nSee [two](two.md#sub).\n\nSee [three](tree.md).\n",
        )
        .chapter("two.md", "# Two\n\n## Subs\n");
    book.has_an_old_book();
    let printed = book.build().failed().printed;
    for told in [
        "src/one.md:3: <a href=\"two.html#sub\"> leads to \"#sub\"",
        "did you mean `subs`?",
        "src/one.md:5: <a href=\"tree.html\"> leads to \"tree.html\"",
        "2 failures",
    ] {
        assert!(printed.contains(told), "{told}\n{printed}");
    }
    assert!(book.kept_the_old_book());
}

#[test]
fn a_chapter_file_that_no_summary_names_is_told() {
    let book = Book::named("stray-chapter")
        .chapter("one.md", "# One\n")
        .file("src/deep/forgotten.md", "# Forgotten\n");
    book.build()
        .failed()
        .with("src/deep/forgotten.md: src/SUMMARY.md does not name this file");
}

#[test]
fn a_missing_chapter_is_not_made_up() {
    let book = Book::named("missing-chapter").chapter("one.md", "# One\n");
    book.write("src/SUMMARY.md", "- [One](one.md)\n- [Two](two.md)\n");
    book.build().failed().with("two.md");
    assert!(!book.path("src/two.md").exists());
}

#[test]
fn a_callout_must_be_explained() {
    let book = Book::named("unexplained-callout")
        .listing("maps", &listing(&format!("// (1)\n{MAPS_MEMORY}// (2)\n")))
        .chapter(
            "one.md",
            "# One\n\n```rust\n{{#include ../listings/fixtures/maps/src/main.rs}}\n```\n\n1. Only one.\n",
        );
    book.build().failed().with(
        "src/one.md:4: listings/fixtures/maps/src/main.rs: it shows 2 callouts, and the numbered list directly below explains 1",
    );
}
