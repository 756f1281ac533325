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

use text::escape;

/// HTML of a line.
pub fn write(line: &str) -> String {
    mapping(line)
        .or_else(|| field(line))
        .unwrap_or_else(|| escape(line))
}

/// A line of maps, or the first of a mapping in smaps.
fn mapping(line: &str) -> Option<String> {
    let words: Vec<&str> = line.splitn(6, ' ').collect();
    let [range, permissions, offset, device, inode, ..] = words[..] else {
        return None;
    };
    let (start, end) = range.split_once('-')?;
    let (major, minor) = device.split_once(':')?;
    let is_permissions = permissions.len() == 4
        && permissions
            .bytes()
            .zip([b"r-", b"w-", b"x-", b"ps"])
            .all(|(byte, known)| known.contains(&byte));
    let all_hex = [start, end, offset, major, minor].into_iter().all(is_hex);
    if !is_permissions || !all_hex || !is_number(inode) {
        return None;
    }
    let quiet = [offset, device, inode].join(" ");
    // Behind the inode stands a space at least, and the path where there is one.
    let rest = &line[[range, permissions, &quiet].join(" ").len()..];
    let path = rest.trim_start_matches(' ');
    let path_html = if path.is_empty() {
        String::new()
    } else {
        span("i", path)
    };
    Some(format!(
        "{} {} {}{}{path_html}",
        span("r", range),
        span("p", permissions),
        span("q", &quiet),
        &rest[..rest.len() - path.len()],
    ))
}

/// `Rss:        4 kB`, `Threads:    1`, `VmFlags: rd wr`.
fn field(line: &str) -> Option<String> {
    let (name, rest) = line.split_once(':')?;
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '(' | ')');
    if !name.starts_with(|c: char| c.is_ascii_uppercase()) || !name.chars().all(in_name) {
        return None;
    }
    let value = rest.trim_start_matches([' ', '\t']);
    let gap = &rest[..rest.len() - value.len()];
    if gap.is_empty() || value.is_empty() {
        return None;
    }
    let value = if name == "VmFlags" {
        flags(value)?
    } else {
        let (number, unit) = match value.strip_suffix(" kB") {
            Some(number) => (number, [" ", &span("u", "kB")].concat()),
            None => (value, String::new()),
        };
        if !is_number(number) {
            return None;
        }
        span("v", number) + &unit
    };
    Some(span("i", name) + ":" + gap + &value)
}

/// Two letters each; the kernel ends them with a space.
fn flags(text: &str) -> Option<String> {
    text.split(' ')
        .map(|flag| match flag.len() {
            0 => Some(String::new()),
            2 if flag.bytes().all(|byte| byte.is_ascii_alphanumeric()) => Some(span("v", flag)),
            _ => None,
        })
        .collect::<Option<Vec<_>>>()
        .map(|flags| flags.join(" "))
}

fn span(class: &str, text: &str) -> String {
    format!("<span class=\"{class}\">{}</span>", escape(text))
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
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
