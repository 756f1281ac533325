//! Predictions: choices, of which the reader takes one, and an answer to unfold.
//!
//! The script of the theme compares what was chosen with what was right.

use crate::comment::{Comment, Fault, Kind};
use crate::structure::{HtmlTag, Structure};

/// The first word of a prediction's heading.
const HEADING: &str = "Predict";

/// What stands for a marker in the page: nothing that is seen.
pub fn mark(kind: Kind) -> &'static str {
    match kind {
        Kind::Right => "<data value=\"right\"></data>",
        Kind::Below => "<data value=\"below\"></data>",
        _ => "",
    }
}

/// A prediction has one right choice, and an answer behind it.
pub fn check(structure: &Structure) -> Vec<Fault> {
    let text = structure.text;
    let mut found = Vec::new();
    let comments = structure.comments.iter();
    let mut stray: Vec<&Comment> = comments.filter(|it| !mark(it.kind).is_empty()).collect();
    let mut headings = structure.headings.iter().peekable();
    while let Some(heading) = headings.next() {
        let word = heading.text.split([' ', ':']).find(|word| !word.is_empty());
        if word != Some(HEADING) {
            continue;
        }
        let section = heading.at..headings.peek().map_or(text.len(), |next| next.at);
        let mut tags = structure.tags.iter();
        let is_answer = |tag: &&HtmlTag| tag.name == "details" && section.contains(&tag.at);
        let Some(answer) = tags.find(is_answer) else {
            let why = "this prediction has no answer; put a `<details>` behind its choices";
            found.push((heading.at, why.to_owned()));
            continue;
        };
        let choices = heading.at..answer.at;
        let rights = stray.extract_if(.., |right| choices.contains(&right.range.start));
        let rights: Vec<&Comment> = rights.collect();
        let [right] = rights[..] else {
            let how_many = rights.len();
            let why = format!(
                "of the choices of this prediction, {how_many} are right; end the one that the kernel chose with `<!-- right -->`, or one with `<!-- right below -->` where it differs from machine to machine"
            );
            found.push((heading.at, why));
            continue;
        };
        let line = structure.line(right.range.start);
        let mut others = structure.comments.iter();
        let is_given = |it: &Comment| it.kind == Kind::Given && line.contains(&it.range.start);
        if !text[line.clone()].trim_start().starts_with("- ") {
            stray.push(right);
        } else if right.kind == Kind::Right && others.any(is_given) {
            let why = "the right choice is what the kernel said: let a claim of the answer state its number, and take out `<!-- given -->`";
            found.push((right.range.start, why.to_owned()));
        }
    }
    found.extend(stray.into_iter().map(|right| {
        let why = format!(
            "`<!-- right -->` marks nothing: it ends an item `- …` of the choices under a heading `{HEADING}: …`, before the answer"
        );
        (right.range.start, why)
    }));
    found
}

#[cfg(test)]
mod tests {
    fn found(chapter: &str) -> Vec<String> {
        crate::prose::tests::told(super::check, chapter)
    }

    const ANSWER: &str = "\n<details>\n<summary>Answer</summary>\n\nIt.\n\n</details>\n";

    #[test]
    fn a_prediction_has_one_right_choice_and_an_answer() {
        let of = |choices: &str| {
            found(&format!(
                "# A\n\n## Predict: it\n\n{choices}{ANSWER}\n## Why\n"
            ))
        };
        assert_eq!(of("- one\n- two <!-- right -->\n"), [""; 0]);
        let either = "- 1 kB <!-- given -->\n- 2 kB <!-- given --> <!-- right below -->\n";
        assert_eq!(of(either), [""; 0]);
        for (choices, why) in [
            ("- one\n- two\n", "0 are right"),
            (
                "- one <!-- right -->\n- two <!-- right -->\n",
                "2 are right",
            ),
            ("One. <!-- right -->\n", "marks nothing"),
            (
                "- 4 kB <!-- given --> <!-- right -->\n",
                "let a claim of the answer",
            ),
        ] {
            let told = of(choices);
            assert!(told.len() == 1 && told[0].contains(why), "{told:?}");
        }
    }

    #[test]
    fn what_is_right_is_told_where_somebody_chooses() {
        for (chapter, why) in [
            (
                "# A\n\n## Predict: it\n\n- one <!-- right -->\n\n## Why\n",
                "has no answer",
            ),
            ("# A\n\n- one <!-- right -->\n", "marks nothing"),
        ] {
            let told = found(chapter).join("\n");
            assert!(told.contains(why), "{told}");
        }
        let behind = found(&format!(
            "# A\n\n## Predict: it\n{ANSWER}\n- one <!-- right -->\n"
        ));
        assert!(behind.join("\n").contains("0 are right"), "{behind:?}");
    }
}
