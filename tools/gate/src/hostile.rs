//! What must hold of any chapter.
//!
//! The tests below come with chapters that are nearly right, and tools/fuzz with
//! those that a fuzzer finds.

use crate::page::Kind;
use crate::{code, directive, include, listing, page};
use pages::sections;

/// Directives are parts of the chapter, one after the other, and are read or
/// refused; code becomes HTML that Markdown cannot take apart.
pub fn chapter(text: &str) {
    let mut done = 0;
    for found in directive::scan(text) {
        let directive = match found {
            Ok(directive) => directive,
            Err(malformed) => {
                assert!(malformed.at >= done && text.is_char_boundary(malformed.at));
                continue;
            }
        };
        let range = directive.range.clone();
        assert!(range.start >= done && range.end > range.start);
        done = range.end;
        assert!(text[range].contains(&directive.text));
        assert!(!directive.text.contains('\n'));
        match page::read(&directive, false) {
            Ok(Kind::Capture(verb)) => assert!(!verb.wants().is_empty()),
            Ok(Kind::Command { command, .. }) => assert!(directive.text.ends_with(&command)),
            Err(why) => assert!(!why.is_empty()),
        }
    }
    for include in include::scan(text) {
        assert!(text[include.range.clone()].contains(&include.path));
        assert!(!include.path.is_empty());
    }
    for block in code::blocks(text) {
        if let Some(html) = code::element(&block) {
            assert!(!html.contains(['\n', '\r', '{']), "{html:?}");
        }
    }
    code::highlight(text);
    for section in sections(text) {
        assert!(text.is_char_boundary(section.end));
    }
    assert_eq!(
        listing::frame(text, &[], "", None),
        (text.to_owned(), Vec::new())
    );
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    /// Pieces of chapters, and what may slip into one.
    const PIECES: &[&str] = &[
        "<!-- cmdrun -0 capture run x -->",
        "<!-- cmdrun -0 echo a -->\n",
        "<!--cmdrun",
        "<!-- \tcmdrun --strict ",
        " --expect-return-code 3 ",
        "-0 capture show x --at y -- 'sed -n \"/^$memory-/p\"'",
        "capture value x Rss --at y --expect 'Rss == 1 page'",
        " --> ",
        "--",
        "-->",
        "\\{{#include a.rs}}",
        "{{#include ../a/main.rs:steps}}",
        "{{ #rustdoc_include a.rs:1:2 }}",
        "{{#",
        "}}",
        "```rust\n",
        "```console\n$ ",
        "~~~\n",
        "    ",
        "> ",
        "1. ",
        "# A {#field-a}\n",
        "# ",
        "\n",
        "\n\n",
        "\r",
        "\r\n",
        "\0",
        "'",
        "\"",
        "`",
        "\\",
        "{",
        "<b>",
        "&",
        "é",
        "\u{202e}",
        "\u{2028}",
        "\u{85}",
    ];

    fn chapter() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            8 => prop::sample::select(PIECES).prop_map(str::to_owned),
            1 => any::<String>(),
        ];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

        #[test]
        fn any_chapter(text in chapter()) {
            super::chapter(&text);
        }
    }

    #[test]
    fn what_is_very_long_is_read_to_its_end() {
        for piece in [
            "<!-- cmdrun ",
            "<!-- cmdrun -0 echo --> ",
            "<!-- cmdrun -0 'x",
            "{{#include x",
            "`",
            "> ",
            "```rust\n",
        ] {
            super::chapter(&piece.repeat(4_000));
        }
    }
}
