//! What must hold of any chapter.
//!
//! The tests below come with chapters that are nearly right, and tools/fuzz with
//! those that a fuzzer finds.

use pages::sections;

use crate::comment::Kind;
use crate::directive::{self, Task};
use crate::include::{self, File};
use crate::structure::Structure;

/// Comments are parts of the chapter, one after the other, and are read or refused;
/// blocks of code lie in the text, and become HTML that Markdown cannot take apart.
pub fn chapter(text: &str) {
    let structure = Structure::of(text);
    let mut done = 0;
    for comment in &structure.comments {
        let range = comment.range.clone();
        assert!(range.start >= done && range.end > range.start);
        done = range.end;
        let comment_text = &text[range];
        match comment.kind {
            Kind::Directive => match directive::read(comment_text, false) {
                Ok(Task::Capture { verb, .. }) => assert!(!verb.wants().is_empty()),
                Ok(Task::Command { command, .. }) => assert!(comment_text.contains(&command)),
                Err(why) => assert!(!why.is_empty()),
            },
            Kind::Claims => {
                if let Err((at, why)) = directive::claims(comment_text) {
                    assert!(!why.is_empty() && at <= comment_text.len());
                }
            }
            Kind::Given | Kind::Right | Kind::Below | Kind::Note => {}
        }
    }
    for (at, why) in &structure.faults {
        assert!(text.is_char_boundary(*at) && !why.is_empty());
    }
    let (includes, faults) = include::scan(text, |path| File {
        path: None,
        text: Ok(path.to_owned()),
    });
    for include in includes {
        assert!(text[include.range.clone()].contains(&include.path));
        assert!(!include.path.is_empty());
    }
    assert!(faults.iter().all(|(at, _)| text.is_char_boundary(*at)));
    for fence in &structure.fences {
        let code: String = fence.parts.iter().map(|part| &text[part.clone()]).collect();
        for line in pages::Language::Rust.lines(&code) {
            assert!(!line.contains(['\n', '\r', '{']), "{line:?}");
        }
    }
    for section in sections(text) {
        assert!(section.level <= 6);
    }
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
