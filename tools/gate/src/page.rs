//! One chapter, and what is to be done with it.

use clap::Parser;
use reading::{Cli, Verb};
use session::{Command, Listings, Want, at_checkpoint};
use text::nearest;

use crate::code;
use crate::directive::{self, Directive};
use crate::failure::Failure;
use crate::include::expands_to;
use crate::listing::{self, Shown};
use crate::prose::{self, Rules, strip_markers};
use crate::source::Source;

/// A chapter on its way through the preprocessor.
pub struct Page {
    pub source: Source,
    /// The expanded text, without what is only for the gate.
    pub text: String,
    /// What is to be run, in the order of the text.
    pub tasks: Vec<Task>,
    /// The listings that get a frame.
    pub shown: Vec<Shown>,
}

/// A directive that can be run.
pub struct Task {
    /// Line in the chapter's own source.
    pub line: usize,
    pub directive: Directive,
    pub kind: Kind,
}

pub enum Kind {
    /// `capture …`, answered in this process.
    Capture(Box<Verb>),
    /// Anything else, run by mdbook-cmdrun with this flag.
    Command { flag: String, command: String },
}

impl Page {
    /// Finds what is to be run and shown, and all that is wrong before
    /// anything runs.
    pub fn of(source: Source, listings: &Listings, rules: &Rules) -> (Self, Vec<Failure>) {
        let mut page = Self {
            text: strip_markers(&source.expanded),
            source,
            tasks: Vec::new(),
            shown: Vec::new(),
        };
        let found = page.prepare(listings, rules);
        (page, found)
    }

    fn prepare(&mut self, listings: &Listings, rules: &Rules) -> Vec<Failure> {
        if !expands_to(&self.source.own, &self.source.expanded) {
            let why = "mdBook has read another text than this file has; was it saved while the book was built? Build again";
            return vec![Failure {
                chapter: self.source.file.clone(),
                line: 0,
                message: why.to_owned(),
            }];
        }
        let mut found = self.check_includes();
        for each in listing::shown(&self.source.own, &self.source.included, listings) {
            match each {
                Ok(shown) => self.shown.push(shown),
                Err((at, why)) => found.push(self.source.failure(at, why)),
            }
        }
        found.extend(self.check_comments());
        self.find_tasks(&mut found);
        let prose = prose::check(&self.source.own, rules).into_iter();
        found.extend(prose.map(|finding| self.source.failure(finding.at, finding.message)));
        found
    }

    /// A comment that does not end takes the rest of the page with it.
    fn check_comments(&self) -> Option<Failure> {
        let at = self.source.own.rfind("<!--")?;
        let rest = &self.source.own[at..];
        let is_directive = rest["<!--".len()..].trim_start().starts_with("cmdrun");
        let in_code = code::places(&self.source.own)
            .iter()
            .any(|code| code.contains(&at));
        let lost = !rest.contains("-->") && !is_directive && !in_code;
        let why = "this comment does not end; close it with `-->`";
        lost.then(|| self.source.failure(at, why.to_owned()))
    }

    /// Whether it runs a command, whose output nobody knows before.
    pub fn runs_commands(&self) -> bool {
        let mut tasks = self.tasks.iter();
        tasks.any(|task| matches!(task.kind, Kind::Command { .. }))
    }

    /// What the sessions must do for it. A listing that is only included is
    /// recorded too: the page shows it, so it must run.
    pub fn wants(&self) -> Vec<Want> {
        let shown = self.shown.iter().map(|shown| Want::of(&shown.listing));
        shown.chain(self.verbs().flat_map(Verb::wants)).collect()
    }

    pub fn verbs(&self) -> impl Iterator<Item = &Verb> {
        self.tasks.iter().filter_map(|task| match &task.kind {
            Kind::Capture(verb) => Some(&**verb),
            Kind::Command { .. } => None,
        })
    }

    /// What its directives run in a shell.
    pub fn commands(&self) -> Vec<Command> {
        let command = |task: &Task, text: String| Command {
            file: self.source.file.clone(),
            line: task.line,
            text,
        };
        let of_task = |task: &Task| match &task.kind {
            Kind::Command { command: text, .. } => vec![command(task, text.clone())],
            Kind::Capture(verb) => verb
                .wants()
                .into_iter()
                .filter_map(|want| {
                    let (at, text) = want.at?;
                    Some(command(task, at_checkpoint(&want.listing, &at, &text?)))
                })
                .collect(),
        };
        self.tasks.iter().flat_map(of_task).collect()
    }

    fn check_includes(&self) -> Vec<Failure> {
        let mut found = Vec::new();
        for included in &self.source.included {
            let at = included.include.range.start;
            match included.resolve() {
                Err(why) => found.push(self.source.failure(at, why)),
                Ok(text) if !directive::scan(&text).is_empty() => found.push(self.source.failure(
                    at,
                    format!(
                        "{} holds a directive; directives stand in the chapter itself, so that a message can name their line",
                        included.include.path
                    ),
                )),
                Ok(_) => {}
            }
        }
        if found.is_empty()
            && let Some(at) = self.text.find("{{#")
        {
            let rest = &self.text[at..];
            let text = &rest[..rest.find("}}").map_or(3, |end| end + 2)];
            found.push(self.source.failure(
                self.source.own.find(text).unwrap_or(0),
                format!("`{text}` was not resolved; mdBook knows include, rustdoc_include, playground and title"),
            ));
        }
        found
    }

    /// The k-th directive of the text is the k-th of the source:
    /// included files hold none.
    fn find_tasks(&mut self, found: &mut Vec<Failure>) {
        let of_source = directive::scan(&self.source.own);
        let of_text = directive::scan(&self.text);
        let places = of_source.into_iter().map(|each| match each {
            Ok(directive) => (directive.range.start, Some(directive.text)),
            Err(malformed) => (malformed.at, None),
        });
        let places_of_code = code::places(&self.text);
        for (each, (place, text)) in of_text.into_iter().zip(places) {
            let directive = match each {
                Ok(directive) => directive,
                Err(malformed) => {
                    found.push(self.source.failure(place, malformed.why.to_owned()));
                    continue;
                }
            };
            if Some(&directive.text) != text.as_ref() {
                // An include that holds a directive was told already.
                if found.is_empty() {
                    found.push(self.source.failure(
                        place,
                        format!(
                            "mdBook has changed this directive into `{}`; `{{{{#` cannot stand in one",
                            directive.text
                        ),
                    ));
                }
                return;
            }
            let in_code = places_of_code
                .iter()
                .any(|code| code.contains(&directive.range.start));
            match read(&directive, in_code) {
                Ok(kind) => self.tasks.push(Task {
                    line: self.source.line_of(place),
                    directive,
                    kind,
                }),
                Err(why) => found.push(self.source.failure(place, why)),
            }
        }
    }
}

/// What a directive asks for.
pub fn read(directive: &Directive, in_code: bool) -> Result<Kind, String> {
    let Some((flag, command)) = directive.flag_and_command() else {
        return Err(format!(
            "the directive `{}` does not say which exit status is right, so that nobody would notice its failure; write `cmdrun -0 …`",
            directive.text
        ));
    };
    if command.split_whitespace().next() != Some("capture") {
        return Ok(Kind::Command {
            flag: flag.to_owned(),
            command: command.to_owned(),
        });
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
    verb(command).map(|verb| Kind::Capture(Box::new(verb)))
}

fn verb(command: &str) -> Result<Verb, String> {
    let words =
        shlex::split(command).ok_or_else(|| format!("a quote is not closed in `{command}`"))?;
    if let Some(operator) = unquoted_operator(command) {
        return Err(format!(
            "`{operator}` stands outside quotes in `{command}`: a shell would end `capture` there; put the whole command behind `--` in single quotes"
        ));
    }
    let cli = Cli::try_parse_from(&words).map_err(|error| refusal(&error, &words))?;
    if let Verb::Record { .. } = cli.verb {
        return Err("`capture record` prints JSON, which is nothing for a page".to_owned());
    }
    Ok(cli.verb)
}

/// clap's own words, with the nearest verb where it has none to offer.
fn refusal(error: &clap::Error, words: &[String]) -> String {
    const VERBS: [&str; 5] = ["run", "show", "value", "steps", "environment"];
    let unknown_verb = matches!(
        error.kind(),
        clap::error::ErrorKind::InvalidSubcommand | clap::error::ErrorKind::MissingSubcommand
    );
    if unknown_verb
        || error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    {
        let verb = words.get(1).map_or("", String::as_str);
        return format!(
            "`capture` has no verb `{verb}`{}",
            nearest(verb, VERBS.into_iter())
        );
    }
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    // The rest points at `--help`, which a page has not.
    let what = text.split("\n\nFor more information").next();
    what.unwrap_or(text).trim_end().to_owned()
}

/// A character with a meaning for a shell that no quote protects.
fn unquoted_operator(command: &str) -> Option<char> {
    let mut quote = None;
    let mut escaped = false;
    for c in command.chars() {
        match quote {
            _ if escaped => escaped = false,
            Some('\'') if c == '\'' => quote = None,
            Some('\'') => {}
            _ if c == '\\' => escaped = true,
            Some(_) if c == '"' => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if "|&;<>()`".contains(c) => return Some(c),
            None => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_outside_quotes_is_seen() {
        assert_eq!(unquoted_operator("capture show x -- 'a | b'"), None);
        assert_eq!(unquoted_operator("capture show x -- a | b"), Some('|'));
        assert_eq!(
            unquoted_operator("capture run x --expect 'Rss > 0 kB'"),
            None
        );
        assert_eq!(unquoted_operator(r#"capture show x -- "a \" | b""#), None);
    }

    #[test]
    fn a_wrong_verb_names_the_nearest() {
        let why = verb("capture shwo x").map(|_| ()).unwrap_err();
        assert_eq!(why, "`capture` has no verb `shwo`; did you mean `show`?");
    }
}
