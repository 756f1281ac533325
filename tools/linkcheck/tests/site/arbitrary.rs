//! Whatever bytes a page has, it is read to its end.

use std::fs;
use std::path::Path;

use linkcheck::{Excerpt, Expected};
use proptest::prelude::*;

use crate::write;

/// Pieces that lead the tokenizer and the address parser into their corners.
fn html() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..8),
        prop::sample::select(vec![
            "<",
            "<a href=",
            "<base href=",
            "<p id=",
            "'",
            "\"",
            ">",
            "/>",
            "</",
            "<svg",
            "</svg>",
            "<script>",
            "</script>",
            "<title>",
            "<!--",
            "-->",
            " cmdrun ",
            "<![CDATA[",
            "]]>",
            "{{",
            "#",
            "%",
            "%e",
            "?",
            "..",
            "/",
            "//",
            ":",
            "[",
            "@",
            "http:",
            "mailto:",
            "\r\n",
            "<img srcset=",
            ",",
            "<meta http-equiv=refresh content=",
            "url=",
            "&lt",
            "&#x",
            "\0",
            "**cmdrun error**",
            "<main>",
            "</main>",
            "<figure class=steps>",
            "</figure>",
            "<details />",
            "<p hidden>",
            "</p>",
            "<h1>",
            "<plaintext>",
            "<strong>",
            "cmdrun error",
            "\u{feff}",
            "é",
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_page_makes_it_panic(a in html(), b in prop::collection::vec(any::<u8>(), 0..400)) {
        let lines = a.split(|&byte| byte == b'\n' || byte == b'\r').count() as u64;
        let book = write(&[]);
        fs::write(book.path().join("a.html"), a).unwrap();
        fs::write(book.path().join("b.html"), b).unwrap();
        let excerpts = ["<figure class=steps>", "<svg>", "é"].map(|text| Excerpt {
            file: "src/a.md".into(),
            line: 1,
            html: text.into(),
        });
        let expected = [Expected { page: "a.html".into(), excerpts: excerpts.into() }];
        for finding in linkcheck::report(book.path(), &expected, &linkcheck::Memo::default()).unwrap().findings {
            prop_assert!(finding.line >= 1, "{finding}");
            prop_assert!(finding.page != Path::new("a.html") || finding.line <= lines);
            prop_assert!(!finding.to_string().is_empty());
        }
    }
}

/// Found by chance.
#[test]
fn a_line_feed_behind_a_lone_bracket_is_counted_once() {
    let book = write(&[]);
    fs::write(book.path().join("a.html"), "<\n**cmdrun error**").unwrap();
    let found = linkcheck::check(book.path()).unwrap();
    assert_eq!(found[0].line, 2);
}

#[test]
fn very_long_names_are_not_compared() {
    let book = write(&[]);
    let (id, other) = ("a".repeat(1 << 20), "a".repeat((1 << 20) + 1));
    let page = format!("<p id={id}><a href=#{other}>x</a><a href={other}.html>y</a>");
    fs::write(book.path().join("a.html"), page).unwrap();
    assert_eq!(linkcheck::check(book.path()).unwrap().len(), 2);
}
