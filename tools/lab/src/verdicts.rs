//! What another machine says of the book's listings, in words.

use reading::{Verdict, Verdicts};

/// How many hold, are skipped and fail.
pub fn summary(verdicts: &Verdicts) -> String {
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
    parts.join(", ")
}

/// Everything that does not plainly hold.
pub fn details(verdicts: &Verdicts) -> Vec<String> {
    let of = |(listing, verdict): (&String, &Verdict)| match verdict {
        Verdict::Holds => None,
        Verdict::Skipped(reason) => Some(format!("`{listing}` skipped: {reason}")),
        Verdict::Fails(messages) => Some(format!("`{listing}` FAILS: {}", messages.join("\n"))),
    };
    verdicts.iter().filter_map(of).collect()
}

pub fn failures(verdicts: &Verdicts) -> usize {
    let fails = |each: &&Verdict| matches!(each, Verdict::Fails(_));
    verdicts.values().filter(fails).count()
}
