//! A shell command with the values of its variables filled in, as a reader would
//! type it.
//!
//! Only what sh(1) expands is filled in: nothing in single quotes, in comments or
//! behind a backslash. Where there is something to fill in, what this reader cannot
//! be sure of is refused.

use std::mem;
use std::sync::LazyLock;

use regex::Regex;

use crate::record::stand_ins::{Pattern, pattern};

/// A `$` that sh(1) expands: with a name, or a parameter of the shell, such as `$$`.
static EXPANDED: Pattern =
    LazyLock::new(|| pattern(r"^\$(?:((?-u:\w)+)|\{((?-u:\w)+)\}|[$?!#@*-])"));
/// A name behind a `$`, in whatever form.
static USED: Pattern = LazyLock::new(|| pattern(r"\$\{?#?((?-u:\w)+)"));
/// A name without a `$`.
static BARE: Pattern = LazyLock::new(|| pattern(r"(?:^|[^\w$\{])((?-u:\w)+)"));
/// What makes a name without a `$` one of a variable.
static NAMES: Pattern = LazyLock::new(|| {
    pattern(r"\$\(\(|(?:^|[\s;&|()<>])(?:for|read|unset|export|readonly|local|getopts)\s")
});
/// A name that is given another value.
static ASSIGNED: Pattern = LazyLock::new(|| pattern(r"(?:^|[\s;&|()<>])((?-u:\w)+)\+?="));
/// A name behind another, which its value would make longer.
static NEIGHBOUR: Pattern = LazyLock::new(|| pattern(r"\$(?-u:\w)+\$\{?((?-u:\w)+)"));
/// A name whose value would become the number of a descriptor.
static DESCRIPTOR: Pattern = LazyLock::new(|| pattern(r"\$\{?((?-u:\w)+)\}?[<>]"));
/// A word after which a text is read as a command, or stands for another; or a `)`
/// that may be of `case`, or of a subshell.
static EVALUATED: Pattern = LazyLock::new(|| {
    pattern(r"(?:^|[\s;&|()<>])(?:eval|trap|alias|source|\.|case)(?:$|[\s;&|()<>])|\)#")
});

/// The command as a reader would type it, or why that cannot be told.
pub fn filled_in(text: &str, values: &[(&str, String)]) -> Result<String, String> {
    let has = |pattern: &Regex| {
        let mut names = pattern.captures_iter(text).map(|found| found[1].to_owned());
        names.any(|name| name == "IFS" || values.iter().any(|(known, _)| *known == name))
    };
    let names = NAMES.is_match(text) && has(&BARE);
    if !has(&USED) && !names {
        return Ok(text.to_owned());
    }
    let unsure = [
        (text.contains("\\\n"), "a line that goes on in the next"),
        (text.contains('`'), "a backquote; write `$(…)`"),
        (text.contains("<<"), "`<<`"),
        (
            EVALUATED.is_match(text),
            "a command that it puts together itself",
        ),
        (
            names || has(&ASSIGNED),
            "a variable that it gives another value, or uses without `$`",
        ),
        (has(&NEIGHBOUR), "`$A$B`; write `${A}$B`"),
        (has(&DESCRIPTOR), "a value before `<` or `>`; leave a space"),
    ];
    let unsure = unsure.iter().find_map(|(is, what)| is.then_some(*what));
    unsure.map_or_else(|| fill(text, values), Err).map_err(|what| format!(
        "has {what}, so that a page cannot show it with its values filled in; write them as `$NAME`, in double quotes or in none"
    ))
}

fn fill(text: &str, values: &[(&str, String)]) -> Result<String, &'static str> {
    let mut filled = String::new();
    let mut rest = text;
    // Whether a place is in double quotes: in the command, and in each `(` around it.
    let mut quotes = vec![false];
    let mut word_begins = true;
    while let Some(first) = rest.chars().next() {
        let begins = mem::take(&mut word_begins);
        let in_double = quotes.last_mut().ok_or("parentheses that do not match")?;
        let mut length = first.len_utf8();
        match first {
            '\\' => length += rest[1..].chars().next().map_or(0, char::len_utf8),
            '$' if rest.starts_with("$(") => {
                quotes.push(false);
                length = 2;
                word_begins = true;
            }
            '$' if rest.starts_with("$'") && !*in_double => return Err("`$` before a quote"),
            '$' => match EXPANDED.captures(rest) {
                Some(found) => {
                    length = found[0].len();
                    let name = found
                        .get(1)
                        .or(found.get(2))
                        .map_or("", |name| name.as_str());
                    if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                        filled.push_str(value);
                        rest = &rest[length..];
                        continue;
                    }
                }
                None if rest.starts_with("${") => {
                    return Err("an expansion of another form than `$NAME`");
                }
                None => {}
            },
            '"' => *in_double = !*in_double,
            _ if *in_double => {}
            '\'' => length += rest[1..].find('\'').map_or(rest.len() - 1, |at| at + 1),
            '#' if begins => length = rest.find('\n').unwrap_or(rest.len()),
            '(' => {
                quotes.push(false);
                word_begins = true;
            }
            ')' => drop(quotes.pop()),
            c => word_begins = c.is_ascii_whitespace() || ";&|<>".contains(c),
        }
        let (kept, after) = rest.split_at(length);
        filled.push_str(kept);
        rest = after;
    }
    Ok(filled)
}

#[cfg(test)]
mod tests;
