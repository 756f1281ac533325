//! What a page holds is what was captured, to the byte.

use std::path::Path;

use book_tests::{Book, MAPS_MEMORY, captured, listing, text_of};
use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use proptest::prelude::*;
use reading::{Cli, answer};
use session::Records;

/// Text that a browser, Markdown or mdBook would like to be something else.
const HOSTILE: &str = "*x* _y_ `z` <b>bold</b> &amp; {{#include x}} | a |\n\n\n   \n\t# heading\n\
    ```\n</code></pre></figure><!-- cmdrun -0 echo never -->\n<script>alert(1)</script>\n- [ ] [l](u)\n";

#[test]
fn a_listings_words_never_become_markup() {
    let print = format!("print!(\"{{}}\", {HOSTILE:?}); checkpoint(\"printed\");");
    let command = "'printf \"<i>%s</i>\\n\\n{{%stitle x}}\\n\" one \"#\"'";
    let book = Book::named("hostile-words").listing("prints", &listing(&print)).chapter(
        "one.md",
        &format!(
            "# One\n\n1. In a list:\n\n   <!-- cmdrun -0 capture run prints --until printed -->\n\n   \
             <!-- cmdrun -0 capture show prints --at printed -- {command} -->\n\n   The end.\n"
        ),
    );
    book.build().succeeded();
    let html = book.read("book/one.html");
    let shown = captured(&html);
    assert_eq!(
        shown[0],
        format!("\n\n{HOSTILE}printed: press Return to go on")
    );
    assert_eq!(shown[1], "\n<i>one</i>\n\n{{#title x}}");
    assert!(text_of(&html).contains("The end."));
    assert!(
        html.contains("<li>") && !html.contains("<script>alert"),
        "{html}"
    );
}

/// A record in which one command printed something, and the listing a value.
fn record_of(folder: &Path, output: &str, value: &str) {
    let record = serde_json::json!({ "Recorded": {
        "listing": "any", "pid": 1, "arguments": [], "values": {"word": value}, "companions": {}, "transcript": [], "ending": {"Exit": 0}, "skipped": null,
        "environment": {"kernel": "6.18", "architecture": "x86_64", "page_size": 4096,
            "huge_pages": null, "overcommit": 0, "root": false, "date": "2026-11-24"},
        "checkpoints": [{
            "name": "printed", "next": "end", "addresses": {}, "pages": {}, "values": {}, "processes": {},
            "proc": {"maps": "", "smaps": "", "smaps_rollup": "", "status": "", "stat": "", "limits": ""},
            "commands": [{"command": "cat", "shown": "cat", "output": {"Ok": output}}],
        }],
    }});
    std::fs::write(folder.join("any.json"), record.to_string()).expect("written");
}

/// Excerpts of such a record, through mdBook and back from the page: a terminal,
/// and a value in a sentence.
fn through_mdbook(folder: &Path, output: &str, value: &str) -> (String, String) {
    use clap::Parser as _;
    record_of(folder, output, value);
    let excerpt = |words: &[&str]| {
        let verb = Cli::try_parse_from(words).expect("well formed").verb;
        let records = Records::read(folder, &verb.wants()).expect("a record");
        answer(&verb, &records).expect("an excerpt").html
    };
    let terminal = excerpt(&["capture", "show", "any", "--at", "printed", "--", "cat"]);
    let inline = excerpt(&["capture", "value", "any", "word", "--at", "end"]);
    let src = folder.join("src");
    std::fs::create_dir_all(&src).expect("made");
    std::fs::write(src.join("SUMMARY.md"), "- [One](one.md)\n").expect("written");
    let text = format!(
        "# One\n\n{terminal}\n{}<br>{0}\n\nAfter.\n",
        inline.trim_end()
    );
    std::fs::write(src.join("one.md"), text).expect("written");
    let book = MDBook::load_with_config(folder, Config::default()).expect("loads");
    book.build().expect("builds");
    let page = std::fs::read_to_string(folder.join("book/one.html")).expect("a page");
    let sentence = page.split_once("</figure>").map_or("", |(_, rest)| rest);
    let sentence = sentence
        .split_once("<p>After.")
        .map_or("", |(text, _)| text);
    (
        captured(&page).remove(0),
        text_of(sentence).trim_matches('\n').to_owned(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any text that a page can show stands on it as it was captured; what it
    /// cannot show is refused where it is captured (see bad_input).
    #[test]
    fn the_text_of_a_page_is_the_captured_text(
        output in "([^\\p{Cc}]|\n|\t|[<>&{}*_`#-]|\n\n|    |<!--|-->|</pre>){0,60}",
        value in "[a-zé<>&*_`#|-]([^\\p{Cc}\\p{Z}]| |[<>&{}*_`#~|()\\[\\]:!-]|https://a\\.b|<!-- cmdrun|\\{\\{#){0,30}[a-z.*_`\"-]"
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let (shown, sentence) = through_mdbook(folder.path(), &output, &value);
        let value = value.replace(' ', "\u{a0}");
        prop_assert_eq!(sentence, format!("{value}{value}"));
        let lines = output.strip_suffix('\n').unwrap_or(&output);
        let wanted = if output.is_empty() { String::new() } else { format!("\n{lines}") };
        prop_assert_eq!(shown, wanted);
    }
}

#[test]
fn a_listing_can_be_downloaded_from_the_page() {
    let program = listing(&format!("// (1)\n{MAPS_MEMORY}"));
    let book = Book::named("download").listing("maps", &program).chapter("index.md", "# Front\n").chapter(
        "part/one.md",
        "# One\n\n```rust\n{{#include ../listings/fixtures/maps/src/main.rs}}\n```\n\n1. It maps.\n",
    );
    std::os::unix::fs::symlink("../listings", book.path("src/listings")).expect("a link");
    for build in [Book::build, Book::build_with_mdbook] {
        build(&book).succeeded();
        let html = book.read("book/part/one.html");
        assert!(html.contains("cargo run -p maps"), "{html}");
        assert!(
            html.contains("href=\"../listings/fixtures/maps/src/main.rs\" download=\"maps.rs\"")
        );
        assert_eq!(
            book.read("book/listings/fixtures/maps/src/main.rs"),
            program
        );
        assert!(html.contains("data-callout=\"1\""));
    }
}

#[test]
fn a_page_says_once_where_its_excerpts_come_from() {
    let book = Book::named("environment-line")
        .listing("maps", &listing(MAPS_MEMORY))
        .chapter(
            "one.md",
            "# One\n\n<!-- cmdrun -0 capture run maps -->\n\n<!-- cmdrun -0 capture run maps -->\n",
        )
        .chapter("two.md", "# Two\n\nNothing is captured here.\n");
    book.build().succeeded();
    let lines = |page: &str| book.read(page).matches("class=\"environment\"").count();
    assert_eq!((lines("book/one.html"), lines("book/two.html")), (1, 0));
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").expect("a kernel");
    assert!(
        book.read("book/one.html")
            .contains(&format!("Linux {}", kernel.trim()))
    );
}

#[test]
fn a_listing_that_cannot_run_here_is_skipped_with_its_reason() {
    let book = Book::named("skipped")
        .listing("asks", &listing("println!(\"skipped: needs a moon\");"))
        .session("asks", "needs.other = [\"a moon\"]\n")
        .listing("needs", &listing(MAPS_MEMORY))
        .session("needs", "needs = { kernel = \"999.0\" }\n")
        .chapter(
            "one.md",
            "# One\n\n<!-- cmdrun -0 capture steps asks --expect 'Rss == 1 page' -->\n\n\
             Rss is <!-- cmdrun -0 capture value needs Rss --at touched --expect 'Rss == 9 pages' -->.\n\n\
             <!-- cmdrun -0 capture show needs --at mapped -- 'true' -->\n",
        );
    book.build().succeeded();
    let text = text_of(&book.read("book/one.html"));
    assert!(
        text.contains(
            "Skipped. The machine that built this page could not run asks: needs a moon."
        ),
        "{text}"
    );
    assert!(
        text.contains("could not run needs: needs Linux 999.0, this is "),
        "{text}"
    );
}
