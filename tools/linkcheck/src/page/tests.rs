use super::*;

fn addresses(html: &str) -> Vec<String> {
    let page = Page::parse(html.as_bytes());
    page.links.into_iter().map(|link| link.tag).collect()
}

fn problems(html: &str) -> Vec<(u64, String)> {
    let page = Page::parse(html.as_bytes());
    let text = |problem: Finding| match problem.about {
        About::Source(text) => (problem.line, text),
        _ => (problem.line, problem.message),
    };
    page.problems.into_iter().map(text).collect()
}

#[test]
fn every_attribute_that_holds_an_address_is_a_link() {
    let html = r#"
        <link href=a><script src=b></script><img src=c poster=d><iframe src=h></iframe>
        <form action=i><button formaction=j></form><video poster=k></video><object data=l></object>
        <svg><use xlink:href=m /></svg><meta http-equiv=Refresh content="0; URL='n'"><a data-href=no>"#;
    let found: Vec<_> = Page::parse(html.as_bytes()).links;
    let found: Vec<_> = found.iter().map(|link| link.address.as_str()).collect();
    assert_eq!(
        found,
        ["a", "b", "c", "d", "h", "i", "j", "k", "l", "m", "n"]
    );
}

#[test]
fn an_attribute_with_several_addresses_is_refused() {
    let said = problems("<img src=a srcset='b 1x, c 2x'>");
    assert!(
        said[0].1.contains("<img> has the attribute srcset"),
        "{said:?}"
    );
}

#[test]
fn character_references_are_resolved() {
    assert_eq!(
        addresses(r#"<a href="a&amp;b&#46;html">"#),
        [r#"<a href="a&b.html">"#]
    );
}

#[test]
fn scripts_styles_and_titles_hold_no_tags() {
    let html = "<title><a href=1></title><script>'<a href=2>'</script>\
                <style><a href=3></style><textarea><a href=4></textarea>";
    assert_eq!(addresses(html), [""; 0]);
}

#[test]
fn a_picture_may_have_a_title_that_closes_itself() {
    assert_eq!(addresses("<svg><title/><a href=1></svg>").len(), 1);
}

#[test]
fn links_for_readers_without_script_count() {
    let html = "<noscript><iframe src=toc.html></iframe></noscript>";
    assert_eq!(addresses(html), [r#"<iframe src="toc.html">"#]);
}

#[test]
fn the_line_is_the_one_in_the_file() {
    for newline in ["\n", "\r\n"] {
        let html = [
            "<p>", "x", "<a", "href=y>", "z {{#a}}", "<div>", "", "{{#b}}",
        ]
        .join(newline);
        let page = Page::parse(html.as_bytes());
        assert_eq!(page.links[0].line, 4);
        assert_eq!(
            problems(&html),
            [(5, "{{#a}}".into()), (8, "{{#b}}".into())]
        );
    }
}

#[test]
fn leftovers_are_found_as_text_and_as_comment() {
    for (html, text) in [
        ("<!-- cmdrun -0 echo x -->", "<!-- cmdrun -0 echo x -->"),
        ("<!--cmdrun\nx -->", "<!--cmdrun"),
        ("<code>&lt;!-- cmdrun x --&gt;</code>", "<!-- cmdrun x -->"),
        ("<p>{{ #title x}}", "{{ #title x}}"),
        ("<p><strong>cmdrun error</strong>: no", "cmdrun error"),
        ("<pre>**cmdrun error**: no</pre>", "**cmdrun error**: no"),
        ("<title>{{#x}}</title>", "{{#x}}"),
        ("<pre data-captured>{{#a}}</pre>{{#x}}", "{{#x}}"),
    ] {
        assert_eq!(problems(html), [(1, text.to_owned())], "{html}");
    }
}

#[test]
fn what_only_looks_like_a_leftover_is_left_alone() {
    for html in [
        "<!-- cmdrunner -->",
        "<!-- see cmdrun -->",
        "<p>a cmdrun error</p>",
        "<p>cmdrun error</p>",
        "<p>{{x}} {#x} #</p>",
        "<pre>{{#include x.rs}}</pre> <code>{{#x}}</code>",
        "<script>'{{#x}}'</script>",
        "<style>/* {{#x}} */</style>",
        "<pre data-captured><code>{{#x}} <b>&lt;!-- cmdrun y --&gt;</b></code></pre>",
    ] {
        assert_eq!(problems(html), [], "{html}");
    }
}

#[test]
fn a_long_leftover_is_cut() {
    let text = format!("{{{{#{}", "é".repeat(100));
    let expected = format!("{{{{#{}...", "é".repeat(57));
    assert_eq!(problems(&text), [(1, expected)]);
}

#[test]
fn an_id_may_stand_once() {
    assert_eq!(problems("<a name=x id=x><a name=x>"), []);
    assert_eq!(problems("<p id=x><p ID=X><p id=y>"), []);
    let twice = "the id \"x\" already stands on line 1; rename one of the two";
    assert_eq!(problems("<p id=x>\n<p id=x>"), [(2, twice.to_owned())]);
}

#[test]
fn bytes_that_are_not_utf8_are_said_with_their_line() {
    let page = Page::parse(b"<p>\n\xff\n");
    let [problem] = &page.problems[..] else {
        panic!("{:?}", page.problems);
    };
    assert_eq!(problem.line, 2);
    assert!(problem.message.starts_with("the page is not UTF-8"));
}
