//! One chapter, and what is to be done with it.

use std::ops::Range;
use std::path::Path;

use pages::Language;
use reading::Verb;
use session::{Command, Listings, Want, at_checkpoint};
use text::nearest;

use crate::chapter::Chapter;
use crate::comment::Kind;
use crate::directive::{self, Task};
use crate::failure::Failure;
use crate::include::Included;
use crate::listing::{self, Frame};
use crate::prose::{self, Rules};
use crate::structure::{Fence, Structure, overlaps};

/// A chapter on its way through the gate.
pub struct Page {
    pub chapter: Chapter,
    /// What is to be run, in the order of the text.
    pub tasks: Vec<Placed>,
    /// What of the chapter's own text becomes something else, in its order.
    pub edits: Vec<Edit>,
}

/// A directive or a block of claims.
pub struct Placed {
    /// Where it begins and ends in the chapter's own text.
    pub range: Range<usize>,
    /// Line in the chapter's own text.
    pub line: usize,
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
    Output {
        task: usize,
        /// It stands in the middle of a line.
        inline: bool,
        in_table: bool,
    },
    /// A fenced block, as HTML.
    Code(Code),
}

/// A fenced block.
pub struct Code {
    pub language: Language,
    pub parts: Vec<Part>,
    /// If it shows a listing.
    pub frame: Option<Frame>,
}

pub enum Part {
    Text(String),
    /// What the task of that number prints.
    Output(usize),
}

impl Page {
    /// Finds what is to be run and shown, and all that is wrong before anything
    /// runs.
    pub fn of(chapter: Chapter, listings: &Listings, rules: &Rules) -> (Self, Vec<Failure>) {
        let text = chapter.text.clone();
        let structure = Structure::of(&text);
        let mut chapter = chapter;
        // What a directive says is not mdBook's.
        let in_comment = |at: usize| {
            structure
                .comments
                .iter()
                .any(|comment| comment.range.contains(&at))
        };
        chapter
            .included
            .retain(|each| !in_comment(each.include.range.start));
        chapter.faults.retain(|(at, _)| !in_comment(*at));
        let mut page = Self {
            chapter,
            tasks: Vec::new(),
            edits: Vec::new(),
        };
        let mut found: Vec<(usize, String)> = page.chapter.faults.clone();
        found.extend(structure.faults.iter().cloned());
        page.read_comments(&structure, &mut found);
        page.read_includes(&structure, &mut found);
        for fence in &structure.fences {
            if let Err(fault) = page.read_fence(fence, &structure, listings) {
                found.push(fault);
            }
        }
        page.edits
            .sort_by_key(|edit| (edit.range.start, edit.range.end));
        let prose = prose::check_structure(&structure, rules).into_iter();
        found.extend(prose.map(|finding| (finding.at, finding.message)));
        found.sort();
        found.dedup();
        let failures = found
            .into_iter()
            .map(|(at, why)| page.chapter.failure(at, why));
        let failures = failures.collect();
        (page, failures)
    }

    /// Directives and claims become tasks, and no comment stays.
    fn read_comments(&mut self, structure: &Structure, found: &mut Vec<(usize, String)>) {
        let text = structure.text;
        for comment in &structure.comments {
            let range = comment.range.clone();
            let task = match comment.kind {
                Kind::Directive => {
                    let in_code = overlaps(&structure.code, &range);
                    directive::read(&text[range.clone()], in_code).map_err(|why| (range.start, why))
                }
                Kind::Claims => directive::claims(&text[range.clone()])
                    .map_err(|(at, why)| (range.start + at, why)),
                Kind::Given | Kind::Note => {
                    self.edits.push(cut(text, &range, comment.alone));
                    continue;
                }
            };
            let task = match task {
                Ok(task) => task,
                Err(fault) => {
                    found.push(fault);
                    continue;
                }
            };
            match comment.kind {
                Kind::Claims => self.edits.push(cut(text, &range, true)),
                _ => self.edits.push(Edit {
                    range: if comment.alone {
                        range.start..structure.line(range.end).end
                    } else {
                        range.clone()
                    },
                    with: With::Output {
                        task: self.tasks.len(),
                        inline: !comment.alone,
                        in_table: structure
                            .tables
                            .iter()
                            .any(|table| table.range.contains(&range.start)),
                    },
                }),
            }
            self.tasks.push(Placed {
                line: self.chapter.line_of(range.start),
                range,
                task,
            });
        }
    }

    /// What is included outside of fenced blocks is Markdown.
    fn read_includes(&mut self, structure: &Structure, found: &mut Vec<(usize, String)>) {
        for included in &self.chapter.included {
            let range = included.include.range.clone();
            if structure
                .fences
                .iter()
                .any(|fence| fence.range.contains(&range.start))
            {
                if let Err(why) = included.resolve() {
                    found.push((range.start, why));
                }
                continue;
            }
            match markdown(included, structure) {
                Ok(text) => self.edits.push(Edit {
                    range,
                    with: With::Text(text),
                }),
                Err(why) => found.push((range.start, why)),
            }
        }
    }

    /// A block of code becomes HTML, with all that is included and printed in it.
    fn read_fence(
        &mut self,
        fence: &Fence,
        structure: &Structure,
        listings: &Listings,
    ) -> Result<(), (usize, String)> {
        let fault = |why| (fence.range.start, why);
        let language = language(&fence.info).map_err(fault)?;
        let inside: Vec<&Included> = self
            .chapter
            .included
            .iter()
            .filter(|each| fence.range.contains(&each.include.range.start))
            .collect();
        if inside.iter().any(|included| included.resolve().is_err()) {
            // Told where includes are read.
            return Ok(());
        }
        let frame = match inside.as_slice() {
            [included] => listing::frame(included, fence, structure, listings)
                .map_err(|why| (included.include.range.start, why))?,
            _ => None,
        };
        if let Some(list) = frame.as_ref().and_then(|frame| frame.explained.clone()) {
            let prefix = prefix(structure, fence.range.start);
            let with = |text: String| With::Text(text);
            self.edits.push(Edit {
                range: list.start..list.start,
                with: with(format!("<div class=\"callouts\">\n{prefix}\n{prefix}")),
            });
            self.edits.push(Edit {
                range: list.end..list.end,
                with: with(format!("\n{prefix}\n{prefix}</div>\n{prefix}\n")),
            });
        }
        // Directives in a block print into it.
        let mut outputs: Vec<(Range<usize>, usize)> = Vec::new();
        self.edits.retain(|edit| {
            let inside = fence.range.contains(&edit.range.start);
            if let (true, With::Output { task, .. }) = (inside, &edit.with) {
                outputs.push((edit.range.clone(), *task));
            }
            !inside
        });
        let parts = parts(structure.text, &fence.parts, &inside, &outputs);
        self.edits.push(Edit {
            range: fence.range.clone(),
            with: With::Code(Code {
                language,
                parts,
                frame,
            }),
        });
        Ok(())
    }

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
        let command = |placed: &Placed, text: String| Command {
            file: self.chapter.file.clone(),
            line: placed.line,
            text,
        };
        let of_task = |placed: &Placed| match &placed.task {
            Task::Command { command: text, .. } => vec![command(placed, text.clone())],
            Task::Capture { verb, .. } => verb
                .wants()
                .into_iter()
                .filter_map(|want| {
                    let (at, text) = want.at?;
                    Some(command(placed, at_checkpoint(&want.listing, &at, &text?)))
                })
                .collect(),
        };
        self.tasks.iter().flat_map(of_task).collect()
    }
}

/// Takes a comment out: alone, with its lines, of which one stays empty; else with
/// the space that set it apart.
fn cut(text: &str, range: &Range<usize>, alone: bool) -> Edit {
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let spaces = |text: &str| text.len() - text.trim_end_matches([' ', '\t']).len();
    let range = if alone {
        let to = after.find('\n').unwrap_or(after.len());
        range.start - spaces(before)..range.end + to
    } else if before.ends_with('\n') || before.is_empty() {
        range.start..range.end + after.len() - after.trim_start_matches([' ', '\t']).len()
    } else if after.starts_with(|c: char| !c.is_whitespace()) {
        range.clone()
    } else {
        range.start - spaces(before)..range.end
    };
    Edit {
        range,
        with: With::Text(String::new()),
    }
}

/// A file that is included as Markdown: words, and nothing that could hide some.
fn markdown(included: &Included, structure: &Structure) -> Result<String, String> {
    let path = &included.include.path;
    let at = included.include.range.start;
    if overlaps(&structure.code, &included.include.range) {
        return Err("this include stands in code that is no fenced block; put a backslash before it, or a fence around it".to_owned());
    }
    let text = included.resolve()?;
    if text.contains("{{#") {
        return Err(format!(
            "{path} includes a file itself; include that one in the chapter"
        ));
    }
    if text.contains("<!--") {
        return Err(format!(
            "{path} holds a comment; comments and directives stand in the chapter itself, so that a message can name their line"
        ));
    }
    if Path::new(path).extension().is_some_and(|end| end == "svg") {
        drawing(path, &text)?;
    } else {
        let inner = Structure::of(&text);
        if let Some((_, why)) = inner.faults.first() {
            return Err(format!("{path}: {why}"));
        }
        if !inner.fences.is_empty() {
            return Err(format!(
                "{path} holds a block of code; write its fences in the chapter, and include what is between them"
            ));
        }
    }
    let line = structure.line(at);
    let before = &structure.text[line.start..at];
    if text.lines().nth(1).is_some() && !before.trim_matches([' ', '\t', '>']).is_empty() {
        return Err(format!(
            "{path} has several lines, of which the second would stand outside; include it on a line of its own"
        ));
    }
    let between = format!("\n{before}");
    Ok(text.lines().collect::<Vec<_>>().join(&between))
}

/// A drawing stands in the chapter's HTML, which a blank line would end.
fn drawing(path: &str, text: &str) -> Result<(), String> {
    let text = text.trim();
    if !text.starts_with("<svg") || !text.ends_with("</svg>") {
        return Err(format!(
            "{path} is no SVG element; it begins with `<svg` and ends with `</svg>`"
        ));
    }
    if text.lines().any(|line| line.trim().is_empty()) {
        return Err(format!(
            "{path} has a blank line, which would end the drawing; take it out"
        ));
    }
    Ok(())
}

/// What stands before each further line of a block that begins here.
fn prefix(structure: &Structure, at: usize) -> String {
    let line = structure.line(at);
    let before = structure.text[line.start..at].chars();
    before.map(|c| if c == '>' { c } else { ' ' }).collect()
}

fn language(info: &str) -> Result<Language, String> {
    const MORE: [&str; 4] = ["ignore", "no_run", "should_panic", "compile_fail"];
    let mut words = info.split([',', ' ']).filter(|word| !word.is_empty());
    let word = words.next().unwrap_or("text");
    if let Some(more) = words.find(|word| !MORE.contains(word)) {
        return Err(format!(
            "`{more}` behind the language of this block means nothing here{}",
            nearest(more, MORE.into_iter())
        ));
    }
    Language::named(word).ok_or_else(|| {
        format!(
            "this book knows no language `{word}`{}",
            nearest(word, Language::ALL.into_iter().map(|(name, _)| name))
        )
    })
}

/// The text of a block, with what it includes and where something is printed.
fn parts(
    text: &str,
    lines: &[Range<usize>],
    included: &[&Included],
    outputs: &[(Range<usize>, usize)],
) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    for line in lines {
        let mut done = line.start;
        loop {
            let include = included.iter().find(|each| {
                let range = &each.include.range;
                (done..line.end).contains(&range.start)
            });
            let output = outputs
                .iter()
                .find(|(range, _)| (done..line.end).contains(&range.start));
            let include_first = match (include, output) {
                (Some(include), Some((range, _))) => include.include.range.start < range.start,
                (include, _) => include.is_some(),
            };
            if let (Some(include), true) = (include, include_first) {
                plain.push_str(&unescaped(&text[done..include.include.range.start]));
                plain.push_str(&include.resolve().unwrap_or_default());
                done = include.include.range.end;
            } else if let Some((range, task)) = output {
                plain.push_str(&unescaped(&text[done..range.start]));
                parts.push(Part::Text(std::mem::take(&mut plain)));
                parts.push(Part::Output(*task));
                done = range.end.min(line.end);
            } else {
                plain.push_str(&unescaped(&text[done.min(line.end)..line.end]));
                break;
            }
        }
    }
    parts.push(Part::Text(plain));
    parts
}

/// A backslash keeps mdBook's hands off, and is not shown.
fn unescaped(text: &str) -> String {
    text.replace("\\{{#", "{{#")
}
