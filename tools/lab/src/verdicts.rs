//! What another machine says of the book's listings, in words.

use reading::{Verdict, Verdicts};

/// How many hold, are skipped and fail, and below it everything that does not
/// plainly hold.
pub fn told(verdicts: &Verdicts) -> String {
    let count = |which: fn(&Verdict) -> bool| verdicts.values().filter(|each| which(each)).count();
    let parts = [
        (count(|each| *each == Verdict::Holds), "hold"),
        (count(|each| matches!(each, Verdict::Skipped(_))), "skipped"),
        (failures(verdicts), "FAIL"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let mut text = parts.join(", ");
    for (listing, verdict) in verdicts {
        let detail = match verdict {
            Verdict::Holds => continue,
            Verdict::Skipped(reason) => format!("`{listing}` skipped: {reason}"),
            Verdict::Fails(messages) => format!("`{listing}` FAILS: {}", messages.join("\n")),
        };
        text += &format!("\n    {}", detail.replace('\n', "\n      "));
    }
    text
}

pub fn failures(verdicts: &Verdicts) -> usize {
    let fails = |each: &&Verdict| matches!(each, Verdict::Fails(_));
    verdicts.values().filter(fails).count()
}

/// The last lines of what was printed: why it came to no verdict.
pub fn tail(printed: &str) -> String {
    let lines: Vec<&str> = printed.trim_end().lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_plainly_hold_is_told() {
        let verdicts = [
            ("a", Verdict::Holds),
            ("b", Verdict::Skipped("needs root".to_owned())),
            (
                "c",
                Verdict::Fails(vec!["src/c.md:1: false\nby 2".to_owned()]),
            ),
        ];
        let verdicts = verdicts.map(|(name, verdict)| (name.to_owned(), verdict));
        assert_eq!(
            told(&verdicts.into()),
            "1 hold, 1 skipped, 1 FAIL\n    `b` skipped: needs root\n    \
             `c` FAILS: src/c.md:1: false\n      by 2"
        );
    }
}
