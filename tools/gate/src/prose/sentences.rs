//! One sentence per line, so that a change to one is a change to one.

use crate::comment::Fault;
use crate::structure::{MARKUP, OBJECT, Structure};

/// What a full stop may follow without ending a sentence.
const ABBREVIATIONS: &str = "approx cf ch dr e.g etc fig i.e mr mrs ms no p pp resp vs";

/// Lines with two sentences, and sentences on two lines.
pub fn check(source: &Structure) -> Vec<Fault> {
    let mut found = Vec::new();
    for run in &source.runs {
        let mut at = run.start;
        let lines: Vec<&str> = source.prose[run.clone()].split('\n').collect();
        for (number, line) in lines.iter().enumerate() {
            found.extend(second_sentences(line).map(|start| {
                (
                    at + start,
                    format!(
                        "a second sentence begins here, at `{}`; begin it on a new line",
                        words(&source.text[at + start..at + line.len()])
                    ),
                )
            }));
            let end = at + line.len();
            if let Some(next) = lines.get(number + 1)
                && !ends_sentence(line)
                && !is_lead_in(&source.text[at..end])
            {
                let rest = &source.text[end + 1..end + 1 + next.len()];
                found.push((
                    at,
                    format!(
                        "this line ends in the middle of a sentence; join it with the next, `{}`",
                        words(rest)
                    ),
                ));
            }
            at = end + 1;
        }
    }
    found
}

/// The places of a line at which a sentence begins after another.
fn second_sentences(line: &str) -> impl Iterator<Item = usize> {
    let stops = line.match_indices(['.', '!', '?']);
    stops.filter_map(|(at, stop)| {
        let rest = line[at + stop.len()..].trim_start_matches(closes);
        let next = rest.trim_start();
        let apart = next.len() < rest.len();
        let start = next.trim_start_matches(opens);
        let is_start = start.starts_with(|c: char| c.is_uppercase() || c == OBJECT)
            || (next.starts_with(MARKUP) && !start.is_empty());
        let ends = stop != "." || !is_abbreviated(&line[..at]);
        (apart && is_start && ends).then(|| line.len() - next.len())
    })
}

/// Whether a full stop behind this text belongs to its last word: `e.g`, the
/// initial `J`, the first dots of `...`.
fn is_abbreviated(before: &str) -> bool {
    let word = before
        .rsplit(|c: char| c.is_whitespace() || opens(c))
        .next()
        .unwrap_or_default();
    let mut letters = word.rsplit('.').next().unwrap_or_default().chars();
    let is_initial = letters.next().is_some_and(char::is_uppercase) && letters.next().is_none();
    is_initial
        || word.ends_with('.')
        || ABBREVIATIONS
            .split(' ')
            .any(|each| each == word.to_lowercase())
}

fn ends_sentence(line: &str) -> bool {
    let line = line.trim_end_matches(|c: char| c.is_whitespace() || (closes(c) && c != ')'));
    line.is_empty() || line.ends_with(['.', ':', '!', '?', ';', ')', '…'])
}

/// A title that runs into its text: `**Huge pages**`.
fn is_lead_in(line: &str) -> bool {
    let title = line.trim().strip_prefix("**");
    let title = title.and_then(|line| line.strip_suffix("**"));
    title.is_some_and(|title| !title.contains("**"))
}

/// May stand between the end of a sentence and the space after it.
fn closes(c: char) -> bool {
    matches!(c, ')' | ']' | '"' | '\'' | '”' | '’' | '»' | MARKUP)
}

/// May stand before the first letter of a sentence.
fn opens(c: char) -> bool {
    matches!(c, '(' | '[' | '"' | '\'' | '“' | '‘' | '«' | MARKUP)
}

/// The first few words of a text.
fn words(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(4).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(chapter: &str) -> Vec<String> {
        crate::prose::tests::told(check, chapter)
    }

    #[test]
    fn a_second_sentence_begins_a_line() {
        for (line, second) in [
            ("One is. Two is.", "Two is."),
            ("One? Two.", "Two."),
            ("One! *two* is.", "*two* is."),
            ("One is. `two` is.", "`two` is."),
            ("One is. <!-- cmdrun -0 x --> is.", "<!-- cmdrun -0 x"),
            ("**One.** Two.", "Two."),
            ("(One.) Two.", "Two."),
            ("\"One.\" “Two.”", "“Two.”"),
            ("See mmap(2). [Two](two.md) is.", "[Two](two.md) is."),
            ("It is 4 kB. Two.", "Two."),
            ("- One. Two.", "Two."),
            ("> One. Two.", "Two."),
            ("One. Ähm.", "Ähm."),
        ] {
            let rest = &line[line.find(second).expect("it is there")..];
            assert_eq!(
                found(line),
                [format!(
                    "{rest}: a second sentence begins here, at `{second}`; begin it on a new line"
                )],
                "{line}"
            );
        }
        assert_eq!(found("One. Two. Three.").len(), 2);
    }

    #[test]
    fn not_every_full_stop_ends_a_sentence() {
        for text in [
            "One, e.g. Rust, i.e. `rustc`, vs. C, cf. *it*, etc. Really.",
            "By J. Faschingbauer and J. R. R. Tolkien in the U.S. Army.",
            "And so ... It goes.",
            "Linux 6.18 has proc_pid_smaps(5) in mm/mmap.c and `a. B`.",
            "A full stop (e.g. `.`) is a sign.",
            "It is. <!-- given -->",
            "It is.*",
            "# One. Two.",
            "| One. Two. |\n|---|\n| One. Two. |",
            "```\nOne. Two.\nthree\n```",
            "<p>One. Two.\nthree</p>",
            "One.[^1]\n\n[^1]: One. Two.",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_sentence_is_one_line() {
        assert_eq!(
            found("One\ntwo *three* four five six.\n"),
            [
                "One: this line ends in the middle of a sentence; join it with the next, `two *three* four five`"
            ]
        );
        assert_eq!(
            found("- One,\n  two.\n"),
            ["One,: this line ends in the middle of a sentence; join it with the next, `two.`"]
        );
        for text in [
            "One.\nTwo?\nThree!\nFour:\nfive;\nsix (seven)\neight…\nnine\n",
            "- **`one();`**\n  Two.\n",
            "**One.**\n\"Two.\"\n`Three`\n",
            "One  \ntwo\\\nthree\n",
            "One. <!-- given -->\nTwo.\n",
            "- one\n- two\n\nthree\n\nfour",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
