//! The HTML of a chapter's author: what a browser would mend in its own way.

use crate::check;

/// What is said about a page with this text, from its line 2 on.
fn said(text: &str) -> Vec<String> {
    check(&[("a.html", &format!("<main><h1 id=t>T</h1>\n{text}</main>"))])
}

#[track_caller]
fn all_are_said(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(said(text), [format!("a.html:2: {expected}")], "{text}");
    }
}

#[test]
fn what_nests_is_left_alone() {
    for text in [
        "<p>x<br>y<img src=data:,><b>z</b></p><hr>",
        "<ul>\n<li><p>x</p></li></ul><input disabled> <svg><path d='M0'/><title>t</title></svg>",
        "<details><summary>Answer</summary><p>x</p><h3>y</h3></details>",
        "<details>\n<b>x</b><summary>Answer</summary></details>",
        "<div><h2>x</h2></div><table><tbody><tr><td style='text-align: left'>x</td></tr></tbody></table>",
        "<svg><g><!--! Font Awesome Free 6.2.0 --></g></svg>",
        "<p>&lt;!-- x --&gt; &lt;div&gt;</p>",
    ] {
        assert_eq!(said(text), [""; 0], "{text}");
    }
    assert_eq!(
        said("</main><footer><!-- x --><p><style></style></div>"),
        [""; 0]
    );
}

#[test]
fn what_is_left_open() {
    let advice = "has no end tag where it should; close it inside of the element that it began in";
    for (element, text) in [
        ("div", "<div>"),
        ("details", "<details><summary>x</summary><p>x</p>"),
        ("em", "<ul><li><p><em>x</p></li></ul>"),
        ("section", "<div><section></div>"),
        ("i", "<b><i>x</b></i>"),
        ("textarea", "<textarea><p>x</p>"),
        ("g", "<svg><g></svg>"),
        ("plaintext", "<plaintext></plaintext>"),
    ] {
        let said = said(text);
        let expected = format!("a.html:2: <{element}> {advice}");
        assert!(said.contains(&expected), "{text}: {said:?}");
    }
}

#[test]
fn what_is_closed_twice_or_never_began() {
    let advice = "has an end tag that closes nothing; remove it, or open what it should close";
    for (element, text) in [
        ("p", "</p>"),
        (
            "details",
            "<details><summary>x</summary></details></details>",
        ),
        ("figure", "<p>x</p></figure>"),
        ("b", "<i></b></i>"),
        ("br", "</br>"),
        ("svg", "<svg></svg></svg>"),
    ] {
        assert_eq!(said(text), [format!("a.html:2: <{element}> {advice}")]);
    }
}

#[test]
fn what_only_seems_to_end_itself() {
    for element in ["div", "details", "span", "a", "template", "p"] {
        let said = said(&format!("<{element} />"));
        let expected = format!(
            "a.html:2: <{element}> does not end with \"/>\": all that follows stands in it; \
             give it an end tag"
        );
        assert!(said.contains(&expected), "{said:?}");
    }
}

#[test]
fn what_ends_a_paragraph() {
    for element in ["figure", "div", "ul", "table", "details", "p", "h3"] {
        let said = said(&format!("<p>x <em><{element}></{element}></em></p>"));
        let expected = format!(
            "a.html:2: <{element}> ends the paragraph that it stands in; put a blank line before it"
        );
        assert!(said.contains(&expected), "{said:?}");
    }
}

#[test]
fn what_acts_on_the_whole_page() {
    for element in ["style", "script", "body", "html", "head", "title", "main"] {
        let expected = format!(
            "a.html:2: <{element}> acts on the whole page, not on its place in the text; remove it"
        );
        assert_eq!(said(&format!("<{element} hidden></{element}>")), [expected]);
    }
    for element in ["base", "link", "meta"] {
        assert!(said(&format!("<{element}>"))[0].contains("acts on the whole page"));
    }
}

#[test]
fn comments() {
    let advice = "is a comment, which nothing has read and no reader sees; correct its first word, \
                  or remove it";
    for (text, comment) in [
        (
            "<!-- cmdrn -0 capture show one -->",
            "<!-- cmdrn -0 capture show one -->",
        ),
        ("<!-- Cmdrun -0 x -->", "<!-- Cmdrun -0 x -->"),
        ("<!-- claim x -->", "<!-- claim x -->"),
        ("<!-- given -->", "<!-- given -->"),
        ("<!-- claims\nRss == 1 page\n-->", "<!-- claims"),
        ("<!---->", "<!---->"),
        ("<p><!-- see cmdrun --></p>", "<!-- see cmdrun -->"),
        ("<?php x ?>", "<!--?php x ?-->"),
        ("<![CDATA[x]]>", "<!--[CDATA[x]]-->"),
        ("</ x>", "<!-- x-->"),
    ] {
        assert_eq!(said(text), [format!("a.html:2: \"{comment}\" {advice}")]);
    }
    let said = said("<!-- todo");
    assert!(
        said[0].contains("\"<!-- todo</main>-->\" is a comment"),
        "{said:?}"
    );
}

#[test]
fn a_disclosure_says_what_it_holds() {
    let advice = "<details> has no <summary>; say in one what a reader finds when it is opened";
    for text in [
        "<details></details>",
        "<details><p>x</p></details>",
        "<details><p>x <summary>y</summary></p></details>",
        "<details><div><summary>x</summary></div></details>",
        "<details><div><details><summary>x</summary></details></div></details>",
    ] {
        let said = said(text);
        assert!(
            said.contains(&format!("a.html:2: {advice}")),
            "{text}: {said:?}"
        );
    }
}

#[test]
fn headings_that_nobody_sees() {
    let advice = "where no reader finds it; close that before the heading";
    for (text, heading, place) in [
        (
            "<details><summary>x</summary><h2>x</h2></details>",
            "h2",
            "<details>",
        ),
        ("<div hidden><h2>x</h2></div>", "h2", "<div hidden>"),
        (
            "<div style='display:none'><h3>x</h3></div>",
            "h3",
            "<div style=\"display:none\">",
        ),
        (
            "<template><p>x</p><h4>x</h4></template>",
            "h4",
            "<template>",
        ),
    ] {
        let expected = format!("a.html:2: <{heading}> stands in {place}, {advice}");
        assert_eq!(said(text), [expected]);
    }
}

#[test]
fn titles() {
    let none = "a.html:1: the page has 0 titles; write one, and \"## \" for all below it";
    for html in [
        "<main></main>",
        "<main><h2>x</h2></main>",
        "<h1>x</h1><main></main>",
    ] {
        assert_eq!(check(&[("a.html", html)]), [none], "{html}");
    }
    let two = "a.html:2: the page has 2 titles; write one, and \"## \" for all below it";
    let html = "<main><h1>x</h1>\n<blockquote><h1>y</h1></blockquote></main>";
    assert_eq!(check(&[("a.html", html)]), [two]);
    assert_eq!(
        check(&[("print.html", html), ("toc.html", "<ol></ol>")]),
        [""; 0]
    );
}

#[test]
fn empty_ids() {
    let advice = "the id is empty; use letters or digits in that heading";
    all_are_said(&[
        ("<h2 id=''><a class=header href=#>x</a></h2>", advice),
        ("<p id>x</p>", advice),
        ("<h3 id=' '>x</h3>", advice),
    ]);
}
