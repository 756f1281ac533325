//! The table of the appendix *What holds where*: a row for each listing that does
//! not hold everywhere, a column for each kernel.

use std::collections::BTreeSet;

use reading::{Verdict, Verdicts};

use super::report::Report;

/// What one kernel reports, under the name that the table gives it.
pub type Column = (&'static str, Report);

/// The table in Markdown, with the kernels above it, the listings that need no
/// row, and the reasons below, each once, in the order of their numbers.
pub fn markdown(columns: &[Column]) -> String {
    let reports = || columns.iter().map(|(_, report)| report);
    let mut text = String::new();
    for (name, report) in columns {
        text += &format!("- *{name}*: {}\n", report.machine);
    }
    let users = reports().flat_map(|report| report.users.values());
    let listings: BTreeSet<&String> = users.flat_map(Verdicts::keys).collect();
    let (everywhere, others): (Vec<_>, Vec<_>) = listings.into_iter().partition(|listing| {
        let mut verdicts = reports().flat_map(|report| report.verdicts(listing));
        verdicts.all(|verdict| verdict == Some(&Verdict::Holds))
    });
    if !everywhere.is_empty() {
        let names: Vec<_> = everywhere.iter().map(|name| format!("`{name}`")).collect();
        text += &format!(
            "\n{} of {} listings hold on all of them, for root and for others: {}.\n",
            everywhere.len(),
            everywhere.len() + others.len(),
            names.join(", ")
        );
    }
    if others.is_empty() {
        return text;
    }
    let names = cells(columns, |(name, _)| (*name).to_owned());
    let line = cells(columns, |_| "---".to_owned());
    text += &format!("\n| Listing |{names}\n|---|{line}\n");
    let mut reasons = Vec::new();
    for listing in others {
        // Root's verdict and the ordinary user's, or one where they agree.
        let row = cells(columns, |(_, report)| {
            let [root, others] = report
                .verdicts(listing)
                .map(|each| cell(each, &mut reasons));
            match root == others {
                true => root,
                false => format!("root {root}, others {others}"),
            }
        });
        text += &format!("| `{listing}` |{row}\n");
    }
    text.push('\n');
    for (number, reason) in (1..).zip(&reasons) {
        let reason = escape(reason);
        text += &format!("{number}. <span id=\"reason-{number}\"></span>{reason}\n");
    }
    text
}

fn cells(columns: &[Column], cell: impl FnMut(&Column) -> String) -> String {
    let cells: Vec<String> = columns.iter().map(cell).collect();
    format!(" {} |", cells.join(" | "))
}

/// A verdict, with the number of its reason.
fn cell(verdict: Option<&Verdict>, reasons: &mut Vec<String>) -> String {
    let (word, sign, reason) = match verdict {
        None => return "not in the book".to_owned(),
        Some(Verdict::Holds) => {
            return "<span role=\"img\" aria-label=\"holds\">✓</span>".to_owned();
        }
        Some(Verdict::Skipped(reason)) => ("skipped", "–", reason.clone()),
        Some(Verdict::Fails(messages)) => {
            // The place of the book, and what is wrong; not what was printed.
            let lines = messages.iter().filter_map(|message| message.lines().next());
            ("fails", "✗", lines.collect::<Vec<_>>().join("; "))
        }
    };
    let known = reasons.iter().position(|known| *known == reason);
    let number = 1 + known.unwrap_or_else(|| {
        reasons.push(reason);
        reasons.len() - 1
    });
    format!(
        "<a href=\"#reason-{number}\" aria-label=\"{word}, reason {number}\">{sign}&nbsp;{number}</a>"
    )
}

/// A listing's own words, as text in Markdown.
fn escape(text: &str) -> String {
    let escape = |c: char| match c.is_ascii_punctuation() && !"(),.:;-/'".contains(c) {
        true => format!("&#{};", u32::from(c)),
        false => c.to_string(),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(root: &str, others: &str) -> Report {
        Report::of(&format!(
            "matrix machine Linux 6.1.0, x86_64, 4 KiB pages, on 2026-11-24\n\
             matrix verdicts root {root}\nmatrix verdicts others {others}\n"
        ))
    }

    #[test]
    fn a_listing_that_does_not_hold_everywhere_has_a_row_and_a_reason_a_number() {
        let old = report(
            r#"{"a":"Holds","b":{"Skipped":"needs mseal_2"},"c":"Holds","d":"Holds"}"#,
            r#"{"a":"Holds","b":{"Skipped":"needs mseal_2"},"c":"Holds","d":"Holds"}"#,
        );
        let new = report(
            r#"{"a":{"Fails":["a.md:1: broken\nit printed","a.md:2: false"]},"b":"Holds","c":"Holds","d":"Holds"}"#,
            r#"{"a":"Holds","b":{"Skipped":"needs mseal_2"},"c":"Holds","d":"Holds"}"#,
        );
        let text = markdown(&[("old", old), ("new", new)]);
        let holds = "<span role=\"img\" aria-label=\"holds\">✓</span>";
        let link = |number: u8, word: &str, sign: &str| {
            format!(
                "<a href=\"#reason-{number}\" aria-label=\"{word}, reason {number}\">{sign}&nbsp;{number}</a>"
            )
        };
        let (fails, skipped) = (link(1, "fails", "✗"), link(2, "skipped", "–"));
        assert_eq!(
            text,
            format!(
                "- *old*: Linux 6.1.0, x86_64, 4 KiB pages, on 2026-11-24\n\
                 - *new*: Linux 6.1.0, x86_64, 4 KiB pages, on 2026-11-24\n\n\
                 2 of 4 listings hold on all of them, for root and for others: `c`, `d`.\n\n\
                 | Listing | old | new |\n\
                 |---| --- | --- |\n\
                 | `a` | {holds} | root {fails}, others {holds} |\n\
                 | `b` | {skipped} | root {holds}, others {skipped} |\n\n\
                 1. <span id=\"reason-1\"></span>a.md:1: broken; a.md:2: false\n\
                 2. <span id=\"reason-2\"></span>needs mseal&#95;2\n"
            )
        );
    }
}
