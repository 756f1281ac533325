//! What makes a page, once the sessions are over.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

use pages::{Section, sections};
use reading::{Answer, AnswerError, Verb, amounts, answer};
use session::{Records, wanted};

use crate::chapter::Chapter;
use crate::comment::Fault;
use crate::directive::Task;
use crate::failure::Failure;
use crate::memo::{Memo, Ran};
use crate::page::{Page, Placed, With};
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

/// A page that is finished, in which nothing was wrong.
pub struct Finished {
    pub page: Arc<Page>,
    /// Those of its build.
    pub records: Arc<Records>,
    pub text: String,
    /// What a reader must see of it, in its order.
    pub excerpts: Vec<Excerpt>,
    pub claims: Claims,
    /// What a reader can search of it.
    pub sections: Arc<[Section]>,
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

impl Finished {
    /// Whether it was made of this page, which wants the same of these records.
    pub fn is_of(&self, page: &Arc<Page>, records: &Records) -> bool {
        let same = |listing: &&str| self.records.same(records, listing);
        Arc::ptr_eq(&self.page, page) && wanted(&page.wants()).iter().all(same)
    }
}

impl Finisher<'_> {
    /// The finished page, or all that is wrong with it.
    pub fn finish(
        &self,
        page: Arc<Page>,
        records: &Arc<Records>,
    ) -> Result<Finished, Vec<Failure>> {
        let mut faults = page.faults.clone();
        for (at, frame) in page.shown() {
            let ran = records.ran(&frame.listing);
            faults.extend(ran.err().map(|error| (at, error.to_string())));
        }
        let mut claims = Claims {
            made: page.verbs().map(|verb| verb.claims().count()).sum(),
            ..Claims::default()
        };
        let mut outputs: Vec<String> = Vec::new();
        for placed in &page.tasks {
            let answer = self.task(placed, &page, records).unwrap_or_else(|more| {
                faults.extend(more);
                Answer::default()
            });
            claims.hold += answer.hold;
            claims.do_not_apply += answer.do_not_apply;
            outputs.push(answer.html);
        }
        faults.extend(self.check_numbers(&page, records));
        if !faults.is_empty() {
            return Err(page.chapter.failures(faults));
        }
        let (mut text, mut excerpts) = self.write(&page, &outputs);
        let environment = environment(&page, records);
        if !environment.is_empty() {
            text.extend(["\n\n", &environment]);
            excerpts.push(Excerpt {
                line: 0,
                html: environment.trim_end().to_owned(),
            });
        }
        Ok(Finished {
            sections: sections(&text).into(),
            page,
            records: Arc::clone(records),
            text,
            excerpts,
            claims,
        })
    }

    fn task(&self, placed: &Placed, page: &Page, records: &Records) -> Result<Answer, Vec<Fault>> {
        let mut answer = match &placed.task {
            Task::Capture { verb, places, .. } => {
                // A claim of a block is told with its own line.
                let place = |claim| placed.at + places.get(claim).copied().unwrap_or(0);
                answer(verb, records).map_err(|error| match error {
                    AnswerError::Claims(claims) => {
                        let claims = claims.into_iter();
                        claims.map(|(number, why)| (place(number), why)).collect()
                    }
                    other => vec![(placed.at, other.to_string())],
                })?
            }
            Task::Command { flag, command } => Answer {
                html: self
                    .run(flag, command, placed, &page.chapter)
                    .map_err(|why| vec![(placed.at, why)])?,
                ..Answer::default()
            },
        };
        // As upstream has it: no line feed in the middle of a line.
        let kept = match (placed.inline, &answer.html) {
            (true, html) => html.trim_end().len(),
            (false, html) => html.strip_suffix('\n').unwrap_or(html).len(),
        };
        answer.html.truncate(kept);
        Ok(answer)
    }

    fn run(
        &self,
        flag: &str,
        command: &str,
        placed: &Placed,
        chapter: &Chapter,
    ) -> Result<String, String> {
        let from = SystemTime::now();
        let output = match self.shell {
            Some(shell) => shell.run(flag, command, &chapter.folder, placed.inline),
            None => Err(format!("there is no folder to run `{command}` in")),
        };
        if let Some(memo) = self.memo {
            memo.ran(Ran {
                command: chapter.command(placed.at, command.to_owned()),
                from,
                to: SystemTime::now(),
            });
        }
        let output = output?;
        match misfit(&output, placed) {
            Some(why) => Err(format!("`{command}` {why}")),
            None => Ok(output),
        }
    }

    /// Output is put beside the chapter's text, never back into it: it is not read
    /// again.
    fn write(&self, page: &Page, outputs: &[String]) -> (String, Vec<Excerpt>) {
        let own = &page.chapter.text;
        let (mut text, mut excerpts) = (String::new(), Vec::new());
        let mut done = 0;
        for edit in &page.edits {
            // A comment and the space before it may lie in one that is out already.
            let start = edit.range.start.max(done);
            text.push_str(&own[done..start]);
            done = edit.range.end.max(start);
            let html = self.html(&edit.with, outputs, page);
            text.push_str(&html);
            let is_excerpt = match &edit.with {
                With::Text(_) => false,
                With::Output(task) => {
                    !html.is_empty() && matches!(page.tasks[*task].task, Task::Capture { .. })
                }
                With::Code(code) => code.frame.is_some(),
            };
            if is_excerpt {
                excerpts.push(Excerpt {
                    line: page.chapter.line_of(edit.range.start),
                    html,
                });
            }
        }
        text.push_str(&own[done..]);
        (text, excerpts)
    }

    fn html(&self, with: &With, outputs: &[String], page: &Page) -> String {
        let code = match with {
            With::Text(text) => return text.clone(),
            With::Output(task) => return outputs[*task].clone(),
            With::Code(code) => code,
        };
        let parts = code.parts.iter();
        let text: String = parts.map(|part| self.html(part, outputs, page)).collect();
        if let Some(frame) = &code.frame {
            return frame.figure(&text, &page.chapter.to_root(), self.repository);
        }
        // One line of HTML: it may stand in a list. A block that scrolls can have the
        // focus, so that the keyboard can scroll it.
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
            let Task::Capture { verb, .. } = &placed.task else {
                continue;
            };
            let amounts = amounts(verb, records, self.page_size);
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

/// Why what a command printed cannot stand where its directive does.
fn misfit(output: &str, placed: &Placed) -> Option<&'static str> {
    let misfits = [
        (
            output.contains("{{"),
            "printed `{{`, which mdBook would take for a directive of its own; put the directive into a fenced block, where all is shown as it is",
        ),
        (
            output.contains("<!--"),
            "printed `<!--`, which could hide the rest of the page; put the directive into a fenced block, where all is shown as it is",
        ),
        (
            placed.in_table && output.contains('|'),
            "printed `|`, which would end the cell of the table; let it print `&#124;`",
        ),
        (
            placed.inline && output.trim_end().contains('\n'),
            "printed several lines in the middle of one; give the directive a line of its own",
        ),
    ];
    let mut misfits = misfits.into_iter();
    let found = misfits.find(|(is_so, _)| *is_so && !placed.in_fence);
    found.map(|(_, why)| why)
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
