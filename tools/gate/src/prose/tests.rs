//! Chapters as a whole, and texts that are none.

use proptest::prelude::*;

use super::*;

/// The findings of one check, each as `PLACE: MESSAGE`, where the place is the
/// text from there to the end of its line.
pub fn told(check: impl Fn(&Structure) -> Vec<Fault>, chapter: &str) -> Vec<String> {
    let found = check(&Structure::of(chapter)).into_iter();
    found
        .map(|(at, message)| {
            let line = chapter[at..].lines().next().unwrap_or_default();
            format!("{line}: {message}")
        })
        .collect()
}

#[test]
fn findings_come_in_the_order_of_the_source() {
    let chapter = "# A\n\nThe color of it. See [it](http://man7.org/x).\n\n## A\n";
    let places: Vec<&str> = check(chapter, &Rules::default())
        .iter()
        .map(|(at, _)| &chapter[*at..at + 3])
        .collect();
    assert_eq!(places, ["col", "See", "[it", "## "]);
}

/// Pieces of Markdown, of markers and of what checks look for, in any order.
fn soup() -> impl Strategy<Value = String> {
    const PIECES: [&str; 40] = [
        "4 kB",
        "16-byte",
        "µs",
        "<!-- given -->",
        "<!-- claims a\nb == c\n-->",
        "<!-- claims A",
        "-->",
        "<!-- cmdrun -0 capture run x --expect 'a: b == c' -->",
        "{{#include x}}",
        "`",
        "```\n",
        "\n",
        "\n\n",
        "    ",
        "*",
        "**",
        "[",
        "](https://man7.org/linux/man-pages/man2/mmap.2.html)",
        "mmap(2)",
        "<https://docs.kernel.org/x>",
        "<aside aria-label='é'>",
        "</aside>",
        "<code>",
        "<pre>",
        "<a href=\"http://man7.org\">",
        "# ",
        "- ",
        "> [!NOTE]\n",
        "| a | b |\n|---|---|\n",
        "|",
        "[^1]",
        "[^1]: ",
        "e.g. ",
        ". The",
        "... It",
        "J. F. Ähm",
        "colour color",
        "\\",
        "&nbsp;",
        "\u{1a}\u{1b}\u{1d}",
    ];
    let piece = prop_oneof![
        4 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in soup()) {
        let (numbers, idle) = numbers::of(&Structure::of(&text));
        let found = check(&text, &Rules::default());
        for (at, why) in [found, idle, numbers::check(&numbers, &[], 4096)].concat() {
            prop_assert!(text.is_char_boundary(at), "{at}: {why}");
        }
    }
}
