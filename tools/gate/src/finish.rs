//! What makes a page, once the sessions are over.

use std::collections::BTreeSet;
use std::time::SystemTime;

use reading::{Answer, AnswerError, Format, Verb, amounts, answer};
use session::{Command, Records};

use crate::directive::Task;
use crate::failure::Failure;
use crate::memo::{Memo, Ran};
use crate::page::{Code, Page, Part, Placed, With};
use crate::prose::numbers::{self, Group};
use crate::shell::Shell;
use crate::structure::Structure;

/// What all pages are finished with.
pub struct Finisher<'a> {
    pub shell: Option<&'a Shell>,
    /// The address of the book's repository.
    pub repository: Option<&'a str>,
    pub page_size: u64,
    /// What hears of each command.
    pub memo: Option<&'a Memo>,
}

/// A page that is finished.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finished {
    pub text: String,
    /// What a reader must see of it, in its order.
    pub excerpts: Vec<Excerpt>,
    pub claims: Claims,
}

/// Something that a page must show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line of the chapter.
    pub line: usize,
    pub html: String,
}

/// What became of claims.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Claims {
    /// All that there are.
    pub made: usize,
    pub hold: usize,
    /// They do not apply to the machine that builds.
    pub do_not_apply: usize,
}

impl Claims {
    pub fn not_looked_at(self) -> usize {
        self.made.saturating_sub(self.hold + self.do_not_apply)
    }
}

impl Finisher<'_> {
    /// The finished page with the records that it wants, or all that is wrong with
    /// it.
    pub fn finish(
        &self,
        number: usize,
        page: &Page,
        records: &Records,
    ) -> Result<Finished, Vec<Failure>> {
        let chapter = &page.chapter;
        let mut failures = Vec::new();
        for (at, frame) in page.shown() {
            if let Err(error) = records.ran(&frame.listing) {
                failures.push(chapter.failure(at, error.to_string()));
            }
        }
        let mut finished = Finished::default();
        let mut outputs: Vec<String> = Vec::new();
        for (index, placed) in page.tasks.iter().enumerate() {
            let output = self.task(&format!("{number}-{index}"), placed, page, records);
            let (text, messages) = match output {
                Ok(answer) => {
                    finished.claims.hold += answer.hold;
                    finished.claims.do_not_apply += answer.do_not_apply;
                    (answer.text, Vec::new())
                }
                Err(messages) => (String::new(), messages),
            };
            failures.extend(messages.into_iter().map(|(below, message)| Failure {
                chapter: chapter.file.clone(),
                line: placed.line + below,
                message,
            }));
            outputs.push(text);
        }
        finished.claims.made = page.verbs().map(|verb| verb.claims().count()).sum();
        failures.extend(self.check_numbers(page, records));
        match self.write(page, &outputs, &mut finished) {
            Ok(()) if failures.is_empty() => {}
            Ok(()) => return Err(failures),
            Err(more) => {
                failures.extend(more);
                return Err(failures);
            }
        }
        let environment = environment(page, records);
        if !environment.is_empty() {
            finished.text.push_str("\n\n");
            finished.text.push_str(&environment);
            finished.excerpts.push(Excerpt {
                line: 0,
                html: environment.trim_end().to_owned(),
            });
        }
        Ok(finished)
    }

    fn task(
        &self,
        number: &str,
        placed: &Placed,
        page: &Page,
        records: &Records,
    ) -> Result<Answer, Vec<(usize, String)>> {
        match &placed.task {
            Task::Capture { verb, lines, .. } => {
                answer(verb, records, Format::Html).map_err(|error| match error {
                    AnswerError::Claims(claims) => claims
                        .into_iter()
                        .map(|(number, claim)| {
                            let below = lines.get(number).copied().unwrap_or_default();
                            (below, claim.to_string())
                        })
                        .collect(),
                    other => vec![(0, other.to_string())],
                })
            }
            Task::Command { flag, command } => {
                let inline = page.edits.iter().any(|edit| {
                    edit.range.start == placed.range.start
                        && matches!(edit.with, With::Output { inline: true, .. })
                });
                let from = SystemTime::now();
                let output = match self.shell {
                    Some(shell) => shell.run(number, flag, command, &page.chapter.folder, inline),
                    None => Err(format!("there is no folder to run `{command}` in")),
                };
                if let Some(memo) = self.memo {
                    memo.ran(Ran {
                        command: Command {
                            file: page.chapter.file.clone(),
                            line: placed.line,
                            text: command.clone(),
                        },
                        from,
                        to: SystemTime::now(),
                    });
                }
                let text = output.map_err(|message| vec![(0, message)])?;
                Ok(Answer {
                    text,
                    ..Answer::default()
                })
            }
        }
    }

    /// Output is put beside the chapter's text, never back into it: it is not read
    /// again.
    fn write(
        &self,
        page: &Page,
        outputs: &[String],
        finished: &mut Finished,
    ) -> Result<(), Vec<Failure>> {
        let own = &page.chapter.text;
        let mut wrong = Vec::new();
        let mut done = 0;
        for edit in &page.edits {
            // A comment and the space before it may lie in one that is out already.
            let start = edit.range.start.max(done);
            finished.text.push_str(&own[done..start]);
            done = edit.range.end.max(start);
            match &edit.with {
                With::Text(text) => finished.text.push_str(text),
                With::Output {
                    task,
                    inline,
                    in_table,
                } => {
                    let placed = &page.tasks[*task];
                    let output = &outputs[*task];
                    if let (Task::Command { command, .. }, Err(why)) =
                        (&placed.task, fits(output, *inline, *in_table))
                    {
                        wrong.push(Failure {
                            chapter: page.chapter.file.clone(),
                            line: placed.line,
                            message: format!("`{command}` {why}"),
                        });
                    }
                    // As upstream has it: no line feed in the middle of a line.
                    let output = match inline {
                        true => output.trim_end(),
                        false => output.strip_suffix('\n').unwrap_or(output),
                    };
                    if matches!(placed.task, Task::Capture { .. }) && !output.is_empty() {
                        finished.excerpts.push(Excerpt {
                            line: placed.line,
                            html: output.to_owned(),
                        });
                    }
                    finished.text.push_str(output);
                }
                With::Code(code) => {
                    let html = self.code(code, outputs, page);
                    if code.frame.is_some() {
                        finished.excerpts.push(Excerpt {
                            line: page.chapter.line_of(edit.range.start),
                            html: html.clone(),
                        });
                    }
                    finished.text.push_str(&html);
                }
            }
        }
        finished.text.push_str(&own[done..]);
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    /// One line of HTML: it may stand in a list. A block that scrolls can have the
    /// focus, so that the keyboard can scroll it.
    fn code(&self, code: &Code, outputs: &[String], page: &Page) -> String {
        let parts = code.parts.iter().map(|part| match part {
            Part::Text(text) => text.as_str(),
            Part::Output(task) => outputs[*task].as_str(),
        });
        let text: String = parts.collect();
        if let Some(frame) = &code.frame {
            return frame.figure(&text, &page.chapter.to_root(), self.repository);
        }
        let lines = code.language.lines(&text).join("&#10;");
        format!(
            "<pre class=\"code\" tabindex=\"0\" role=\"group\" aria-label=\"{}\"><code class=\"nohighlight\">{lines}&#10;</code></pre>",
            code.language.name()
        )
    }

    fn check_numbers(&self, page: &Page, records: &Records) -> Vec<Failure> {
        let groups: Vec<Group> = page
            .tasks
            .iter()
            .filter_map(|placed| match &placed.task {
                Task::Capture { verb, .. } => Some(Group {
                    range: placed.range.clone(),
                    amounts: amounts(verb, records, self.page_size),
                }),
                Task::Command { .. } => None,
            })
            .filter(|group| !group.amounts.is_empty())
            .collect();
        let structure = Structure::of(&page.chapter.text);
        let found = numbers::check(&structure, &groups, self.page_size).into_iter();
        found
            .map(|finding| page.chapter.failure(finding.at, finding.message))
            .collect()
    }
}

/// Whether what a command printed can stand where its directive does.
fn fits(output: &str, inline: bool, in_table: bool) -> Result<(), String> {
    let lost = [
        ("{{", "which mdBook would take for a directive of its own"),
        ("<!--", "which could hide the rest of the page"),
    ];
    for (sign, why) in lost {
        if output.contains(sign) {
            return Err(format!(
                "printed `{sign}`, {why}; put the directive into a fenced block, where all is shown as it is"
            ));
        }
    }
    if in_table && output.contains('|') {
        return Err(
            "printed `|`, which would end the cell of the table; let it print `&#124;`".to_owned(),
        );
    }
    if inline && output.trim_end().contains('\n') {
        return Err(
            "printed several lines in the middle of one; give the directive a line of its own"
                .to_owned(),
        );
    }
    Ok(())
}

/// The line that tells where a page's excerpts come from, once a page.
fn environment(page: &Page, records: &Records) -> String {
    let listings: BTreeSet<&str> = page.verbs().map(Verb::listing).collect();
    if listings.is_empty() {
        return String::new();
    }
    // A page whose records are broken has failed already.
    reading::environment(records, &listings).unwrap_or_default()
}
