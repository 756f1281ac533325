//! What must be true of any picture, wherever its lines and letters are.

use clap::Parser;
use roxmltree::{Document, Node};

use super::svg::CHARACTER;
use crate::sample;
use crate::{Cli, Records, answer};
use session::Record;

/// Left, top, right, bottom.
type Area = [f64; 4];

/// What a verb prints of a record as HTML: one element on one line.
pub fn html(record: &Record, words: &[&str]) -> Result<String, String> {
    let cli = Cli::try_parse_from([&["capture"], words].concat()).expect("well formed");
    let records = Records::of_one(record.clone());
    let answer = answer(&cli.verb, &records);
    let html = answer.map_err(|error| error.to_string())?.html;
    assert_eq!(html.matches('\n').count(), 1, "{html}");
    assert!(!html.contains('{'), "{html}");
    Ok(html)
}

/// The pictures of a record: each lies inside its bounds, and no text on another.
pub fn pictures(record: &Record, words: &[&str]) -> Vec<Picture> {
    let html = html(record, words).expect("drawn");
    let document = Document::parse(&html).unwrap_or_else(|error| panic!("{error}: {html}"));
    let svg = document
        .descendants()
        .filter(|node| node.has_tag_name("svg"));
    svg.map(Picture::of).collect()
}

#[derive(Debug)]
pub struct Picture {
    pub title: String,
    /// The text alternative.
    pub said: String,
    /// What a reader sees of texts, in the order of the picture.
    pub texts: Vec<String>,
    /// The corners of each path, with its attributes.
    pub paths: Vec<(String, Vec<(f64, f64)>)>,
}

impl Picture {
    fn of(svg: Node) -> Self {
        let text_of = |name| {
            let found = svg.children().find(|node| node.has_tag_name(name));
            found
                .and_then(|node| node.text())
                .unwrap_or_default()
                .to_owned()
        };
        let bounds = numbers(svg.attribute("viewBox").expect("a viewBox"));
        let drawn = svg
            .descendants()
            .filter(|node| !node.ancestors().any(|node| node.has_tag_name("defs")));
        let (mut texts, mut areas, mut paths) = (Vec::new(), Vec::new(), Vec::new());
        for node in drawn {
            if node.has_tag_name("text") {
                texts.push(node.text().unwrap_or_default().to_owned());
                areas.push(area(&node));
            }
            if node.has_tag_name("path") {
                let d = node.attribute("d").expect("a path");
                let attributes = node
                    .attributes()
                    .filter(|attribute| attribute.name() != "d");
                let attributes: Vec<String> = attributes
                    .map(|each| format!("{}={}", each.name(), each.value()))
                    .collect();
                paths.push((attributes.join(" "), corners(d, &node)));
            }
        }
        // A marker may stand out of the frame by its own half.
        let inside = |x: f64, y: f64| {
            (-0.1..=bounds[2] + 0.1).contains(&x) && (-0.1..=bounds[3] + 0.1).contains(&y)
        };
        for (text, [left, top, right, bottom]) in texts.iter().zip(&areas) {
            assert!(
                inside(*left, *top) && inside(*right, *bottom),
                "`{text}` leaves the picture: {svg:?}"
            );
        }
        for (attributes, corners) in &paths {
            assert!(
                corners.iter().all(|(x, y)| inside(*x, *y)),
                "{attributes}: {corners:?} leaves {bounds:?}"
            );
        }
        for (number, a) in areas.iter().enumerate() {
            let mut others = areas.iter().zip(&texts).skip(number + 1);
            let covered = others.find(|(b, _)| overlap(a, b));
            assert!(
                covered.is_none(),
                "`{}` and {covered:?} overlap",
                texts[number]
            );
        }
        Self {
            title: text_of("title"),
            said: text_of("desc"),
            texts,
            paths,
        }
    }

    /// The corners of the paths with such attributes.
    pub fn drawn(&self, attributes: &str) -> Vec<&[(f64, f64)]> {
        let found = self
            .paths
            .iter()
            .filter(|(all, _)| all.contains(attributes));
        found.map(|(_, corners)| &corners[..]).collect()
    }
}

fn numbers(text: &str) -> Vec<f64> {
    let words = text.split(|c: char| !"0123456789.-".contains(c));
    words
        .filter(|word| !word.is_empty())
        .map(|word| word.parse().expect("a number"))
        .collect()
}

/// Where a text stands, if its letters are as wide as they may be.
fn area(text: &Node) -> Area {
    let [x, y] = ["x", "y"].map(|name| numbers(text.attribute(name).expect("a place"))[0]);
    let width = text.text().unwrap_or_default().chars().count() as f64 * CHARACTER;
    let left = match text.attribute("text-anchor") {
        None => x,
        Some("middle") => x - width / 2.0,
        _ => x - width,
    };
    [left, y - 9.0, left + width, y + 2.0]
}

fn overlap(a: &Area, b: &Area) -> bool {
    let close = 0.1;
    a[0] + close < b[2] && b[0] + close < a[2] && a[1] + close < b[3] && b[1] + close < a[3]
}

/// The corners of a path, through the transformation of its group.
fn corners(d: &str, node: &Node) -> Vec<(f64, f64)> {
    let group = node
        .ancestors()
        .find_map(|node| node.attribute("transform"))
        .unwrap_or("translate(0 0)scale(1)");
    let [right, down, scale] = numbers(group)[..] else {
        panic!("{group}")
    };
    let (mut x, mut y) = (0.0, 0.0);
    let mut corners = Vec::new();
    let commands = d
        .match_indices(|c: char| c.is_ascii_alphabetic())
        .map(|(at, _)| at);
    let ends = commands.clone().skip(1).chain([d.len()]);
    for (start, end) in commands.zip(ends) {
        let (command, numbers) = (&d[start..=start], path_numbers(&d[start + 1..end]));
        let step = match command {
            "H" | "h" | "V" | "v" => 1,
            "a" => 7,
            _ => 2,
        };
        for numbers in numbers.chunks(step) {
            match command {
                "M" | "L" => (x, y) = (numbers[0], numbers[1]),
                "H" => x = numbers[0],
                "V" => y = numbers[0],
                "h" => x += numbers[0],
                "v" => y += numbers[0],
                "m" | "l" => (x, y) = (x + numbers[0], y + numbers[1]),
                "a" => (x, y) = (x + numbers[5], y + numbers[6]),
                other => panic!("unknown command {other} in {d}"),
            }
            corners.push((right + x * scale, down + y * scale));
        }
    }
    corners
}

/// Numbers may follow each other without a gap: `14-.14.28`.
fn path_numbers(text: &str) -> Vec<f64> {
    let mut words: Vec<String> = vec![String::new()];
    for c in text.chars() {
        let word = words.last_mut().expect("one at least");
        match c {
            ' ' => words.push(String::new()),
            '-' => words.push(c.into()),
            '.' if word.contains('.') => words.push(c.into()),
            'z' => {}
            c => word.push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
        .iter()
        .map(|word| word.parse().expect("a number"))
        .collect()
}

#[test]
fn the_command_takes_what_it_draws() {
    let verbs = [
        "draw pages l --at a",
        "draw plot l --x a --y b --y c --title t",
        "draw plot l --x a --y b",
    ];
    for verb in verbs {
        assert!(
            Cli::try_parse_from(format!("capture {verb}").split(' ')).is_err(),
            "{verb}"
        );
    }
}

#[test]
fn hostile_words_are_words() {
    let mut record = sample("", "");
    for checkpoint in &mut record.checkpoints {
        checkpoint.name.push_str("<b>&{{#include x}}");
    }
    let words = [
        "draw",
        "plot",
        "sample",
        "--x",
        "minflt",
        "--y",
        "VmRSS",
        "--title",
        "<script>{{&",
    ];
    let [picture] = &pictures(&record, &words)[..] else {
        panic!("one picture")
    };
    assert_eq!(picture.title, "<script>{{&");
    assert!(
        picture
            .said
            .starts_with("At mapped<b>&{{#include x}}: minflt 96"),
        "{picture:?}"
    );
}
