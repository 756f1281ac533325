//! One chapter, and what is to be done with it.

use std::ops::Range;

use pages::Language;
use reading::Verb;
use session::{Command, Want, at_checkpoint};

use crate::chapter::Chapter;
use crate::comment::Fault;
use crate::directive::Task;
use crate::listing::Frame;
use crate::prose::numbers::Number;

/// A chapter on its way through the gate.
pub struct Page {
    pub chapter: Chapter,
    /// What is to be run, in the order of the text.
    pub tasks: Vec<Placed>,
    /// What of the chapter's own text becomes something else, in its order.
    pub edits: Vec<Edit>,
    /// What its prose says in numbers, for claims to state.
    pub numbers: Vec<Number>,
    /// What is wrong before anything runs.
    pub faults: Vec<Fault>,
}

/// A directive or a block of claims.
pub struct Placed {
    /// Where it begins in the chapter's own text.
    pub at: usize,
    /// A reader reads something between the task before and this.
    pub apart: bool,
    /// It stands in the middle of a line.
    pub inline: bool,
    pub in_table: bool,
    pub in_fence: bool,
    pub task: Task,
}

/// A place of the chapter's own text, and what takes it.
pub struct Edit {
    pub range: Range<usize>,
    pub with: With,
}

pub enum With {
    /// This text: nothing for a comment, a file for an include.
    Text(String),
    /// What the task of that number prints.
    Output(usize),
    /// A fenced block, as HTML.
    Code(Code),
}

/// A fenced block.
pub struct Code {
    pub language: Language,
    /// Text and output.
    pub parts: Vec<With>,
    /// If it shows a listing.
    pub frame: Option<Frame>,
}

impl Page {
    /// Whether it runs a command, whose output nobody knows before.
    pub fn runs_commands(&self) -> bool {
        let mut tasks = self.tasks.iter();
        tasks.any(|placed| matches!(placed.task, Task::Command { .. }))
    }

    /// The listings that it shows, each with its line.
    pub fn shown(&self) -> impl Iterator<Item = (usize, &Frame)> {
        self.edits.iter().filter_map(|edit| match &edit.with {
            With::Code(code) => Some((edit.range.start, code.frame.as_ref()?)),
            _ => None,
        })
    }

    /// What the sessions must do for it. A listing that is only included is
    /// recorded too: the page shows it, so it must run.
    pub fn wants(&self) -> Vec<Want> {
        let shown = self.shown().map(|(_, frame)| Want::of(&frame.listing));
        shown.chain(self.verbs().flat_map(Verb::wants)).collect()
    }

    pub fn verbs(&self) -> impl Iterator<Item = &Verb> {
        self.tasks.iter().filter_map(|placed| match &placed.task {
            Task::Capture { verb, .. } => Some(&**verb),
            Task::Command { .. } => None,
        })
    }

    /// What its directives run in a shell.
    pub fn commands(&self) -> Vec<Command> {
        let of_task = |placed: &Placed| match &placed.task {
            Task::Command { command, .. } => vec![(placed.at, command.clone())],
            Task::Capture { verb, .. } => {
                let wants = verb.wants().into_iter();
                let commands = wants.filter_map(|want| {
                    let (at, text) = want.at?;
                    Some((placed.at, at_checkpoint(&want.listing, &at, &text?)))
                });
                commands.collect()
            }
        };
        let commands = self.tasks.iter().flat_map(of_task);
        commands
            .map(|(at, text)| self.chapter.command(at, text))
            .collect()
    }
}
