//! Lines of `/proc` files in an excerpt, with their parts marked.
//!
//! | class | what |
//! |---|---|
//! | `i` | the name of a field, or of the file behind a mapping |
//! | `v` | a value, or one of the flags of `VmFlags` |
//! | `u` | its unit |
//! | `r` | a mapping's range of addresses |
//! | `p` | its permissions |
//! | `q` | its offset, device and inode |
//!
//! The text between the tags is the line, to the byte. A line that is not quite
//! of such a form is left as it is.

use std::sync::LazyLock;

use regex::Regex;
use text::escape;

/// The forms of lines, whose groups are named by class.
static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let forms = [
        // A line of maps, or the first of a mapping in smaps. Behind the inode stands
        // a space at least, and the path where there is one.
        "^(?<r>[[:xdigit:]]+-[[:xdigit:]]+) (?<p>[r-][w-][x-][ps]) (?<q>[[:xdigit:]]+ [[:xdigit:]]+:[[:xdigit:]]+ [0-9]+)(?: +(?<i>.*))?$",
        // `Rss:        4 kB`, `Threads:    1`.
        r"^(?<i>[A-Z][A-Za-z0-9_()]*):[ \t]+(?<v>[0-9]+)(?: (?<u>kB))?$",
        // `VmFlags: rd wr `: two letters each; the kernel ends them with a space.
        r"^(?<i>VmFlags):[ \t]+(?<v>[0-9A-Za-z]{2}(?: +[0-9A-Za-z]{2})* *)$",
    ];
    forms.map(pattern).into()
});

#[expect(clippy::expect_used, reason = "a constant, tried by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is well formed")
}

/// HTML of a line.
pub fn write(line: &str) -> String {
    let mut forms = FORMS.iter();
    let Some((form, found)) = forms.find_map(|form| Some((form, form.captures(line)?))) else {
        return escape(line);
    };
    let (mut html, mut end) = (String::new(), 0);
    for class in form.capture_names().flatten() {
        let Some(part) = found.name(class) else {
            continue;
        };
        // Each flag is a value.
        let words: Vec<&str> = match class {
            "v" => part.as_str().split(' ').collect(),
            _ => vec![part.as_str()],
        };
        let spans = words.iter().map(|word| match word {
            &"" => String::new(),
            word => format!("<span class=\"{class}\">{}</span>", escape(word)),
        });
        html += &line[end..part.start()];
        html += &spans.collect::<Vec<_>>().join(" ");
        end = part.end();
    }
    html + &line[end..]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{escape, write};

    fn text(html: &str) -> String {
        let parts = html.split('<').enumerate();
        parts
            .map(|(number, part)| match part.split_once('>') {
                Some((_, text)) if number > 0 => text,
                _ => part,
            })
            .collect()
    }

    #[test]
    fn a_field_its_value_and_its_unit() {
        assert_eq!(
            write("Rss:                   4 kB"),
            "<span class=\"i\">Rss</span>:                   <span class=\"v\">4</span> <span class=\"u\">kB</span>"
        );
        assert_eq!(
            write("Threads:\t1"),
            "<span class=\"i\">Threads</span>:\t<span class=\"v\">1</span>"
        );
        assert_eq!(
            write("VmFlags: rd wr "),
            "<span class=\"i\">VmFlags</span>: <span class=\"v\">rd</span> <span class=\"v\">wr</span> "
        );
    }

    #[test]
    fn a_mapping() {
        assert_eq!(
            write("7f15-7f16 rw-p 00000000 00:00 0 "),
            "<span class=\"r\">7f15-7f16</span> <span class=\"p\">rw-p</span> <span class=\"q\">00000000 00:00 0</span> "
        );
        let line = "7f15-7f16 r--s 00001000 fe:0a 17      /tmp/a b (deleted)";
        let html = write(line);
        assert!(
            html.ends_with("      <span class=\"i\">/tmp/a b (deleted)</span>"),
            "{html}"
        );
        assert_eq!(text(&html), line);
    }

    #[test]
    fn other_lines_stay() {
        for line in [
            "process id 5",
            "error: 12 kB",
            "Rss: four kB",
            "Rss:4 kB",
            "VmFlags: read",
            "7f15-7f16 rw-p",
            "7f15-7f16 rwxq 0 00:00 0",
            "Size: <b>",
            "",
        ] {
            assert_eq!(write(line), escape(line));
        }
    }

    proptest! {
        #[test]
        fn the_text_is_the_line(
            line in "([0-9a-f]{1,3}-[0-9a-f]{1,3}|[A-Z][a-z_]{0,6}:|VmFlags:| {0,3}|[rwxps-]{4}|[0-9]{1,4}|[0-9]:[0-9]|kB|\t|\\PC){0,12}"
        ) {
            let tags_only = write(&line.replace(['<', '>', '&', '"', '{'], ""));
            prop_assert_eq!(text(&tags_only), line.replace(['<', '>', '&', '"', '{'], ""));
        }
    }
}
