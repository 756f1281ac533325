//! Numbers with a unit, which nobody checks where they are only written.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use text::nearest;

use crate::prose::marker::{self, Kind};
use crate::prose::source::{MARKUP, Source, overlaps};
use crate::prose::{Finding, pattern};

/// Numbers that are neither printed nor marked, and markers that mark nothing.
pub fn check(source: &Source) -> Vec<Finding> {
    let claims = claims(source);
    let numbers = numbers(source);
    let mut found = Vec::new();
    for number in &numbers {
        if !is_marked(source, number) {
            let text = source.text[number.clone()].trim();
            found.push(Finding {
                at: number.start,
                message: format!(
                    "`{text}` is checked by nothing; print it with `capture value`, or end its line with `<!-- claim NAME -->` (a claim `--expect 'NAME: …'` of this chapter) or `<!-- given -->` (true by definition)"
                ),
            });
        }
    }
    for each in &source.markers {
        let at = each.range.start;
        let text = &source.text[each.range.clone()];
        let line = source.line(at);
        let message = match each.kind {
            Kind::Malformed => format!(
                "`{text}` is no marker; write `<!-- given -->`, or `<!-- claim NAME -->` with a name of lowercase letters, digits and hyphens"
            ),
            Kind::Claim(name) if !claims.contains(name) => format!(
                "no claim of this chapter is named `{name}`{}",
                nearest(name, claims.iter().map(String::as_str))
            ),
            _ if !overlaps(&numbers, &line) => {
                format!(
                    "`{text}` marks nothing: its line has no number in digits with a unit; remove it"
                )
            }
            _ => continue,
        };
        found.push(Finding { at, message });
    }
    found
}

fn is_marked(source: &Source, number: &Range<usize>) -> bool {
    let line = source.line(number.start);
    source.markers.iter().any(|marker| {
        marker.kind != Kind::Malformed && overlaps(std::slice::from_ref(&line), &marker.range)
    })
}

/// Words after which a number does not count what follows: `2 of the pages`.
const RELATIONS: [&str; 24] = [
    "a", "an", "and", "are", "as", "at", "but", "by", "for", "from", "if", "in", "is", "of", "on",
    "or", "per", "than", "that", "the", "to", "was", "were", "with",
];

/// The numbers with a unit, outside the headings of tables. One word may stand
/// between the two: `16 untouched pages`.
fn numbers(source: &Source) -> Vec<Range<usize>> {
    // Signs of emphasis may stand anywhere between the two.
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        let gap = format!("(?:[ \u{a0}\u{202f}-]|&nbsp;|{MARKUP})");
        pattern(&format!(
            r"[0-9]+(?:[., \u{{a0}}\u{{202f}}][0-9]+)*{gap}*(?:([a-z]+){gap}+)?(?:[kKMGT]i?B|(?:page|byte|fault)s?|[nmµμ]s)\b"
        ))
    });
    NUMBER
        .captures_iter(&source.prose)
        .filter(|captures| {
            let between = captures.get(1).map(|word| word.as_str());
            between.is_none_or(|word| !RELATIONS.contains(&word))
        })
        .filter_map(|captures| captures.get(0))
        .map(|found| found.range())
        // `v4 kB` and `0x10 bytes` are names and addresses.
        .filter(|range| {
            !source.prose[..range.start].ends_with(|c: char| c.is_alphanumeric() || c == '_')
        })
        .filter(|range| !overlaps(&source.table_heads, range))
        .collect()
}

/// The names of the chapter's claims: `--expect 'NAME: CLAIM'`.
fn claims(source: &Source) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for directive in &source.directives {
        let text = &source.text[directive.clone()];
        let text = text.trim_start_matches("<!--").trim_end_matches("-->");
        let words = shlex::split(text).unwrap_or_default();
        let mut words = words.iter().map(String::as_str);
        while let Some(word) = words.next().filter(|word| *word != "--") {
            let claim = match word {
                "--expect" => words.next(),
                _ => word.strip_prefix("--expect="),
            };
            let name = claim.and_then(|claim| claim.split_once(": "));
            names.extend(name.map(|(name, _)| name.to_owned()));
        }
    }
    names.retain(|name| marker::is_name(name));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(chapter: &str) -> Vec<String> {
        crate::prose::tests::told(check, chapter)
    }

    fn unmarked(chapter: &str) -> Vec<&str> {
        let source = Source::of(chapter);
        let ranges = numbers(&source).into_iter();
        ranges.map(|range| &chapter[range]).collect()
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
    fn a_number_must_be_printed_claimed_or_given() {
        let told = [
            "4 kB.: `4 kB` is checked by nothing; print it with `capture value`, or end its line with `<!-- claim NAME -->` (a claim `--expect 'NAME: …'` of this chapter) or `<!-- given -->` (true by definition)",
        ];
        assert_eq!(found("It is 4 kB.\n"), told);
        assert_eq!(found("It is 4 kB.\nOr 8 kB. <!-- given -->\n"), told);
        assert_eq!(found("It is 4 kB. <!-- given -->\n"), [""; 0]);
        assert_eq!(
            found(
                "1 page. <!-- claim one-page -->\n\n<!-- cmdrun -0 capture run x --expect 'one-page: Rss == 1 page' -->\n"
            ),
            [""; 0]
        );
    }

    #[test]
    fn a_claim_must_exist() {
        let directive = "\n<!-- cmdrun -0 capture show x --expect 'one-page: a == b' --expect=no: --expect 'a == b' -- x --expect 'two: c' -->\n";
        assert_eq!(
            found(&format!("1 page. <!-- claim one-pag -->\n{directive}")),
            [
                "<!-- claim one-pag -->: no claim of this chapter is named `one-pag`; did you mean `one-page`?"
            ]
        );
        assert_eq!(
            found(&format!("2 pages. <!-- claim two -->\n{directive}")),
            ["<!-- claim two -->: no claim of this chapter is named `two`; there are `one-page`"]
        );
    }

    #[test]
    fn a_marker_must_mark_a_number() {
        assert_eq!(
            found("One page. <!-- given -->\n"),
            [
                "<!-- given -->: `<!-- given -->` marks nothing: its line has no number in digits with a unit; remove it"
            ]
        );
        assert_eq!(
            found("4 kB. <!-- given -->\n`4 kB` <!-- given -->\n"),
            [
                "<!-- given -->: `<!-- given -->` marks nothing: its line has no number in digits with a unit; remove it"
            ]
        );
        assert_eq!(
            found("One. <!-- Given -->\n"),
            [
                "<!-- Given -->: `<!-- Given -->` is no marker; write `<!-- given -->`, or `<!-- claim NAME -->` with a name of lowercase letters, digits and hyphens"
            ]
        );
    }
}
