//! What runs directives, once the sessions are over.

use std::collections::BTreeSet;
use std::time::SystemTime;

use reading::{Format, Verb, answer};
use session::{Command, Records};

use crate::code;
use crate::failure::Failure;
use crate::listing;
use crate::memo::{Memo, Ran};
use crate::page::{Kind, Page, Task};
use crate::source::Source;
use crate::workshop::Workshop;

pub struct Machine<'a> {
    pub workshop: Option<&'a Workshop>,
    /// The address of the book's repository.
    pub repository: Option<&'a str>,
    /// What hears of each command.
    pub memo: Option<&'a Memo>,
}

impl Machine<'_> {
    /// The finished text of a page with the records that it wants, or all that is
    /// wrong with it.
    pub fn run(
        &self,
        number: usize,
        page: &Page,
        records: &Records,
    ) -> Result<String, Vec<Failure>> {
        let source = &page.source;
        let mut failures = Vec::new();
        for shown in &page.shown {
            if let Err(error) = records.ran(&shown.listing) {
                failures.push(source.failure(shown.at, error.to_string()));
            }
        }
        let mut text = String::with_capacity(page.text.len() * 2);
        let mut done = 0;
        // Output is put beside the text, never back into it: it is not scanned.
        for (index, task) in page.tasks.iter().enumerate() {
            text.push_str(&page.text[done..task.directive.range.start]);
            done = task.directive.range.end;
            match self.task(&format!("{number}-{index}"), task, source, records) {
                Ok(output) => text.push_str(&output),
                Err(messages) => {
                    failures.extend(messages.into_iter().map(|message| Failure {
                        chapter: source.file.clone(),
                        line: task.line,
                        message,
                    }));
                }
            }
        }
        text.push_str(&page.text[done..]);
        let (text, errors) = listing::frame(&text, &page.shown, &source.to_root, self.repository);
        failures.extend(errors.into_iter().map(|(at, why)| source.failure(at, why)));
        if !failures.is_empty() {
            return Err(failures);
        }
        Ok(code::highlight(&text) + &environment(page, records))
    }

    fn task(
        &self,
        number: &str,
        task: &Task,
        source: &Source,
        records: &Records,
    ) -> Result<String, Vec<String>> {
        let inline = task.directive.inline;
        match &task.kind {
            Kind::Capture(verb) => {
                let output = answer(verb, records, Format::Html);
                let output = output.map_err(|error| error.messages())?;
                // As upstream has it: no line feed in the middle of a line.
                Ok(if inline {
                    output.trim_end().to_owned()
                } else {
                    output
                })
            }
            Kind::Command { flag, command } => {
                let from = SystemTime::now();
                let output = match self.workshop {
                    Some(workshop) => workshop.run(number, flag, command, &source.folder, inline),
                    None => Err(format!("there is no folder to run `{command}` in")),
                };
                if let Some(memo) = self.memo {
                    memo.ran(Ran {
                        command: Command {
                            file: source.file.clone(),
                            line: task.line,
                            text: command.clone(),
                        },
                        from,
                        to: SystemTime::now(),
                    });
                }
                output.map_err(|message| vec![message])
            }
        }
    }
}

/// The line that tells where a page's excerpts come from, once a page.
fn environment(page: &Page, records: &Records) -> String {
    let listings: BTreeSet<String> = page
        .verbs()
        .flat_map(Verb::wants)
        .map(|want| want.listing)
        .collect();
    if listings.is_empty() {
        return String::new();
    }
    let verb = Verb::environment(listings);
    match answer(&verb, records, Format::Html) {
        Ok(line) => format!("\n\n{line}"),
        // A page whose records are broken has failed already.
        Err(_) => String::new(),
    }
}
