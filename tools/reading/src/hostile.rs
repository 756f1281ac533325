//! What must hold of any text that this crate did not write.
//!
//! The tests below come with texts that are nearly right, and tools/fuzz with
//! those that a fuzzer finds.

use std::path::Path;
use std::time::Instant;

use clap::Parser;

use crate::claim::{Claim, Here};
use crate::sample;
use crate::{Cli, Records, answer};
use session::Session;
use session::{
    Executed, Mapping, Moment, Place, blocks, bounds, kernel_text, lines, page_text,
    page_text_from, with_stand_ins,
};

/// A claim is read, or refused with its place.
pub fn claim(text: &str) {
    match Claim::parse(text) {
        Ok(claim) => {
            assert_eq!(claim.text, text);
            let Ok(touched) = "touched".parse::<Place>();
            let record = sample("Rss: 0 kB\n", "Rss: 4 kB\nVmFlags: rd\n");
            for at in [None, Some(&touched)] {
                let (record, of) = (&record, None);
                if let Err(error) = (Here { record, at, of }).check(&claim) {
                    assert!(!error.to_string().is_empty());
                }
            }
        }
        Err(error) => {
            assert!(text.is_char_boundary(error.at), "{error:?}");
            assert!(error.to_string().ends_with('^'), "{error}");
        }
    }
}

/// The session in a manifest is read, or refused with its name; what is read can
/// be done.
pub fn session(text: &str) {
    match Session::parse(Path::new("Cargo.toml"), text) {
        Ok(session) => {
            assert!(Instant::now() + session.time_limit() > Instant::now());
        }
        Err(error) => assert!(error.to_string().starts_with("Cargo.toml:"), "{error}"),
    }
}

/// A file like smaps: its VMAs are its own, and excerpts of it are single
/// elements.
pub fn smaps(bytes: &[u8]) {
    let text = &kernel_text(bytes)[..];
    assert_eq!(blocks(text).collect::<String>(), text);
    let mut record = sample("", "");
    for checkpoint in &mut record.checkpoints {
        text.clone_into(&mut checkpoint.proc.smaps);
        if let Some((start, _)) = blocks(text).filter_map(bounds).next() {
            checkpoint.addresses.insert("memory".to_owned(), start);
        }
    }
    let mut fields = Vec::new();
    for (start, _) in blocks(text).filter_map(bounds).take(8) {
        if let Ok(mapping) = Mapping::holding(start, text) {
            assert!((mapping.start..mapping.end).contains(&start));
            assert!(text.contains(mapping.block));
            fields.extend(mapping.field_names().map(str::to_owned));
        }
    }
    assert!(with_stand_ins(&record, &["Rss".to_owned()]).is_ok());
    let records = Records::of_one(record);
    for words in [
        "steps sample",
        "draw address-space sample --at touched",
        "draw plot sample --x minflt --y Rss --title T",
    ] {
        excerpt(&records, words.split(' '));
    }
    let own = [
        "start", "end", "perms", "offset", "inode", "path", "present",
    ];
    for field in fields.iter().map(String::as_str).take(40).chain(own) {
        excerpt(&records, ["value", "sample", field, "--at", "touched"]);
    }
}

/// Output of a listing or of a command: on a page it is what was printed, or it
/// is refused.
pub fn output(bytes: &[u8]) {
    let mut record = sample("Rss: 0 kB\n", "Rss: 4 kB\n");
    record.transcript.clear();
    record.values.clear();
    let printed = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    for (number, line) in (1..).zip(printed.split(|byte| *byte == b'\n')) {
        let Ok(line) = page_text_from(number, line.to_owned()) else {
            return;
        };
        let _ = (
            lines::address(&line),
            lines::process(&line),
            lines::checkpoint(&line),
        );
        if let Some((name, value)) = lines::value(&line) {
            record.values.insert(name.to_owned(), value.to_owned());
        }
        record.transcript.push(Moment::Printed(line));
    }
    let text = page_text(bytes.to_owned()).expect("each of its lines is text");
    record.checkpoints[1].commands.push(Executed {
        command: "cat".to_owned(),
        shown: "cat".to_owned(),
        output: Ok(text.clone()),
    });
    let values = record.values.clone();
    assert!(with_stand_ins(&record, &["faults".to_owned()]).is_ok());
    let records = Records::of_one(record);

    let lines = text.strip_suffix('\n').unwrap_or(&text);
    let terminal_1 = excerpt(&records, ["run", "sample"]).expect("a terminal");
    assert_eq!(
        shown(&terminal_1),
        format!("$ cargo run -p sample\n...\n{lines}")
    );
    let show = ["show", "sample", "--at", "touched", "--", "cat"];
    let terminal_2 = excerpt(&records, show).expect("a terminal");
    let after = if text.is_empty() { "" } else { "\n" };
    assert_eq!(shown(&terminal_2), format!("$ cat{after}{lines}"));
    for (name, value) in values.iter().take(8) {
        let words = ["value", "sample", name, "--at", "end"];
        if let Some(html) = excerpt(&records, words) {
            // A number may have been given its unit, and a series its spaces.
            let is_text = !value.starts_with(|c: char| c.is_ascii_digit() || c == '+');
            assert!(!is_text || read(&html).replace('\u{a0}', " ").trim_end_matches('\n') == value);
        }
        let words = [
            "draw",
            "distribution",
            "sample",
            "--series",
            name,
            "--title",
            name,
        ];
        excerpt(&records, words);
    }
}

/// What a verb prints, if it prints anything: one line, whose markup is ours.
fn excerpt<'a>(records: &Records, words: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let cli = Cli::try_parse_from(std::iter::once("capture").chain(words)).ok()?;
    let html = match answer(&cli.verb, records) {
        Ok(answer) => answer.html,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return None;
        }
    };
    let line = html.strip_suffix('\n').expect("a line");
    assert!(!line.contains(['\n', '\r', '\0', '{']), "{line}");
    for tag in line.split('<').skip(1) {
        let name = tag.trim_start_matches('/').split([' ', '>', '/']).next();
        assert!(name.is_some_and(|name| TAGS.contains(&name)), "{tag}");
    }
    Some(html)
}

/// The elements of excerpts.
const TAGS: &[&str] = &[
    "b",
    "button",
    "circle",
    "code",
    "desc",
    "div",
    "em",
    "figcaption",
    "figure",
    "g",
    "input",
    "kbd",
    "line",
    "mark",
    "p",
    "path",
    "polyline",
    "pre",
    "rect",
    "span",
    "strong",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "title",
    "tr",
    "tspan",
];

/// The text of a terminal.
fn shown(html: &str) -> String {
    let (_, pre) = html
        .split_once("<code class=\"nohighlight\">")
        .expect("it begins");
    read(pre.split_once("</code></pre>").expect("it ends").0)
}

/// The text between the tags.
fn read(html: &str) -> String {
    let text: String = html
        .split('<')
        .enumerate()
        .map(|(number, part)| match part.split_once('>') {
            Some((_, text)) if number > 0 => text,
            _ => part,
        })
        .collect();
    let mut read = String::new();
    let mut parts = text.split('&');
    read.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (name, rest) = part.split_once(';').expect("a whole character reference");
        read.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "nbsp" => '\u{a0}',
            number => number
                .strip_prefix('#')
                .and_then(|number| char::from_u32(number.parse().ok()?))
                .expect("a known character reference"),
        });
        read.push_str(rest);
    }
    read
}

#[cfg(test)]
mod tests;
