//! What makes a page, once the sessions are over.

use std::collections::BTreeSet;
use std::time::SystemTime;

use reading::{Answer, AnswerError, Format, Verb, amounts, answer};
use session::{Command, Records};

use crate::comment::Fault;
use crate::directive::Task;
use crate::failure::Failure;
use crate::memo::{Memo, Ran};
use crate::page::{Code, Page, Placed, With};
use crate::prose::numbers::{self, Group};
use crate::shell::Shell;

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
        let mut fail = |at: usize, why: String| failures.push(chapter.failure(at, why));
        for (at, frame) in page.shown() {
            if let Err(error) = records.ran(&frame.listing) {
                fail(at, error.to_string());
            }
        }
        let mut finished = Finished::default();
        let mut outputs: Vec<String> = Vec::new();
        for (index, placed) in page.tasks.iter().enumerate() {
            let output = self.task(&format!("{number}-{index}"), placed, page, records);
            let answer = output.unwrap_or_else(|faults| {
                faults.into_iter().for_each(|(at, why)| fail(at, why));
                Answer::default()
            });
            finished.claims.hold += answer.hold;
            finished.claims.do_not_apply += answer.do_not_apply;
            outputs.push(answer.text);
        }
        finished.claims.made = page.verbs().map(|verb| verb.claims().count()).sum();
        let unstated = self.check_numbers(page, records);
        for (at, why) in unstated.into_iter().chain(misplaced(page, &outputs)) {
            fail(at, why);
        }
        if !failures.is_empty() {
            return Err(failures);
        }
        self.write(page, &outputs, &mut finished);
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
    ) -> Result<Answer, Vec<Fault>> {
        let (flag, command) = match &placed.task {
            Task::Capture { verb, places, .. } => {
                // A claim of a block is told with its own line.
                let place = |claim| placed.at + places.get(claim).copied().unwrap_or(0);
                return answer(verb, records, Format::Html).map_err(|error| match error {
                    AnswerError::Claims(claims) => {
                        let claims = claims.into_iter();
                        claims.map(|(number, why)| (place(number), why)).collect()
                    }
                    other => vec![(placed.at, other.to_string())],
                });
            }
            Task::Command { flag, command } => (flag, command),
        };
        let chapter = &page.chapter;
        let from = SystemTime::now();
        let output = match self.shell {
            Some(shell) => shell.run(number, flag, command, &chapter.folder, placed.inline),
            None => Err(format!("there is no folder to run `{command}` in")),
        };
        if let Some(memo) = self.memo {
            memo.ran(Ran {
                command: Command {
                    file: chapter.file.clone(),
                    line: chapter.line_of(placed.at),
                    text: command.clone(),
                },
                from,
                to: SystemTime::now(),
            });
        }
        let text = output.map_err(|why| vec![(placed.at, why)])?;
        Ok(Answer {
            text,
            ..Answer::default()
        })
    }

    /// Output is put beside the chapter's text, never back into it: it is not read
    /// again.
    fn write(&self, page: &Page, outputs: &[String], finished: &mut Finished) {
        let chapter = &page.chapter;
        let own = &chapter.text;
        let mut done = 0;
        for edit in &page.edits {
            // A comment and the space before it may lie in one that is out already.
            let start = edit.range.start.max(done);
            finished.text.push_str(&own[done..start]);
            done = edit.range.end.max(start);
            let (html, is_excerpt) = match &edit.with {
                With::Text(text) => (text.clone(), false),
                With::Output(task) => {
                    let placed = &page.tasks[*task];
                    // As upstream has it: no line feed in the middle of a line.
                    let output = match (placed.inline, &outputs[*task]) {
                        (true, output) => output.trim_end(),
                        (false, output) => output.strip_suffix('\n').unwrap_or(output),
                    };
                    let is_capture = matches!(placed.task, Task::Capture { .. });
                    (output.to_owned(), is_capture && !output.is_empty())
                }
                With::Code(code) => (self.code(code, outputs, page), code.frame.is_some()),
            };
            finished.text.push_str(&html);
            if is_excerpt {
                finished.excerpts.push(Excerpt {
                    line: chapter.line_of(edit.range.start),
                    html,
                });
            }
        }
        finished.text.push_str(&own[done..]);
    }

    /// One line of HTML: it may stand in a list. A block that scrolls can have the
    /// focus, so that the keyboard can scroll it.
    fn code(&self, code: &Code, outputs: &[String], page: &Page) -> String {
        let parts = code.parts.iter().map(|part| match part {
            With::Text(text) => text.as_str(),
            With::Output(task) => outputs[*task].as_str(),
            // No block stands in another.
            With::Code(_) => "",
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

    /// Claims between which a reader reads nothing are one group.
    fn check_numbers(&self, page: &Page, records: &Records) -> Vec<Fault> {
        let mut groups: Vec<Group> = Vec::new();
        let mut apart = true;
        for placed in &page.tasks {
            apart |= placed.apart;
            let amounts = match &placed.task {
                Task::Capture { verb, .. } => amounts(verb, records, self.page_size),
                Task::Command { .. } => Vec::new(),
            };
            match groups.last_mut() {
                _ if amounts.is_empty() => continue,
                Some(last) if !apart => last.amounts.extend(amounts),
                _ => groups.push(Group {
                    at: placed.at,
                    amounts,
                }),
            }
            apart = false;
        }
        numbers::check(&page.numbers, &groups, self.page_size)
    }
}

/// What commands printed that cannot stand where their directives do.
fn misplaced(page: &Page, outputs: &[String]) -> Vec<Fault> {
    let edits = page.edits.iter().filter_map(|edit| match edit.with {
        With::Output(task) => Some(task),
        _ => None,
    });
    let found = edits.filter_map(|task| match &page.tasks[task] {
        Placed {
            task: Task::Command { command, .. },
            at,
            inline,
            in_table,
            ..
        } => {
            let why = fits(&outputs[task], *inline, *in_table).err()?;
            Some((*at, format!("`{command}` {why}")))
        }
        _ => None,
    });
    found.collect()
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
