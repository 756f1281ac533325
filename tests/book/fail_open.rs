//! What is wrong must fail: no word of a chapter switches a check off, or vanishes,
//! in silence.
//!
//! A table of inputs, by kind. Each is a chapter of one book, so that one build
//! tells of them all, each at its line. Beside them stand controls, nearly the same,
//! that must build.

use std::collections::BTreeMap;

use book_tests::{Book, MAPS_MEMORY, listing};

/// A chapter below its title, the line that is told, and words of what is told.
type Wrong = (&'static str, usize, &'static str);

/// Maps memory, and prints values of several kinds.
fn book(name: &str) -> Book {
    let more = r#"
    println!("length = 16 KiB");
    println!("cost = 1220 ns");
    println!("things = 3 widgets");
    println!("outcome = EACCES");
    println!("faults = 64");
"#;
    Book::named(name)
        .listing("one", &listing(&format!("{MAPS_MEMORY}{more}")))
        .listing(
            "callouts",
            "fn main() {\n    // (1)\n    println!(\"a\");\n}\n",
        )
        .listing("trailing", "fn main() {\n    println!(\"a\"); // (1)\n}\n")
        .listing("narrow", "fn main() {}\n")
        .session(
            "narrow",
            "needs = { architecture = \"s390x\", kernel = \"6.7\" }",
        )
        .file("src/part.txt", "One.\nTwo.\n")
        .file("src/comment.txt", "One. <!-- cmdrun -0 echo a -->\n")
        .file("src/open.txt", "One <details>.\n")
        .file("src/again.txt", "{{#include part.txt}}\n")
}

/// A capture, so that there is something to lose.
const CAPTURE: &str = "<!-- cmdrun -0 capture run one -->";

/// Builds one book of all of them, and compares what is told of each.
#[track_caller]
fn each_is_told(name: &str, table: &[Wrong]) {
    let mut book = book(name);
    for (number, (text, ..)) in table.iter().enumerate() {
        book = book.chapter(
            &format!("c{number}.md"),
            &format!("# Chapter {number}\n\n{text}\n"),
        );
    }
    book.has_an_old_book();
    let finished = book.build().failed();
    let mut missed = Vec::new();
    for (number, (text, line, words)) in table.iter().enumerate() {
        let place = format!("src/c{number}.md:{line}");
        let told = finished.printed.split("\n\n").any(|paragraph| {
            paragraph.contains(words) && (names(paragraph, &place) || names_all(paragraph, table))
        });
        if !told {
            let all = finished
                .printed
                .lines()
                .filter(|line| line.contains(&format!("src/c{number}.md")));
            let all: Vec<&str> = all.collect();
            missed.push(format!(
                "{text:?}\n  wanted {place}: {words}\n  told {all:?}"
            ));
        }
    }
    assert!(
        missed.is_empty(),
        "{}\n\n{}",
        missed.join("\n"),
        finished.printed
    );
    assert!(book.kept_the_old_book());
}

/// Whether a failure is told at that place.
fn names(paragraph: &str, place: &str) -> bool {
    let mut rest = paragraph.match_indices(place);
    rest.any(|(at, _)| {
        let after = paragraph[at + place.len()..].chars().next();
        after.is_some_and(|c| matches!(c, ':' | ',' | ')' | ' '))
    })
}

/// Whether one failure stands for so many places that it only counts them, and
/// counts as many as there are.
fn names_all(paragraph: &str, table: &[Wrong]) -> bool {
    let more = paragraph
        .split_once(" more)")
        .and_then(|(before, _)| before.rsplit(' ').next()?.parse::<usize>().ok());
    let first = paragraph
        .trim_start()
        .split("\n  (also")
        .next()
        .unwrap_or_default();
    let alike = table
        .iter()
        .filter(|(_, _, words)| first.contains(words))
        .count();
    more.is_some_and(|more| more + 2 == alike)
}

#[test]
fn comments_that_hide_the_rest() {
    each_is_told(
        "open-comments",
        &[
            ("<!-- todo\n\nText.", 3, "this comment does not end"),
            (
                "<!-- todo\n\n<!-- cmdrun -0 capture run one -->",
                3,
                "holds `<!--` before it ends",
            ),
            (
                "Text <!-- todo\n\nMore text.",
                3,
                "this comment does not end",
            ),
            ("- a\n- b <!-- c\n", 4, "this comment does not end"),
            ("> <!-- quoted\n", 3, "this comment does not end"),
            ("<!-- one --!> Text. <!-- two -->", 3, "holds `--!>`"),
            (
                "<!--> Text. <!-- two -->",
                3,
                "a browser ends this comment elsewhere",
            ),
            (
                "<!---> Text. -->",
                3,
                "a browser ends this comment elsewhere",
            ),
            (
                "<!-- cmdrun -0 capture run one",
                3,
                "this directive does not end",
            ),
            (
                "<!-- cmdrun -0 capture run one\n-->",
                3,
                "on the line on which it begins",
            ),
            (
                "| a |\n|---|\n| b <!-- c |\n",
                5,
                "this comment does not end",
            ),
            (
                "<!-- claims one\nRss@touched == 1 page\n",
                3,
                "this comment does not end",
            ),
        ],
    );
}

#[test]
fn html_that_hides_words() {
    each_is_told(
        "hiding-html",
        &[
            (
                "<template>\n\nText.\n\n</template>",
                3,
                "no element `template`",
            ),
            (
                "<style>\np { display: none }\n</style>",
                3,
                "no element `style`",
            ),
            ("<script>\nlet a;\n</script>", 3, "no element `script`"),
            ("<noscript>Text.</noscript>", 3, "no element `noscript`"),
            ("<textarea>\nText.\n</textarea>", 3, "no element `textarea`"),
            ("<object>Text.</object>", 3, "no element `object`"),
            ("Text <title>more</title>.", 3, "no element `title`"),
            ("<dialog>\n\nText.\n\n</dialog>", 3, "no element `dialog`"),
            ("<x-hidden>Text.</x-hidden>", 3, "no element `x-hidden`"),
            ("<p hidden>Text.</p>", 3, "the attribute `hidden`"),
            (
                "<p HIDDEN='until-found'>Text.</p>",
                3,
                "the attribute `hidden`",
            ),
            (
                "<p style=\"display:none\">Text.</p>",
                3,
                "the attribute `style`",
            ),
            ("<div inert>\n\nText.\n\n</div>", 3, "the attribute `inert`"),
            (
                "Text <span aria-hidden=\"true\">more</span>.",
                3,
                "the attribute `aria-hidden`",
            ),
            (
                "<div onclick=\"x\">Text.</div>",
                3,
                "the attribute `onclick`",
            ),
            (
                "Text <b class=\"visually-hidden\">more</b>.",
                3,
                "is seen by nobody",
            ),
            ("<? echo ?>", 3, "begins no whole tag"),
            ("<!DOCTYPE x>", 3, "begins no whole tag"),
            ("<![CDATA[ Text. ]]>", 3, "begins no whole tag"),
            ("<div\n\nclass=\"x\">Text.</div>", 3, "begins no whole tag"),
            (
                "## Two {.visually-hidden}\n\nText.",
                3,
                "a heading has an id in braces",
            ),
            (
                "## Two {hidden}\n\nText.",
                3,
                "a heading has an id in braces",
            ),
        ],
    );
}

#[test]
fn tags_left_open_or_closed_twice() {
    each_is_told(
        "open-tags",
        &[
            (
                "<details>\n<summary>A</summary>\n\nText.\n",
                3,
                "`<details>` is not closed",
            ),
            (
                "<details>\n<summary>A\n\nText.\n\n</details>",
                8,
                "`<summary>` of line 4 is open",
            ),
            (
                "<aside role=\"note\" aria-label=\"a\">\n\nText.\n",
                3,
                "`<aside>` is not closed",
            ),
            ("Text <b>more.\n\nText.\n", 3, "`<b>` is not closed"),
            (
                "<div>\n\n</div>\n</div>\n",
                6,
                "`</div>` closes no element: none is open",
            ),
            (
                "</details>\n",
                3,
                "`</details>` closes no element: none is open",
            ),
            ("Text <b>a</i></b>.\n", 3, "`</i>` closes no element here"),
            (
                "<p><div>Text.</p></div>\n",
                3,
                "`</p>` closes no element here",
            ),
            ("<div/>\n\nText.\n", 3, "does not close itself"),
            (
                "<details>\n<details>\n\nText.\n\n</details>\n",
                3,
                "`<details>` is not closed",
            ),
        ],
    );
}

#[test]
fn markdown_that_shows_nothing() {
    each_is_told(
        "unshown-markdown",
        &[
            (
                "Text.\n\n[^1]: A note that nobody calls.\n",
                5,
                "no text refers to this footnote",
            ),
            (
                "Text[^a].\n\n[^a]: One.\n\n[^a]: Two.\n",
                7,
                "defined a second time",
            ),
            (
                "Text[^b].\n\n[^b]: One.\n\n[^c]: Two.\n",
                7,
                "no text refers to this footnote",
            ),
            (
                "[//]: # (A comment.)\n\nText.\n",
                3,
                "shows nothing by itself",
            ),
            (
                "Text [a][b].\n\n[b]: https://example.org\n",
                5,
                "shows nothing by itself",
            ),
            ("[x]: y 'Words.'\n\nText.\n", 3, "shows nothing by itself"),
            (
                "| a | b |\n|---|---|\n| 1 | 2 | lost |\n",
                5,
                "more cells than its head",
            ),
            (
                "| a |\n|---|\n| 1 |\n| x \\| y | lost |\n",
                6,
                "more cells than its head",
            ),
            (
                "| a | b |\n|---|---|\n1 | 2 | 3\n",
                5,
                "more cells than its head",
            ),
        ],
    );
}

#[test]
fn words_that_are_nearly_a_directive() {
    each_is_told(
        "mistyped-words",
        &[
            (
                "<!-- cmdrun -0 capture run one --expect 'Rss@touched == 1 page' --expect 'Rss@mapped == 0 kB' --expect 'Size@touched == 16384 kB' --expect 'Size@mapped == 16384 kB' --expect 'Private_Dirty@mapped == 0 kB' -->",
                3,
                "nobody reads more than 200",
            ),
            (
                "<!-- cmdrn -0 capture run one -->",
                3,
                "did you mean `cmdrun`?",
            ),
            (
                "<!-- Cmdrun -0 capture run one -->",
                3,
                "did you mean `cmdrun`?",
            ),
            (
                "<!-- CMDRUN -0 capture run one -->",
                3,
                "did you mean `cmdrun`?",
            ),
            (
                "<!-- cmdrun-0 capture run one -->",
                3,
                "did you mean `cmdrun`?",
            ),
            (
                "<!-- cmd run -0 capture run one -->",
                3,
                "did you mean `cmdrun`?",
            ),
            (
                "Text <!-- cmdrum -0 echo a --> more.",
                3,
                "did you mean `cmdrun`?",
            ),
            ("<!-- capture run one -->", 3, "holds a directive's words"),
            (
                "<!-- off: cmdrun -0 echo a -->",
                3,
                "holds a directive's words",
            ),
            (
                "<!-- claim one\nRss@touched == 1 page\n-->",
                3,
                "did you mean `claims`?",
            ),
            (
                "<!-- Claims one\nRss@touched == 1 page\n-->",
                3,
                "did you mean `claims`?",
            ),
            (
                "<!-- cliams one\nRss@touched == 1 page\n-->",
                3,
                "did you mean `claims`?",
            ),
            (
                "  <!-- claims one\nRss@touched == 1 page\n-->",
                3,
                "begins at the start of one",
            ),
            (
                "Text <!-- claims one\nRss@touched == 1 page\n-->",
                3,
                "begins at the start of one",
            ),
            ("It is 4 kB. <!-- givn -->", 3, "did you mean `given`?"),
            ("It is 4 kB. <!-- Given -->", 3, "did you mean `given`?"),
            (
                "It is 4 kB. <!-- given by all -->",
                3,
                "did you mean `given`?",
            ),
            (
                "<!-- cmdrun echo a -->",
                3,
                "does not say which exit status is right",
            ),
            (
                "<!-- cmdrun -0capture run one -->",
                3,
                "does not say which exit status is right",
            ),
            ("{{#inclde part.txt}}", 3, "did you mean `include`?"),
            ("{{# rustdoc_include part.txt}}", 3, "is mdBook's"),
            ("{{#include part.txt", 3, "does not end on its line"),
            ("{{#playground part.txt}}", 3, "is mdBook's"),
            ("{{#include}}", 3, "names no file"),
            (
                "```rsut\nlet a;\n```",
                3,
                "no language `rsut`; did you mean `rust`?",
            ),
            (
                "```rust,hidden\nlet a;\n```",
                3,
                "`hidden` behind the language",
            ),
        ],
    );
}

#[test]
fn words_of_a_directive_that_do_not_exist() {
    each_is_told(
        "unknown-words",
        &[
            (
                "<!-- cmdrun -0 capture show one --at touched --mark 'Rss' -- 'grep -m1 Rss /proc/$PID/smaps' -->",
                3,
                "write WORD=NOTE",
            ),
            (
                "<!-- cmdrun -0 capture show one --at touched --mark 'Rss=a;rss=b' -- 'grep -m1 Rss /proc/$PID/smaps' -->",
                3,
                "begins with `rss`, which --mark asks for",
            ),
            (
                "<!-- claims one --of memroy\nfaults@end == 64\n-->",
                3,
                "no address named `memroy`; did you mean `memory`?",
            ),
            (
                "<!-- claims one --at touch\nfaults@end == 64\n-->",
                3,
                "no checkpoint `touch`; did you mean `touched`?",
            ),
            (
                "<!-- cmdrun -0 capture value one Rss@touched --at mappt -->",
                3,
                "no checkpoint `mappt`",
            ),
            (
                "<!-- cmdrun -0 capture show one --at touched:kid -- 'echo a' -->",
                3,
                "has no process `kid`",
            ),
            (
                "<!-- cmdrun -0 capture claim one -->",
                3,
                "has no verb `claim`; did you mean `claims`?",
            ),
            (
                "<!-- cmdrun -0 capture drow plot one -->",
                3,
                "has no verb `drow`; did you mean `draw`?",
            ),
            (
                "<!-- cmdrun -0 capture draw polt one -->",
                3,
                "has no picture `polt`; did you mean `plot`?",
            ),
            (
                "<!-- cmdrun -0 capture run oen -->",
                3,
                "no listing is named `oen`; did you mean `one`?",
            ),
            (
                "<!-- claims oen\nRss@touched == 1 page\n-->",
                3,
                "no listing is named `oen`",
            ),
            (
                "<!-- cmdrun -0 capture value one Rss@touch -->",
                3,
                "no checkpoint `touch`; did you mean `touched`?",
            ),
            (
                "<!-- cmdrun -0 capture value one Rss@touched:child -->",
                3,
                "has no process `child`",
            ),
            (
                "<!-- cmdrun -0 capture value one Rsss@touched -->",
                3,
                "no field is named `Rsss`",
            ),
            (
                "<!-- cmdrun -0 capture value one rss@touched -->",
                3,
                "no field is named `rss`",
            ),
            (
                "<!-- cmdrun -0 capture value one Rss@touched --of memroy -->",
                3,
                "no address named `memroy`",
            ),
            (
                "<!-- cmdrun -0 capture value one Rss@touched --in kb -->",
                3,
                "`kb` is no unit",
            ),
            (
                "<!-- cmdrun -0 capture value one Rss@touched --in ns -->",
                3,
                "is an amount of memory, so `ns` means nothing",
            ),
            (
                "<!-- cmdrun -0 capture value one Rss@touched --sinse 6.0 -->",
                3,
                "unexpected argument '--sinse'",
            ),
            (
                "<!-- cmdrun -0 capture value one Rss@touched --since 6 -->",
                3,
                "is no kernel release",
            ),
            (
                "<!-- cmdrun -0 capture value one Rss@touched --since v6.1 -->",
                3,
                "is no kernel release",
            ),
            (
                "<!-- cmdrun -0 capture value one Rss@touched --since '>= 99.0' -->",
                3,
                "is no kernel release",
            ),
            (
                "<!-- cmdrun -0 capture show one --at touched --keep Rsss -- 'grep -m1 Rss /proc/$PID/smaps' -->",
                3,
                "begins with `Rsss`, which --keep asks for",
            ),
            (
                "<!-- cmdrun -0 capture show one --at touched --mark 'rss=x' -- 'grep -m1 Rss /proc/$PID/smaps' -->",
                3,
                "begins with `rss`, which --mark asks for",
            ),
            (
                "<!-- cmdrun -0 capture steps one --fields Rss,Pzz -->",
                3,
                "no field is named `Pzz`",
            ),
            (
                "<!-- cmdrun -0 capture run one --until touch -->",
                3,
                "no checkpoint `touch`",
            ),
            (
                "<!-- claims one --at touch\nRss == 1 page\n-->",
                4,
                "no checkpoint `touch`",
            ),
            (
                "<!-- claims one --att touched\nRss == 1 page\n-->",
                3,
                "unexpected argument '--att'",
            ),
            (
                "<!-- claims one\nRss == 1 page\n-->",
                4,
                "names no checkpoint; write `Rss@CHECKPOINT`",
            ),
        ],
    );
}

#[test]
fn claims_that_say_nothing() {
    each_is_told(
        "vacuous-claims",
        &[
            (
                "<!-- claims one --at touched\nVmFlags lacks nosuchflag\n-->",
                4,
                "no kernel has a flag `nosuchflag`",
            ),
            (
                "<!-- claims one --at touched\nVmFlags lacks NH\n-->",
                4,
                "no kernel has a flag `NH`; did you mean `nh`?",
            ),
            (
                "<!-- claims one --at touched\nVmFlags has zz\n-->",
                4,
                "no kernel has a flag `zz`",
            ),
            (
                "<!-- claims one --at touched\nVmFlags == rd\n-->",
                4,
                "write `VmFlags has nh`",
            ),
            (
                "<!-- claims one --at touched\nRss == 1 page\nRss >= 0 kB\n-->",
                5,
                "nothing is below zero",
            ),
            (
                "<!-- claims one --at touched\nRss > -1 page\n-->",
                4,
                "nothing is below zero",
            ),
            (
                "<!-- claims one --at touched\nRss == Rss@touched\n-->",
                4,
                "no field of the record is left",
            ),
            (
                "<!-- claims one --at touched\nRss + 1 page > Rss\n-->",
                4,
                "no field of the record is left",
            ),
            (
                "<!-- claims one --at touched\n1 page == 1 page\n-->",
                4,
                "no field of the record is left",
            ),
            (
                "<!-- claims one --at touched\nRss < 1000000 TiB\n-->",
                4,
                "no address space is as large",
            ),
            (
                "<!-- claims one --at touched\nRss != 3 bytes\n-->",
                4,
                "the kernel counts memory in kB",
            ),
            (
                "<!-- claims one --at touched\nperms != rw-x\n-->",
                4,
                "no mapping has the permissions `rw-x`",
            ),
            (
                "<!-- claims one --at touched\nperms == wrsp\n-->",
                4,
                "no mapping has the permissions `wrsp`",
            ),
            (
                "<!-- claims one --at end\noutcome != EACCESS\n-->",
                4,
                "nearly every word is another one",
            ),
            (
                "<!-- claims one\nprints :\n-->",
                4,
                "nearly every line holds that text",
            ),
            ("<!-- claims one\n-->", 3, "this block claims nothing"),
            (
                "<!-- cmdrun -0 capture value one 'Rss@touched >= 0 kB' -->",
                3,
                "nothing is below zero",
            ),
            (
                "<!-- cmdrun -0 capture run one --expect 'minflt@touched != -1' -->",
                3,
                "nothing is below zero",
            ),
        ],
    );
}

#[test]
fn claims_that_apply_on_no_machine() {
    let wrong = "`--on x86_64` applies on no machine: the session of `narrow` needs s390x";
    each_is_told(
        "never-applies",
        &[
            (
                "<!-- claims narrow --on x86_64\nRss@touched == 1 page\n-->",
                3,
                wrong,
            ),
            (
                "Text.\n\n<!-- cmdrun -0 capture value narrow Rss@touched --on x86_64 -->",
                5,
                wrong,
            ),
            (
                "<!-- cmdrun -0 capture run narrow --on aarch64 --since 6.12 --expect 'Rss@touched == 1 page' -->",
                3,
                "`--on aarch64` applies on no machine",
            ),
        ],
    );
}

#[test]
fn claims_in_other_units_or_words() {
    each_is_told(
        "other-units",
        &[
            (
                "<!-- claims one\nlength@end == 16384\n-->",
                4,
                "compares an amount of memory with a plain number",
            ),
            (
                "<!-- claims one\nlength@end == 16384 kB\n-->",
                4,
                "found: length@end = 16 kB",
            ),
            (
                "<!-- claims one\nlength@end == 16384 ns\n-->",
                4,
                "compares an amount of memory with a time",
            ),
            (
                "<!-- claims one\nlength@end == 16 KB\n-->",
                4,
                "`KB` is no unit",
            ),
            (
                "<!-- claims one\nlength@end == 16KiB\n-->",
                4,
                "a unit stands apart",
            ),
            (
                "<!-- claims one\ncost@end == 1220\n-->",
                4,
                "compares a time with a plain number",
            ),
            (
                "<!-- claims one\ncost@end == 1220 kB\n-->",
                4,
                "compares a time with an amount of memory",
            ),
            (
                "<!-- claims one\ncost@end == 1220 µs\n-->",
                4,
                "found: cost@end = 1220 ns",
            ),
            (
                "<!-- claims one\nthings@end == 3\n-->",
                4,
                "compares a word with a plain number",
            ),
            (
                "<!-- claims one\nfaults@end == 64 kB\n-->",
                4,
                "a plain number takes no unit",
            ),
            (
                "<!-- claims one\nfaults@end == 6.4\n-->",
                4,
                "is no whole number",
            ),
            (
                "<!-- claims one\nRss@touched == 1 Page\n-->",
                4,
                "`Page` is no unit",
            ),
            (
                "<!-- claims one\nend@touched - start@touched == 1 page\n-->",
                4,
                "(4096 pages)",
            ),
            (
                "<!-- claims one\nRss@mapped - Rss@touched == 1 page\n-->",
                4,
                "(-1 page)",
            ),
            (
                "<!-- claims one\nprints nothing like this\n-->",
                4,
                "printed no line with `nothing like this`",
            ),
        ],
    );
}

#[test]
fn numbers_that_no_claim_states() {
    each_is_told(
        "other-numbers",
        &[
            (
                "It grew by 2 pages, and by 999 MiB.\n\n<!-- claims one\nRss@touched == 2 pages\n-->\n",
                3,
                "`999 MiB` is what no claim beside it says",
            ),
            (
                "It has 16 megabytes.\n",
                3,
                "`16 megabytes` is what no claim beside it says",
            ),
            (
                "It takes 3 seconds.\n",
                3,
                "`3 seconds` is what no claim beside it says",
            ),
            ("It is 4 kB.\n", 3, "`4 kB` is what no claim beside it says"),
            (
                "<!-- claims one\nRss@touched == 1 page\n-->\n\nIt is 2 pages.\n",
                7,
                "`2 pages` is what no claim beside it says",
            ),
            (
                "<!-- claims one\nRss@touched == 1 page\n-->\n\nText.\n\n<!-- claims one\nRss@mapped == 0 kB\n-->\n\nIt is 1 page.\n",
                13,
                "`1 page` is what no claim beside it says",
            ),
            (
                "<!-- claims one\nfaults@end == 64\n-->\n\nIt is 64 pages.\n",
                7,
                "`64 pages` is what no claim beside it says",
            ),
            (
                "<!-- claims one\nlength@end == 16 KiB\n-->\n\n| a |\n|---|\n| 17 KiB |\n",
                9,
                "`17 KiB` is what no claim beside it says",
            ),
            (
                "<!-- claims one\nlength@end == 16 KiB\n-->\n\n- It is **16** MiB.\n",
                7,
                "MiB` is what no claim beside it says",
            ),
            ("One page. <!-- given -->\n", 3, "marks nothing"),
        ],
    );
}

#[test]
fn output_of_plain_commands() {
    each_is_told(
        "plain-output",
        &[
            (
                "<!-- cmdrun -0 printf '\\000' -->",
                3,
                "the control character 0x00",
            ),
            (
                "<!-- cmdrun -0 printf 'a\\007' -->",
                3,
                "the control character 0x07",
            ),
            (
                "<!-- cmdrun -0 printf '\\033[1m' -->",
                3,
                "the control character 0x1b",
            ),
            (
                "<!-- cmdrun -0 printf 'a\\nb\\377' -->",
                3,
                "not UTF-8 in line 2",
            ),
            (
                "<!-- cmdrun -0 printf '\\342\\200\\256' -->",
                3,
                "the control character 0x202e",
            ),
            (
                "| a |\n|---|\n| <!-- cmdrun -0 echo 'b | c' --> |\n",
                5,
                "printed `|`",
            ),
            (
                "<!-- cmdrun -0 echo '{{#include part.txt}}' -->",
                3,
                "printed `{{`",
            ),
            (
                "Text <!-- cmdrun -0 echo '<!-- open' --> more.",
                3,
                "holds `<!--` before it ends",
            ),
            (
                "Text <!-- cmdrun -0 printf '<%s' '!-- open' --> more.",
                3,
                "printed `<!--`",
            ),
            (
                "Text <!-- cmdrun -0 printf 'a\\nb' --> more.",
                3,
                "printed several lines in the middle of one",
            ),
            (
                "<!-- cmdrun -0 head -c 3000000 /dev/zero | tr '\\000' a -->",
                3,
                "printed more than 1048576 bytes",
            ),
            ("<!-- cmdrun -0 false -->", 3, "ended with exit status 1"),
        ],
    );
}

#[test]
fn what_is_shown_is_whole() {
    each_is_told(
        "whole-listings",
        &[
            (
                "```rust\n{{#include ../listings/fixtures/trailing/src/main.rs}}\n```\n\n1. A.\n",
                4,
                "the callout `// (1)` stands behind code",
            ),
            (
                "```rust\n{{#include ../listings/fixtures/callouts/src/main.rs}}\n```\n\nText.\n",
                4,
                "the numbered list directly below explains 0",
            ),
            (
                "```rust\n// more\n{{#include ../listings/fixtures/callouts/src/main.rs}}\n```\n\n1. A.\n",
                5,
                "is not alone in its block",
            ),
            (
                "```text\n{{#include ../listings/fixtures/callouts/src/main.rs}}\n```\n",
                4,
                "open the block with ```rust",
            ),
            (
                "```rust\n{{#include ../listings/fixtures/callouts/src/main.rs:2:3}}\n```\n",
                4,
                "included whole or by an anchor",
            ),
            (
                "{{#include missing.txt}}\n",
                3,
                "cannot include missing.txt",
            ),
            (
                "{{#include part.txt:nowhere}}\n",
                3,
                "has no anchor `nowhere`",
            ),
            (
                "{{#include part.txt:7:9}}\n",
                3,
                "none of those that are asked for",
            ),
            (
                "{{#include comment.txt}}\n",
                3,
                "comment.txt holds a comment",
            ),
            (
                "{{#include open.txt}}\n",
                3,
                "open.txt: `<details>` is not closed",
            ),
            ("{{#include again.txt}}\n", 3, "includes a file itself"),
            (
                "Text `{{#include part.txt}}` more.\n",
                3,
                "code that is no fenced block",
            ),
            (
                "Text {{#include part.txt}} more.\n",
                3,
                "the second would stand outside",
            ),
            (
                "- {{#include part.txt}}\n",
                3,
                "the second would stand outside",
            ),
            ("# A second title\n", 3, "this is a second title"),
            ("## ::\n", 3, "no link can lead to the heading `::`"),
        ],
    );
}

/// Nearly the same, and right.
#[test]
fn what_is_right_is_built() {
    let chapters: BTreeMap<&str, String> = BTreeMap::from([
        ("comments.md", format!("<!-- A note,\nof two lines. -->\n\nText <!-- a note --> more, `<!-- code` and \\<!-- text.\n\n{CAPTURE}\n\n```text\n<!-- todo\n```\n")),
        ("html.md", "<details>\n<summary>A</summary>\n\nText with <kbd>Return</kbd>.<br>More.\n\n</details>\n\n<aside role=\"note\" aria-label='a > b'>\n\nText.\n\n</aside>\n".to_owned()),
        ("markdown.md", "Text[^1].\n\n[^1]: A note.\n\n| a | b |\n|---|:-:|\n| 1 \\| 2 | `3` |\n| 4 |\n\n## Two {#second}\n".to_owned()),
        ("claims.md", "<!-- claims one --at touched\nRss == 1 page\nVmFlags lacks nh\nperms == rw-s\nend - start == Size\nRss@mapped - Rss == -1 page\nlength@end == 16384 bytes\ncost@end >= 1 µs\nthings@end has\n-->\n".replace("things@end has\n", "prints 3 widgets\n")),
        ("numbers.md", "<!-- claims one\nSize@touched == 16384 kB\nfaults@end == 64\n-->\n\nIt has 16 MiB, 4096 pages, or 16,777,216 bytes; 64 faults came.\n".to_owned()),
        ("before.md", "It has 16 MiB.\n\n<!-- cmdrun -0 capture value one 'Size@touched == 4096 pages' -->\n".to_owned()),
        ("output.md", "| a |\n|---|\n| <!-- cmdrun -0 echo 'b &#124; c' --> |\n\nText <!-- cmdrun -0 echo '*d*' --> more.\n\n```console\n<!-- cmdrun -0 echo '{{#include x}} <e>' -->\n```\n".to_owned()),
        ("narrow.md", "<!-- claims narrow --on s390x --since 6.12\nRss@touched == 1 page\n-->\n\n<!-- cmdrun -0 capture value narrow Rss@touched --since 5.11 -->\n".to_owned()),
        ("listings.md", "```rust\n{{#include ../listings/fixtures/callouts/src/main.rs}}\n```\n\n1. A.\n\n- In a list:\n\n  ```text\n  {{#include part.txt}}\n  \\{{#include part.txt}}\n  ```\n\n> {{#include part.txt}}\n".to_owned()),
    ]);
    let mut book = book("right");
    for (file, text) in &chapters {
        book = book.chapter(file, &format!("# {file}\n\n{text}"));
    }
    let link = book.path("src/listings");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink("../listings", link).expect("a link");
    let finished = book.build().succeeded();
    assert!(
        finished.printed.contains("claims hold"),
        "{}",
        finished.printed
    );
    let page = |file: &str| book.read(&format!("book/{file}"));
    assert!(
        page("output.html").contains("{{#include x}} &lt;e&gt;"),
        "{}",
        page("output.html")
    );
    assert!(page("output.html").contains("<em>d</em>"));
    let listings = page("listings.html");
    assert!(
        listings.contains("One.&#10;") || listings.contains("One.\nTwo.\n{{#include part.txt}}"),
        "{listings}"
    );
    assert!(!page("comments.html").contains("a note"));
}
