use proptest::prelude::*;

use super::Language;

const LANGUAGES: [&str; 6] = ["rust", "c", "toml", "sh", "console", "text"];

fn html(language: &str, text: &str) -> String {
    let language = Language::named(language).expect("a language of the book");
    language.lines(text).join("\n")
}

/// What a browser shows of such HTML.
fn shown(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at + rest[at..].find('>').expect("a tag is closed") + 1..];
    }
    text.push_str(rest);
    text.replace("&#123;", "{")
        .replace("&#13;", "\r")
        .replace("&quot;", "\"")
        .replace("&gt;", ">")
        .replace("&lt;", "<")
        .replace("&amp;", "&")
}

/// The words of a class, in order.
fn of_class<'h>(html: &'h str, class: &str) -> Vec<&'h str> {
    let open = format!("<span class=\"{class}\">");
    let parts = html.split(&open).skip(1);
    parts
        .map(|part| part.split("</span>").next().unwrap_or(part))
        .collect()
}

#[test]
fn rust() {
    let html = html(
        "rust",
        "// A page.\n#[repr(C)]\nstruct Page<'a>(&'a [u8; 4096]);\n\
         fn main() {\n    // SAFETY: none.\n    let page = unsafe { libc::mmap(NULL, 0x10, MAP_SHARED) };\n    \
         println!(\"{page:p}\\n\");\n    Some(drop::<u8>(page.len()));\n}\n",
    );
    assert_eq!(of_class(&html, "c"), ["// A page.", "// SAFETY: none."]);
    assert_eq!(of_class(&html, "k"), ["struct", "fn", "let", "unsafe"]);
    assert_eq!(of_class(&html, "n"), ["4096", "NULL", "0x10", "MAP_SHARED"]);
    // Defined, not called.
    assert_eq!(of_class(&html, "f"), ["main", "println!"]);
    assert_eq!(of_class(&html, "t"), ["C", "Page", "u8", "Some", "u8"]);
    assert_eq!(of_class(&html, "s"), ["&quot;&#123;page:p}\\n&quot;"]);
    assert_eq!(of_class(&html, "a"), ["#[repr(", ")]", "'a", "'a"]);
}

#[test]
fn what_looks_like_another_part_of_rust() {
    let html = html(
        "rust",
        "#![allow(dead_code, unused)] // #[no]\nif a != b && !c[0] { vec![&raw mut x as *mut c_void] }\n\
         pub const fn f() -> off_t { '\\'' as u8; r#\"fn \"# }\n",
    );
    assert_eq!(of_class(&html, "a"), ["#![allow(dead_code, unused)]"]);
    assert_eq!(of_class(&html, "c"), ["// #[no]"]);
    assert_eq!(of_class(&html, "f"), ["vec!", "f"]);
    assert_eq!(
        of_class(&html, "k"),
        ["if", "raw mut", "as", "mut", "pub const fn", "as"]
    );
    assert_eq!(of_class(&html, "t"), ["c_void", "off_t", "u8"]);
    assert_eq!(of_class(&html, "s"), ["'\\''", "r#&quot;fn &quot;#"]);
}

#[test]
fn console() {
    assert_eq!(
        html("console", "$ grep '<' $ f\nRss: 4 kB <\n"),
        "<span class=\"prompt\">$ </span><kbd>grep '&lt;' $ f</kbd>\nRss: 4 kB &lt;"
    );
}

#[test]
fn a_part_of_a_program_has_its_colours_too() {
    let html = html(
        "rust",
        "        break copy.counter;\n    }\n    Err(why) => 3,\n}\n",
    );
    assert_eq!(of_class(&html, "k"), ["break"]);
    assert_eq!(of_class(&html, "n"), ["3"]);
}

#[test]
fn each_line_stands_for_itself() {
    let html = html("rust", "/* one\n\n   two */\n");
    assert_eq!(
        html,
        "<span class=\"c\">/* one</span>\n\n   <span class=\"c\">two */</span>"
    );
}

/// Found by chance.
#[test]
fn a_comment_ends_before_its_carriage_return() {
    assert_eq!(shown(&html("rust", "// a\r\nb")), "// a\nb");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is written, in whatever language: it is shown as it was, with
    /// as many lines.
    #[test]
    fn the_text_is_whole(
        language in 0..LANGUAGES.len(),
        text in "([a-z_]|\\PC|[ \n\t\r]|[<>&{}\"'/*#!$=-]|fn |let |/\\*|\\*/|//|r#\"|\\$ ){0,60}"
    ) {
        let html = html(LANGUAGES[language], &text);
        let wanted: Vec<&str> = text.lines().collect();
        prop_assert_eq!(shown(&html), wanted.join("\n"));
        prop_assert!(!html.contains('\r'));
        prop_assert_eq!(html.matches("<span").count(), html.matches("</span>").count());
    }
}
