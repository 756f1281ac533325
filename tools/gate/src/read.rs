//! What a chapter asks for, and all that is wrong before anything runs.

use std::ops::Range;
use std::path::Path;

use pages::Language;
use session::Listings;
use text::nearest;

use crate::chapter::Chapter;
use crate::comment::{Fault, Kind};
use crate::directive::{self, Task};
use crate::include::Include;
use crate::listing;
use crate::page::{Code, Edit, Page, Placed, With};
use crate::prose::{self, Rules, numbers, predictions};
use crate::structure::{Fence, Structure, overlaps};

/// A chapter that is being read.
struct Reading<'a> {
    structure: &'a Structure<'a>,
    includes: Vec<&'a Include>,
    tasks: Vec<Placed>,
    edits: Vec<Edit>,
    faults: Vec<Fault>,
}

/// What is to be run and shown, and all that is wrong.
pub fn page(chapter: Chapter, listings: &Listings, rules: &Rules) -> Page {
    let structure = Structure::of(&chapter.text);
    // What a directive says is not mdBook's.
    let is_free = |at: usize| {
        let mut comments = structure.comments.iter();
        !comments.any(|comment| comment.range.contains(&at))
    };
    let includes = chapter.includes.iter();
    let faults = chapter.faults.iter().filter(|(at, _)| is_free(*at));
    let mut reading = Reading {
        structure: &structure,
        includes: includes.filter(|each| is_free(each.range.start)).collect(),
        tasks: Vec::new(),
        edits: Vec::new(),
        faults: faults.chain(&structure.faults).cloned().collect(),
    };
    reading.comments(listings);
    reading.includes();
    for fence in &structure.fences {
        if let Err(fault) = reading.fence(fence, listings) {
            reading.faults.push(fault);
        }
    }
    let (numbers, idle) = numbers::of(&structure);
    let mut edits = reading.edits;
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut faults = reading.faults;
    faults.extend(idle);
    faults.extend(prose::check_structure(&structure, rules));
    faults.sort();
    faults.dedup();
    Page {
        tasks: reading.tasks,
        edits,
        numbers,
        faults,
        chapter,
    }
}

impl Reading<'_> {
    /// Directives and claims become tasks, and no comment stays.
    fn comments(&mut self, listings: &Listings) {
        let text = self.structure.text;
        let mut last = 0;
        for comment in &self.structure.comments {
            let (range, alone) = (comment.range.clone(), comment.alone);
            let (at, end) = (range.start, range.end);
            let in_code = overlaps(&self.structure.code, &range);
            let edit = match comment.kind {
                Kind::Directive => Edit {
                    range: match alone {
                        true => at..self.structure.line(end).end,
                        false => range.clone(),
                    },
                    with: With::Output(self.tasks.len()),
                },
                _ => Edit {
                    range: cut(text, range.clone()),
                    with: With::Text(predictions::mark(comment.kind).to_owned()),
                },
            };
            self.edits.push(edit);
            let task = match comment.kind {
                Kind::Directive => directive::read(&text[range], in_code).map_err(|why| (0, why)),
                Kind::Claims => directive::claims(&text[range]),
                Kind::Given | Kind::Right | Kind::Below | Kind::Note => continue,
            };
            let task = match task {
                Ok(task) => task,
                Err((inside, why)) => {
                    self.faults.push((at + inside, why));
                    continue;
                }
            };
            if let Task::Capture { verb, .. } = &task
                && let Some(why) = verb.never_applies(listings)
            {
                self.faults.push((at, why));
            }
            self.tasks.push(Placed {
                at,
                apart: !self.structure.is_silent(last..at),
                inline: !alone && !in_code,
                in_table: self.structure.is_in_table(at),
                in_fence: self.structure.is_in_fence(at),
                task,
            });
            last = end;
        }
    }

    /// What is included outside of fenced blocks is Markdown.
    fn includes(&mut self) {
        for include in &self.includes {
            let range = include.range.clone();
            let text = match self.structure.is_in_fence(range.start) {
                true => include.resolve(),
                false => markdown(include, self.structure),
            };
            match text.map(With::Text) {
                Ok(with) => self.edits.push(Edit { range, with }),
                Err(why) => self.faults.push((range.start, why)),
            }
        }
    }

    /// A block of code becomes HTML, with all that is included and printed in it.
    fn fence(&mut self, fence: &Fence, listings: &Listings) -> Result<(), Fault> {
        let at = fence.range.start;
        let language = language(&fence.info).map_err(|why| (at, why))?;
        let includes = self.includes.iter();
        let mut inside = includes.filter(|each| fence.range.contains(&each.range.start));
        let frame = match (inside.next(), inside.next()) {
            (Some(include), None) => listing::frame(include, fence, self.structure, listings)
                .map_err(|why| (include.range.start, why))?,
            _ => None,
        };
        if let Some(list) = frame.as_ref().and_then(|frame| frame.explained.clone()) {
            let prefix = prefix(self.structure, at);
            let begin = format!("<div class=\"callouts\">\n{prefix}\n{prefix}");
            let end = format!("\n{prefix}\n{prefix}</div>\n{prefix}\n");
            let insert = |at: usize, text| Edit {
                range: at..at,
                with: With::Text(text),
            };
            let inserted = [insert(list.start, begin), insert(list.end, end)];
            self.edits.extend(inserted);
        }
        let edits = std::mem::take(&mut self.edits).into_iter();
        let (mut inside, outside): (Vec<_>, Vec<_>) =
            edits.partition(|edit| fence.range.contains(&edit.range.start));
        inside.sort_by_key(|edit| edit.range.start);
        self.edits = outside;
        let parts = parts(self.structure.text, &fence.parts, inside);
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
}

/// A comment, and the blanks that set it apart.
fn cut(text: &str, range: Range<usize>) -> Range<usize> {
    if text[range.end..].starts_with(|c: char| !c.is_whitespace()) {
        return range;
    }
    let before = text[..range.start].trim_end_matches([' ', '\t']);
    before.len()..range.end
}

/// A file that is included as Markdown: words, and nothing that could hide some.
fn markdown(include: &Include, structure: &Structure) -> Result<String, String> {
    let path = &include.path;
    let at = include.range.start;
    if overlaps(&structure.code, &include.range) {
        return Err("this include stands in code that is no fenced block; put a backslash before it, or a fence around it".to_owned());
    }
    let text = include.resolve()?;
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

/// The text of a block, with what stands in its lines in place of something else.
fn parts(text: &str, lines: &[Range<usize>], inside: Vec<Edit>) -> Vec<With> {
    // A backslash keeps mdBook's hands off, and is not shown.
    let plain = |range: Range<usize>| With::Text(text[range].replace("\\{{#", "{{#"));
    let mut parts = Vec::new();
    let mut inside = inside.into_iter().peekable();
    for line in lines {
        let mut done = line.start;
        while let Some(edit) = inside.next_if(|edit| edit.range.start < line.end) {
            // Behind the fence's language, or in another one.
            if edit.range.start < done {
                continue;
            }
            parts.push(plain(done..edit.range.start));
            parts.push(edit.with);
            done = edit.range.end.min(line.end);
        }
        parts.push(plain(done..line.end));
    }
    parts
}
