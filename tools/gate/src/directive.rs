//! `<!-- cmdrun -0 COMMAND -->`: finding directives, once.
//!
//! The syntax is upstream's. Upstream's scanner is not used: it joins two
//! directives on a line, passes over one that spans lines, and runs a directive
//! that it finds in output.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A directive in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// What it stands for in the text: where it is alone on its line, with the
    /// line feed.
    pub range: Range<usize>,
    /// Between `cmdrun ` and `-->`, without the spaces around.
    pub text: String,
    /// It stands in the middle of a line.
    pub inline: bool,
}

/// Something that looks like a directive and is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    pub at: usize,
    pub why: &'static str,
}

/// Finds every directive of a text, in order, or what looks like one.
pub fn scan(text: &str) -> Vec<Result<Directive, Malformed>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        scan_line(line, start, &mut found);
        start += line.len();
    }
    found
}

/// Finds those of one line, which begins at `start`.
fn scan_line(line: &str, start: usize, found: &mut Vec<Result<Directive, Malformed>>) {
    static OPENING: LazyLock<Regex> = LazyLock::new(|| pattern(r"<!--[ \t]*cmdrun\b"));
    let mut from = 0;
    let mut is_open = false;
    while let Some(opening) = OPENING.find_at(line, from) {
        let rest = &line[opening.end()..];
        // Behind one that does not end here, none does.
        let length = if is_open { None } else { rest.find("-->") };
        let Some(length) = length else {
            is_open = true;
            found.push(Err(Malformed {
                at: start + opening.start(),
                why: "a directive must end with `-->` on the line on which it begins",
            }));
            from = opening.end();
            continue;
        };
        let end = opening.end() + length + "-->".len();
        let alone =
            from == 0 && line[..opening.start()].trim().is_empty() && line[end..].trim().is_empty();
        found.push(Ok(Directive {
            range: start + opening.start()..start + if alone { line.len() } else { end },
            text: rest[..length].trim().to_owned(),
            inline: !alone,
        }));
        from = end;
    }
}

impl Directive {
    /// The command behind the flag that says which exit status is right, and
    /// the flag. Without one, upstream ignores the status.
    pub fn flag_and_command(&self) -> Option<(&str, &str)> {
        static FLAG: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"^(-\d+|--strict|--expect-return-code\s+\d+)\s+(.+)$"));
        let parts = FLAG.captures(&self.text)?;
        Some((parts.get(1)?.as_str(), parts.get(2)?.as_str()))
    }
}

/// A pattern that is part of the program.
#[expect(clippy::expect_used, reason = "a constant, tried by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is well formed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let found = scan(text).into_iter();
        found
            .map(|each| match each {
                Ok(directive) => {
                    let kind = if directive.inline { "inline" } else { "block" };
                    format!("{kind} {}", directive.text)
                }
                Err(malformed) => format!("bad {}", malformed.at),
            })
            .collect()
    }

    #[test]
    fn two_directives_on_a_line_are_two() {
        assert_eq!(
            texts("a <!-- cmdrun -0 echo 1 --> b <!--cmdrun -0 echo 2--> c\n"),
            ["inline -0 echo 1", "inline -0 echo 2"]
        );
    }

    #[test]
    fn alone_on_its_line_it_takes_the_line() {
        let text = "one\n\n  <!-- cmdrun -0 echo  'a  b' -->  \n\ntwo";
        assert_eq!(texts(text), ["block -0 echo  'a  b'"]);
        let directive = scan(text).remove(0).expect("well formed");
        assert_eq!(&text[directive.range.end..], "\ntwo");
    }

    #[test]
    fn one_over_several_lines_is_refused() {
        assert_eq!(texts("x\n<!-- cmdrun -0 echo\n1 -->\n"), ["bad 2"]);
        assert_eq!(
            texts("<!-- a comment about cmdrun -->\n<!-- cmdrunner -->"),
            [""; 0]
        );
    }

    #[test]
    fn the_flag_is_told_from_the_command() {
        let parts = |text: &str| {
            let directive = Directive {
                range: 0..0,
                text: text.to_owned(),
                inline: false,
            };
            directive
                .flag_and_command()
                .map(|(flag, command)| (flag.to_owned(), command.to_owned()))
        };
        let some = |flag: &str, command: &str| Some((flag.to_owned(), command.to_owned()));
        assert_eq!(parts("-0 echo  1"), some("-0", "echo  1"));
        assert_eq!(parts("--strict ls"), some("--strict", "ls"));
        assert_eq!(
            parts("--expect-return-code 3 x"),
            some("--expect-return-code 3", "x")
        );
        assert_eq!(parts("echo 1"), None);
        assert_eq!(parts("-x echo 1"), None);
    }
}
