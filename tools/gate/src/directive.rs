//! `<!-- cmdrun -0 COMMAND -->` and `<!-- claims LISTING …`: what is to be run.
//!
//! The syntax of the first is upstream's. Upstream's scanner is not used: it joins
//! two directives on a line, passes over one that spans lines, and runs a directive
//! that it finds in output.

use std::sync::LazyLock;

use reading::Verb;
use regex::Regex;

use crate::pattern;

/// The most characters of a directive for an excerpt.
const LONGEST: usize = 200;

/// What a directive asks for.
pub enum Task {
    /// `capture …`, answered in this process; with its words.
    Capture {
        verb: Box<Verb>,
        words: Vec<String>,
        /// In a block, where each claim stands, counted from the block.
        places: Vec<usize>,
    },
    /// Anything else, run by mdbook-cmdrun with this flag.
    Command { flag: String, command: String },
}

/// Reads a directive, from `<!--` to `-->`.
pub fn read(comment: &str, in_code: bool) -> Result<Task, String> {
    // Without a flag that says which exit status is right, upstream ignores it.
    static FLAG: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(-\d+|--strict|--expect-return-code\s+\d+)\s+(.+)$"));
    let text = inside(comment).strip_prefix("cmdrun").unwrap_or_default();
    let text = text.trim();
    let Some(parts) = FLAG.captures(text) else {
        return Err(format!(
            "the directive `{text}` does not say which exit status is right, so that nobody would notice its failure; write `cmdrun -0 …`"
        ));
    };
    let (flag, command) = (&parts[1], &parts[2]);
    if command.split_whitespace().next() != Some("capture") {
        return Ok(Task::Command {
            flag: flag.to_owned(),
            command: command.to_owned(),
        });
    }
    let length = comment.chars().count();
    if length > LONGEST {
        return Err(format!(
            "this directive has {length} characters, and nobody reads more than {LONGEST}; claims stand in a block of their own, `<!-- claims …`"
        ));
    }
    if flag != "-0" && flag != "--strict" {
        return Err(format!(
            "`capture` must succeed: write `-0` instead of `{flag}`"
        ));
    }
    if in_code {
        return Err(
            "an excerpt is HTML and would be shown as text in a code block; take the directive out of it"
                .to_owned(),
        );
    }
    let words = words(command)?;
    if let Some(operator) = unquoted_operator(command) {
        return Err(format!(
            "`{operator}` stands outside quotes in `{command}`: a shell would end `capture` there; put the whole command behind `--` in single quotes"
        ));
    }
    Ok(Task::Capture {
        verb: verb(&words)?,
        words,
        places: Vec::new(),
    })
}

/// Reads a block of claims: the words behind `claims` on its first line, and a
/// claim on each other. The place of what is wrong counts from the block.
pub fn claims(comment: &str) -> Result<Task, (usize, String)> {
    let block = inside(comment);
    let (head, lines) = block.split_once('\n').unwrap_or((block, ""));
    let begins = comment.find("claims").unwrap_or(0);
    let head_words = words(head).map_err(|why| (begins, why))?;
    let mut options = head_words.iter();
    if let Some(option) = options.find(|word| *word == "--" || word.starts_with("--expect")) {
        let why = format!("`{option}` is too much: a claim stands on a line of its own");
        return Err((begins, why));
    }
    let with = |claims: &[&str]| {
        let mut words = vec!["capture".to_owned()];
        words.extend(head_words.iter().cloned());
        words.push("--".to_owned());
        words.extend(claims.iter().map(|&claim| claim.to_owned()));
        words
    };
    // The first line is told of itself, whatever is claimed, and each claim with its
    // own line.
    verb(&with(&["prints something"])).map_err(|why| (begins, why))?;
    let (mut claims, mut places) = (Vec::new(), Vec::new());
    let mut at = begins + head.len() + 1;
    for line in lines.split_inclusive('\n') {
        let claim = line.trim();
        if !claim.is_empty() {
            verb(&with(&[claim])).map_err(|why| (at, why))?;
            claims.push(claim);
            places.push(at);
        }
        at += line.len();
    }
    if claims.is_empty() {
        let why = "this block claims nothing; write a claim a line, such as `Rss == 1 page`";
        return Err((begins, why.to_owned()));
    }
    let words = with(&claims);
    Ok(Task::Capture {
        verb: verb(&words).map_err(|why| (begins, why))?,
        words,
        places,
    })
}

fn inside(comment: &str) -> &str {
    let text = comment.strip_prefix("<!--").unwrap_or(comment);
    text.strip_suffix("-->").unwrap_or(text).trim()
}

fn words(command: &str) -> Result<Vec<String>, String> {
    shlex::split(command).ok_or_else(|| format!("a quote is not closed in `{command}`"))
}

fn verb(words: &[String]) -> Result<Box<Verb>, String> {
    match Verb::read(words)? {
        Verb::Record { .. } => {
            Err("`capture record` prints JSON, which is nothing for a page".to_owned())
        }
        verb => Ok(Box::new(verb)),
    }
}

/// A character with a meaning for a shell that no quote protects. Quotes are closed.
fn unquoted_operator(command: &str) -> Option<&str> {
    static OPERATOR: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r#"^(?:[^\\'"|&;<>()`]|\\.|'[^']*'|"(?:[^\\"]|\\.)*")*([|&;<>()`])"#)
    });
    Some(OPERATOR.captures(command)?.get(1)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(comment: &str) -> String {
        read(comment, false).map(|_| ()).unwrap_err()
    }

    #[test]
    fn an_operator_outside_quotes_is_seen() {
        assert_eq!(unquoted_operator("capture show x -- 'a | b'"), None);
        assert_eq!(unquoted_operator("capture show x -- a | b"), Some("|"));
        assert_eq!(
            unquoted_operator("capture run x --expect 'Rss > 0 kB'"),
            None
        );
        assert_eq!(unquoted_operator(r#"capture show x -- "a \" | b""#), None);
    }

    #[test]
    fn a_directive_says_which_status_is_right() {
        assert!(refused("<!-- cmdrun echo 1 -->").contains("does not say which exit status"));
        assert!(refused("<!-- cmdrun -x echo 1 -->").contains("does not say which exit status"));
        assert!(refused("<!-- cmdrun -3 capture run x -->").contains("write `-0`"));
        let Ok(Task::Command { flag, command }) = read("<!-- cmdrun --strict ls  a -->", false)
        else {
            panic!("a command");
        };
        assert_eq!((flag.as_str(), command.as_str()), ("--strict", "ls  a"));
    }

    #[test]
    fn a_wrong_verb_names_the_nearest() {
        assert_eq!(
            refused("<!-- cmdrun -0 capture shwo x -->"),
            "`capture` has no verb `shwo`; did you mean `show`?"
        );
        assert_eq!(
            refused("<!-- cmdrun -0 capture draw polt x -->"),
            "`capture draw` has no picture `polt`; did you mean `plot`?"
        );
    }

    #[test]
    fn each_claim_of_a_block_has_its_line() {
        let block = "<!-- claims one --at touched\nRss == 1 page\n\nprints a -- b > c\n-->";
        let Ok(Task::Capture {
            verb,
            words,
            places,
        }) = claims(block)
        else {
            panic!("claims");
        };
        assert_eq!(verb.claims().count(), 2);
        let lines = places.iter().map(|at| block[..*at].matches('\n').count());
        assert_eq!(lines.collect::<Vec<_>>(), [1, 3]);
        assert_eq!(
            words,
            [
                "capture",
                "claims",
                "one",
                "--at",
                "touched",
                "--",
                "Rss == 1 page",
                "prints a -- b > c"
            ]
        );
        for (block, line, why) in [
            ("<!-- claims one\n-->", 0, "claims nothing"),
            ("<!-- claims one -->", 0, "claims nothing"),
            (
                "<!-- claims\nRss@a == 1 page\n-->",
                0,
                "required arguments were not provided",
            ),
            (
                "<!-- claims one --att x\nRss@a == 1 page\n-->",
                0,
                "unexpected argument '--att'",
            ),
            (
                "<!-- claims one --expect 'a == b'\nRss@a == 1 page\n-->",
                0,
                "is too much",
            ),
            (
                "<!-- claims one\nRss@a == 1 page\nRss@a = 1 page\n-->",
                2,
                "`=` is no operator",
            ),
            ("<!-- claims one\nRss@a >= 0 kB\n-->", 1, "says nothing"),
        ] {
            let Err((at, told)) = claims(block) else {
                panic!("{block}");
            };
            assert_eq!(block[..at].matches('\n').count(), line, "{block}: {told}");
            assert!(told.contains(why), "{block}: {told}");
        }
    }
}
