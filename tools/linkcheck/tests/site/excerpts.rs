//! What the build has put on a page is seen there, once, as it was.

use linkcheck::{Excerpt, Expected};
use proptest::prelude::*;

use crate::write;

const TERMINAL: &str = "<figure class=\"terminal terminal-1\"><figcaption>First</figcaption>\
    <pre><code>$ ./one\n*x*  y &lt;!-- z --&gt;</code></pre></figure>";
const VALUE: &str = "<span class=\"captured\">16 kB</span>";

fn excerpts(shown: &[&str]) -> Vec<Excerpt> {
    let excerpt = |(at, html): (usize, &&str)| Excerpt {
        file: "src/a.md".into(),
        line: 10 + at,
        html: (*html).to_owned(),
    };
    shown.iter().enumerate().map(excerpt).collect()
}

/// What is said about a page with this text from its line 2 on, if it must show this.
fn said(text: &str, shown: &[&str]) -> Vec<String> {
    let html = format!("<main><h1>T</h1>\n{text}</main>");
    let expected = Expected {
        page: "a.html".into(),
        excerpts: excerpts(shown),
    };
    let book = write(&[("a.html", &html)]);
    let report = linkcheck::report(book.path(), &[expected], &linkcheck::Memo::default()).unwrap();
    report.findings.iter().map(ToString::to_string).collect()
}

/// `~` is where the excerpt stands.
const SEEN: &[&str] = &[
    "~",
    "<p>x</p>~<p>y</p>",
    "<blockquote>~</blockquote>",
    "<ul>\n<li>~</li></ul>",
    "<table><tbody><tr><td style=\"text-align: right\">~</td></tr></tbody></table>",
    "<details><summary>x</summary>~</details>",
    "<dialog open>~</dialog>",
    "<aside class=\"see-also\" aria-label=\"x\" aria-hidden=\"false\">~</aside>",
    "<ol class=\"footnote-definition\"><li id=\"footnote-1\">~</li></ol>",
    "<section lang=\"en\" data-hidden>~</section>",
];

/// Where no reader looks, and how that is told.
const UNSEEN: &[(&str, &str)] = &[
    ("<!-- todo\n~ -->", "a comment"),
    ("<!--~-->", "a comment"),
    ("<template>~</template>", "<template>"),
    ("<div hidden>~</div>", "<div hidden>"),
    (
        "<div hidden=\"until-found\">~</div>",
        "<div hidden=\"until-found\">",
    ),
    ("<div inert>~</div>", "<div inert>"),
    ("<div popover>~</div>", "<div popover>"),
    (
        "<div aria-hidden=\"true\"><p>~</p></div>",
        "<div aria-hidden=\"true\">",
    ),
    (
        "<div style=\"display:none\">~</div>",
        "<div style=\"display:none\">",
    ),
    (
        "<b style=\"VISIBILITY: hidden\">~</b>",
        "<b style=\"VISIBILITY: hidden\">",
    ),
    ("<b style=\"opacity:0\">~</b>", "<b style=\"opacity:0\">"),
    (
        "<b style=\"text-align: left;height:0\">~</b>",
        "<b style=\"text-align: left;height:0\">",
    ),
    (
        "<div class=\"x visually-hidden\">~</div>",
        "<div class=\"x visually-hidden\">",
    ),
    ("<div class=\"js\">~</div>", "<div class=\"js\">"),
    ("<dialog>~</dialog>", "<dialog>"),
    ("<noscript>~</noscript>", "<noscript>"),
    ("<textarea>~</textarea>", "<textarea>"),
    ("<select><option>~</option></select>", "<select>"),
    ("<datalist>~</datalist>", "<datalist>"),
    ("<audio>~</audio>", "<audio>"),
    ("<video>~</video>", "<video>"),
    ("<canvas>~</canvas>", "<canvas>"),
    ("<object>~</object>", "<object>"),
    ("<iframe>~</iframe>", "<iframe>"),
    ("<svg><text>~</text></svg>", "<svg>"),
    ("<xmp>~</xmp>", "<xmp>"),
    ("<ruby>x<rp>~</rp></ruby>", "<rp>"),
    ("<a title='~'>x</a>", "the attribute title of <a>"),
    ("<img alt='~'>", "the attribute alt of <img>"),
    (
        "<details data-x='~'><summary>x</summary></details>",
        "the attribute data-x of <details>",
    ),
];

#[test]
fn an_excerpt_that_is_seen_is_found() {
    for place in SEEN {
        for shown in [TERMINAL, VALUE] {
            let page = place.replace('~', shown);
            assert_eq!(said(&page, &[shown]), [""; 0], "{page}");
        }
    }
}

#[test]
fn an_excerpt_that_no_reader_sees_is_told_with_its_place() {
    let terminal = TERMINAL.replace(" &lt;!-- z --&gt;", "");
    for (around, place) in UNSEEN {
        let fate = format!(
            "stands in {place}, where no reader sees it; end that before the excerpt, or remove it"
        );
        for (shown, begin) in [(terminal.as_str(), "First $ ./one *x* y"), (VALUE, "16 kB")] {
            let page = around.replace('~', shown);
            let said = said(&page, &[shown]);
            let expected = format!("src/a.md:10: the excerpt \"{begin}\" {fate}");
            let found = said.iter().filter(|said| said.contains(&expected)).count();
            assert_eq!(found, 1, "{page}: {said:#?}");
        }
    }
}

#[test]
fn scripts_and_styles_are_refused_whatever_they_hold() {
    for element in ["script", "style", "title"] {
        let said = said(&format!("<{element}>{VALUE}</{element}>"), &[VALUE]);
        assert!(
            said.iter().any(|said| said.contains("src/a.md:10: ")),
            "{said:?}"
        );
        assert!(
            said.iter()
                .any(|said| said.contains("acts on the whole page")),
            "{said:?}"
        );
    }
}

#[test]
fn an_excerpt_is_lost_changed_or_out_of_order() {
    let nowhere = "is nowhere on the page as it was captured; put its directive on lines of its \
                   own, and take it out of a footnote or a definition that nothing refers to, and \
                   out of tags and attributes";
    let order = "stands before another that precedes it in the chapter; move its directive";
    let other = VALUE.replace("16", "17");
    for (page, shown, fate, changed) in [
        ("<p>x</p>".to_owned(), &[VALUE][..], nowhere, false),
        ("16 kB".to_owned(), &[VALUE], nowhere, false),
        (VALUE.to_owned(), &[VALUE, VALUE], nowhere, false),
        (other.clone(), &[VALUE], nowhere, true),
        (
            TERMINAL.replace("*x*", "<em>x</em>"),
            &[TERMINAL],
            nowhere,
            true,
        ),
        (TERMINAL.replace("  y", " y"), &[TERMINAL], nowhere, true),
        (format!("{VALUE}{other}"), &[&other, VALUE], order, false),
    ] {
        let said = said(&page, shown);
        assert!(said.iter().any(|said| said.ends_with(fate)), "{said:#?}");
        // What it was changed into is told, too.
        let is_told = said.iter().any(|said| said.contains("shows no excerpt"));
        assert_eq!(
            (said.len(), is_told),
            (1 + usize::from(changed), changed),
            "{page}: {said:#?}"
        );
    }
}

#[test]
fn footnotes_may_stand_behind_what_follows_them() {
    let note = |text: &str| format!("<ol class=\"footnote-definition\"><li>{text}</li></ol>");
    let other = VALUE.replace("16", "17");
    let third = VALUE.replace("16", "18");
    let page = format!("{VALUE} {third} b {}", note(&format!("{other} c")));
    assert_eq!(said(&page, &[VALUE, &other, &third]), [""; 0]);
}

#[test]
fn what_looks_like_an_excerpt_is_one_and_stands_once() {
    let advice = "shows no excerpt, or one that stands on the page already; let a directive write \
                  it, once, or take another class";
    for (page, element) in [
        (format!("{VALUE}{VALUE}"), "<span class=\"captured\">"),
        (
            format!("{VALUE}<figure class=\"steps\"></figure>"),
            "<figure class=\"steps\">",
        ),
        (
            format!("<p class=\"x environment\">Linux 9</p>{VALUE}"),
            "<p class=\"x environment\">",
        ),
        (
            format!("{VALUE}<figure class=\"drawing drawing-plot\"></figure>"),
            "<figure class=\"drawing drawing-plot\">",
        ),
    ] {
        let expected = format!("a.html:2: {element} {advice}");
        assert_eq!(said(&page, &[VALUE]), [expected]);
    }
    // A drawing of the author's own, and figures of pages of which nothing is known.
    let drawn = format!("{VALUE}<figure class=\"drawing\"></figure>");
    assert_eq!(said(&drawn, &[VALUE]), [""; 0]);
    let book = write(&[("a.html", VALUE)]);
    assert!(linkcheck::check(book.path()).unwrap().is_empty());
}

#[test]
fn a_page_that_is_not_there_or_has_no_text_shows_nothing() {
    let expected = |page: &str| {
        [Expected {
            page: page.into(),
            excerpts: excerpts(&[VALUE]),
        }]
    };
    let book = write(&[("a.html", VALUE)]);
    let said = |page| {
        let report =
            linkcheck::report(book.path(), &expected(page), &linkcheck::Memo::default()).unwrap();
        report
            .findings
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        said("b.html"),
        ["b.html:1: src/a.md:10: the excerpt \"\" has no page; name its chapter in SUMMARY.md"]
    );
    assert!(said("a.html")[0].contains("is nowhere on the page"));
}

#[test]
fn a_memo_does_not_keep_what_must_be_seen() {
    let book = write(&[("a.html", &format!("<main><h1>T</h1>{VALUE}</main>"))]);
    let memo = linkcheck::Memo::default();
    let mut found = [VALUE, "<p class=\"skipped\">x</p>", VALUE].map(|shown| {
        let expected = Expected {
            page: "a.html".into(),
            excerpts: excerpts(&[shown]),
        };
        linkcheck::report(book.path(), &[expected], &memo)
            .unwrap()
            .findings
            .len()
    });
    found.sort_unstable();
    assert_eq!(found, [0, 0, 2]);
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    // A comment around it would end with it.
    text.replace('>', "&gt;")
}

proptest! {
    /// Any text, in any places that a reader sees, is found there; and in none else.
    #[test]
    fn any_excerpt_is_found_where_it_is_seen(
        all in prop::collection::vec(
            ("[ -~\n]{0,20}", any::<bool>(), prop::collection::vec(prop::sample::select(SEEN), 0..4)),
            0..6,
        ),
        lost in prop::option::of((any::<prop::sample::Index>(), prop::sample::select(UNSEEN))),
    ) {
        let mut page = String::new();
        let mut shown = Vec::new();
        let lost = lost.filter(|_| !all.is_empty()).map(|(at, place)| (at.index(all.len()), place.0));
        for (at, (text, in_pre, places)) in all.iter().enumerate() {
            let text = escaped(text);
            let excerpt = if *in_pre {
                format!("<figure class=\"listing\"><pre>{text}</pre></figure>")
            } else {
                format!("<p class=\"skipped\">{text}</p>")
            };
            let mut on_page = excerpt.clone();
            for place in places {
                on_page = place.replace('~', &on_page);
            }
            if let Some((lost, place)) = lost && lost == at {
                on_page = place.replace('~', &on_page.replace('\'', "&#39;"));
            }
            page += &on_page;
            shown.push(excerpt);
        }
        let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
        let said = said(&page, &shown);
        // An id may stand there twice: that is none of this.
        let excerpts: Vec<_> = said.iter().filter(|said| said.contains("the excerpt")).collect();
        prop_assert_eq!(excerpts.len(), usize::from(lost.is_some()), "{}: {:#?}", page, said);
    }
}
