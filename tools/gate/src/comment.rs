//! The comments of a chapter. Each is a directive, a block of claims, a marker,
//! or a note of its author; none of them reaches a page.
//!
//! A comment is where words can vanish, so what is nearly one of these is refused.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use text::meant;

use crate::pattern;
use crate::structure::overlaps;

/// A comment, from `<!--` to `-->`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    pub range: Range<usize>,
    /// Nothing else stands on its lines.
    pub alone: bool,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `<!-- cmdrun -0 COMMAND -->`
    Directive,
    /// `<!-- claims LISTING …`, one claim a line.
    Claims,
    /// `<!-- given -->`: the numbers of this line are true by definition.
    Given,
    /// `<!-- right -->`: of the choices of a prediction, what the kernel said.
    Right,
    /// `<!-- right below -->`: which choice is right, only the answer can tell.
    Below,
    /// For whoever reads the source.
    Note,
}

/// What is wrong, and where.
pub type Fault = (usize, String);

/// Finds every comment of a text whose code is known, in order, and what looks
/// like one.
pub fn scan(text: &str, code: &[Range<usize>]) -> (Vec<Comment>, Vec<Fault>) {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    let mut from = 0;
    while let Some(at) = text[from..].find("<!--").map(|at| from + at) {
        from = at + "<!--".len();
        if text[..at].ends_with('\\') {
            continue;
        }
        // In code, a comment is shown like anything else, and a command may print.
        let word = text[from..].split_whitespace().next();
        if overlaps(code, &(at..from)) && word != Some("cmdrun") {
            continue;
        }
        match comment(text, at) {
            Ok(comment) => {
                from = comment.range.end;
                found.push(comment);
            }
            Err(why) => faults.push((at, why)),
        }
    }
    (found, faults)
}

fn comment(text: &str, at: usize) -> Result<Comment, String> {
    let inside = &text[at + "<!--".len()..];
    let word = inside.split_whitespace().next().unwrap_or_default();
    let Some(length) = inside.find("-->") else {
        return Err(format!(
            "this {} does not end; close it with `-->`",
            if word == "cmdrun" {
                "directive"
            } else {
                "comment"
            }
        ));
    };
    let inside = &inside[..length];
    let range = at..at + "<!--".len() + length + "-->".len();
    if inside.starts_with(['>', '-']) || inside.ends_with('-') {
        return Err("a browser ends this comment elsewhere; write `<!-- text -->`".to_owned());
    }
    // Where a browser would end it, or mdBook begin another.
    for sign in ["--!>", "<!--"] {
        if inside.contains(sign) {
            return Err(format!(
                "this comment holds `{sign}` before it ends; close it with `-->` first"
            ));
        }
    }
    let line_start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let rest_of_line = text[range.end..].lines().next().unwrap_or_default();
    let alone = text[line_start..at].trim().is_empty() && rest_of_line.trim().is_empty();
    let kind = kind(inside, word)?;
    match kind {
        Kind::Claims if line_start != at || !alone => Err(
            "a block of claims stands on lines of its own and begins at the start of one"
                .to_owned(),
        ),
        Kind::Directive | Kind::Given | Kind::Right | Kind::Below if inside.contains('\n') => {
            Err(format!(
                "a {} must end with `-->` on the line on which it begins",
                if kind == Kind::Directive {
                    "directive"
                } else {
                    "marker"
                }
            ))
        }
        // Another block begins behind it, or a paragraph ends.
        Kind::Note if inside.contains('\n') && !alone => {
            Err("a comment of several lines stands on lines of its own".to_owned())
        }
        _ => Ok(Comment { range, alone, kind }),
    }
}

fn kind(inside: &str, word: &str) -> Result<Kind, String> {
    static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\bcmdrun\s+-|\bcapture\s+(run|show|value|claims|steps|draw|environment|record)\b|--expect\b",
        )
    });
    match word {
        "cmdrun" => return Ok(Kind::Directive),
        "claims" => return Ok(Kind::Claims),
        "given" if inside.trim() == word => return Ok(Kind::Given),
        "right" if inside.trim() == word => return Ok(Kind::Right),
        "right" if inside.trim() == "right below" => return Ok(Kind::Below),
        _ => {}
    }
    // Up to the first sign: `cmdrun-0`, `given.`
    let bare: &str = word
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    let near = |word: &str| meant(word, ["cmdrun", "claims", "given", "right"].into_iter());
    if let Some(near) = near(word).or_else(|| near(bare)) {
        return Err(format!(
            "this comment is no directive, no block of claims and no marker{near} A note to whoever reads the source begins with another word"
        ));
    }
    if COMMAND.is_match(inside) {
        return Err(
            "this comment holds a directive's words, and runs nothing; write `<!-- cmdrun -0 … -->` or `<!-- claims …`, or take it out"
                .to_owned(),
        );
    }
    Ok(Kind::Note)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Result<(Kind, bool), String>> {
        let (found, faults) = scan(text, &[]);
        let found = found
            .into_iter()
            .map(|c| (c.range.start, Ok((c.kind, c.alone))));
        let faults = faults.into_iter().map(|(at, why)| (at, Err(why)));
        let mut all: Vec<_> = found.chain(faults).collect();
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, each)| each).collect()
    }

    #[test]
    fn each_is_what_its_first_word_says() {
        assert_eq!(
            kinds(
                "a <!-- cmdrun -0 x --> b <!--cmdrun -0 y-->\n\n<!-- claims l\na == b\n-->\n4 kB <!-- given -->\n<!-- to do -->\n"
            ),
            [
                Ok((Kind::Directive, false)),
                Ok((Kind::Directive, false)),
                Ok((Kind::Claims, true)),
                Ok((Kind::Given, false)),
                Ok((Kind::Note, true)),
            ]
        );
    }

    #[test]
    fn what_is_nearly_one_is_refused() {
        for (text, why) in [
            ("<!-- todo\n\ntext", "this comment does not end"),
            ("<!-- cmdrun -0 x\n", "this directive does not end"),
            (
                "<!-- todo <!-- cmdrun -0 x -->",
                "holds `<!--` before it ends",
            ),
            ("<!-- a --!> b -->", "holds `--!>`"),
            ("<!--> a -->", "a browser ends this comment elsewhere"),
            ("<!-- cmdrun -0 x\n-->", "on the line on which it begins"),
            ("<!-- given\n-->", "on the line on which it begins"),
            (
                "<!-- cmdrn -0 capture show one -->",
                "did you mean `cmdrun`?",
            ),
            ("<!-- Cmdrun -0 x -->", "did you mean `cmdrun`?"),
            ("<!-- cmdrun-0 x -->", "did you mean `cmdrun`?"),
            ("<!-- \u{441}mdrun -0 x -->", "did you mean `cmdrun`?"),
            ("<!-- claim a -->", "did you mean `claims`?"),
            ("<!-- Claims l\na == b\n-->", "did you mean `claims`?"),
            ("<!-- given. -->", "did you mean `given`?"),
            ("<!-- given here -->", "did you mean `given`?"),
            ("<!-- Given -->", "did you mean `given`?"),
            ("<!-- right! -->", "did you mean `right`?"),
            (
                "<!-- later: cmdrun -0 capture run x -->",
                "holds a directive's words",
            ),
            ("<!-- off: capture show x -->", "holds a directive's words"),
            ("  <!-- claims l\na == b\n-->", "begins at the start of one"),
            ("a <!-- claims l\na == b\n-->", "begins at the start of one"),
            ("<!-- claims l\na == b\n--> b", "begins at the start of one"),
            ("a <!-- one\ntwo --> b", "stands on lines of its own"),
        ] {
            let all = kinds(text);
            let told = all.first().and_then(|each| each.clone().err());
            let told = told.unwrap_or_default();
            assert!(told.contains(why), "{text}: {told}");
        }
    }
}
