//! Numbers with a unit, which nobody checks where they are only written.
//!
//! A number of a sentence *equals*, in whatever unit, what a claim states or comes
//! to that stands nearest before or after it, or its line says that it is given.

use std::ops::Range;
use std::sync::LazyLock;

use reading::unit::{Amount, Kind as Of, Unit};
use regex::Regex;

use crate::comment::Fault;
use crate::comment::Kind;
use crate::pattern;
use crate::structure::{MARKUP, Structure};

/// Claims that stand together: where they begin, and what they state.
pub struct Group {
    pub at: usize,
    pub amounts: Vec<Amount>,
}

/// A number of the prose, and its unit.
pub struct Number {
    range: Range<usize>,
    text: String,
    digits: String,
    unit: String,
}

/// The numbers that claims must state, and markers that mark nothing.
pub fn of(structure: &Structure) -> (Vec<Number>, Vec<Fault>) {
    let (mut numbers, mut idle) = (numbers(structure), Vec::new());
    let comments = structure.comments.iter();
    for marker in comments.filter(|comment| comment.kind == Kind::Given) {
        let line = structure.line(marker.range.start);
        let count = numbers.len();
        numbers.retain(|number| !line.contains(&number.range.start));
        if numbers.len() == count {
            let text = &structure.text[marker.range.clone()];
            let why = "its line has no number in digits with a unit; remove it";
            let fault = (marker.range.start, format!("`{text}` marks nothing: {why}"));
            idle.push(fault);
        }
    }
    (numbers, idle)
}

/// Numbers that no claim beside them states. `groups` are all of the chapter, in its
/// order.
pub fn check(numbers: &[Number], groups: &[Group], page_size: u64) -> Vec<Fault> {
    let mut found = Vec::new();
    for number in numbers {
        let at = number.range.start;
        // Nearest before it, and nearest after it.
        let before = groups.iter().rfind(|group| group.at <= at);
        let after = groups.iter().find(|group| group.at > at);
        let beside = before.into_iter().chain(after);
        let beside: Vec<Amount> = beside.flat_map(|group| &group.amounts).copied().collect();
        let amount = Amount::stated(&number.digits, &number.unit, page_size);
        if amount.is_some_and(|amount| beside.contains(&amount)) {
            continue;
        }
        let there = amount.map(|amount| in_words(&beside, amount.kind, page_size));
        let there = there.unwrap_or_default();
        found.push((
            at,
            format!(
                "`{}` is what no claim beside it says{there}; print it with `capture value`, claim it, or end its line with `<!-- given -->` (true by definition)",
                number.text
            ),
        ));
    }
    found
}

/// Those of a kind: `: there are 4096 bytes (1 page), 12288 bytes (3 pages)`.
fn in_words(amounts: &[Amount], kind: Of, page_size: u64) -> String {
    let mut words: Vec<String> = Vec::new();
    for &Amount { number, .. } in amounts.iter().filter(|amount| amount.kind == kind) {
        let is_whole = |unit: &Unit| number != 0 && number % i128::from(unit.size(page_size)) == 0;
        let bytes = Unit::BYTES.of(number, page_size);
        let word = match kind {
            Of::Memory => match [Unit::MEBIBYTES, Unit::PAGES]
                .iter()
                .find(|unit| is_whole(unit))
            {
                Some(unit) => format!("{bytes} ({})", unit.of(number, page_size)),
                None => bytes,
            },
            Of::Time => Unit::NANOSECONDS.of(number, page_size),
            Of::Count | Of::Address => number.to_string(),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.truncate(6);
    match words.is_empty() {
        true => String::new(),
        false => format!(": there are {}", words.join(", ")),
    }
}

/// Words after which a number does not count what follows: `2 of the pages`.
const RELATIONS: &str =
    "a an and are as at but by for from if in is of on or per than that the to was were with";

/// The numbers with a unit, outside the headings of tables. One word may stand
/// between the two: `16 untouched pages`.
fn numbers(structure: &Structure) -> Vec<Number> {
    // Signs of emphasis may stand anywhere between the two.
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        let gap = format!("(?:[ \u{a0}\u{202f}-]|&nbsp;|{MARKUP})");
        pattern(&format!(
            r"([0-9]+(?:[., \u{{a0}}\u{{202f}}][0-9]+)*){gap}*(?:([a-z]+){gap}+)?([kKMGTP]i?B|(?:(?:kilo|mega|giga|tera|kibi|mebi|gibi|tebi)?byte|page|fault|(?:nano|micro|milli)?second)s?|[nmµμ]s)\b"
        ))
    });
    let mut found = Vec::new();
    for captures in NUMBER.captures_iter(&structure.prose) {
        let range = captures.get_match().range();
        let part = |group| captures.get(group).map_or("", |part| part.as_str());
        let before = &structure.prose[..range.start];
        // `v4 kB` and `0x10 bytes` are names and addresses.
        let is_name = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let mut tables = structure.tables.iter();
        let in_head = tables.any(|table| table.head.contains(&range.start));
        if is_name || in_head || RELATIONS.split(' ').any(|each| each == part(2)) {
            continue;
        }
        found.push(Number {
            text: structure.text[range.clone()].trim().to_owned(),
            digits: part(1).to_owned(),
            unit: part(3).to_owned(),
            range,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(chapter: &str, stated: &[(&str, &[&str])]) -> Vec<String> {
        let structure = Structure::of(chapter);
        let mut groups: Vec<Group> = Vec::new();
        let mut end = 0;
        for (directive, amounts) in stated {
            let at = chapter.find(directive).expect("it stands there");
            let amounts = amounts.iter().map(|amount| {
                let (digits, unit) = amount.split_once(' ').expect("two words");
                Amount::stated(digits, unit, 4096).expect("an amount")
            });
            // As a page has them: see `finish`.
            match groups.last_mut() {
                Some(last) if structure.is_silent(end..at) => last.amounts.extend(amounts),
                _ => groups.push(Group {
                    at,
                    amounts: amounts.collect(),
                }),
            }
            end = at + directive.len();
        }
        let (numbers, idle) = of(&structure);
        let found = check(&numbers, &groups, 4096).into_iter().chain(idle);
        found.map(|(_, message)| message).collect()
    }

    fn unmarked(chapter: &str) -> Vec<&str> {
        let structure = Structure::of(chapter);
        let found = numbers(&structure).into_iter();
        found.map(|number| &chapter[number.range]).collect()
    }

    #[test]
    fn a_number_with_a_unit_is_seen() {
        for number in [
            "16384 kB",
            "4 KiB",
            "16 MiB",
            "2 GiB",
            "1 TiB",
            "1 page",
            "3 pages",
            "1 byte",
            "16 bytes",
            "2 faults",
            "1 fault",
            "1220 ns",
            "1.2 µs",
            "0,5 ms",
            "16-byte",
            "4kB",
            "1 000 kB",
            "16\u{a0}MiB",
            "4&nbsp;KiB",
            "1,024 bytes",
            "4 MB",
            "3 minor faults",
            "16 untouched pages",
            "4 *small* pages",
        ] {
            for text in [format!("It is {number}."), format!("- {number}\n- *b*\n")] {
                assert_eq!(unmarked(&text), [number], "{text}");
            }
        }
        assert_eq!(unmarked("**4** kB, *16 kB*"), ["4** kB", "16 kB"]);
        assert_eq!(unmarked("4 kB or 4–8 kB"), ["4 kB", "8 kB"]);
        assert_eq!(unmarked("<summary>4 kB</summary>\n"), ["4 kB"]);
        assert_eq!(unmarked("## The 4 KiB page\n"), ["4 KiB"]);
        assert_eq!(unmarked("| a |\n|---|\n| 4 kB |\n"), ["4 kB"]);
    }

    #[test]
    fn what_is_no_statement_is_not() {
        for text in [
            "`4 kB`",
            "    4 kB\n",
            "```\n4 kB\n```\n",
            "| 4 kB |\n|---|\n| a |\n",
            "[a](4 \"4 kB\") <a title=\"4 kB\">a</a>",
            "<!-- 4 kB -->\n",
            "<p>\n<code>4 kB</code></p>\n",
            "<!-- cmdrun -0 capture value x 4 kB --> kB",
            "page 1, pages 0 and 1, one page, 4 kBs, 2 of them, 3 msecs",
            "4 webpages, 1 and pages, 2 of the pages, 3, 4 in pages",
            "v4 pages, 0x10 bytes",
            "{{#include 4 kB}}",
        ] {
            assert_eq!(unmarked(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_number_is_what_a_claim_beside_it_says() {
        let claims = "<!-- claims x\na == b\n-->";
        let text = format!("It is 16 MiB.\n\n{claims}\n\nAnd 4 pages, or 3 pages.\n");
        assert_eq!(
            found(&text, &[(claims, &["16384 kB", "4 pages", "12 kB"])]),
            [""; 0]
        );
        let told = found(&text, &[(claims, &["16384 kB", "4 pages"])]);
        assert_eq!(
            told,
            [
                "`3 pages` is what no claim beside it says: there are 16777216 bytes (16 MiB), 16384 bytes (4 pages); print it with `capture value`, claim it, or end its line with `<!-- given -->` (true by definition)"
            ]
        );
        assert_eq!(found(&text, &[]).len(), 3);
        assert_eq!(found("It is 4 kB. <!-- given -->\n", &[]), [""; 0]);
    }

    #[test]
    fn only_the_nearest_claims_count() {
        let (one, two) = ("<!-- cmdrun -0 one -->", "<!-- cmdrun -0 two -->");
        let text = format!("{one}\n\nText.\n\n{two}\n\nIt is 4 kB.\n");
        assert_eq!(found(&text, &[(one, &["4 kB"]), (two, &["8 kB"])]).len(), 1);
        // With nothing to read between them, they are one.
        let text = format!("{one}\n\n{two}\n\nIt is 4 kB.\n");
        assert_eq!(found(&text, &[(one, &["4 kB"]), (two, &["8 kB"])]), [""; 0]);
    }

    #[test]
    fn a_marker_must_mark_a_number() {
        assert_eq!(
            found("One page. <!-- given -->\n", &[]),
            [
                "`<!-- given -->` marks nothing: its line has no number in digits with a unit; remove it"
            ]
        );
    }
}
