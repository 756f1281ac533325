use proptest::prelude::*;

use crate::figure::tests::{Picture, html, pictures};
use crate::sample;

const WORDS: [&str; 9] = [
    "draw", "plot", "sample", "--x", "x", "--y", "y", "--title", "T",
];

/// A plot of these points, one a checkpoint.
fn plot(points: &[(&str, &str)]) -> Picture {
    let mut record = sample("", "");
    let checkpoint = record.checkpoints[0].clone();
    record.checkpoints = Vec::new();
    for (number, (x, y)) in points.iter().enumerate() {
        let mut at = checkpoint.clone();
        at.name = format!("at-{number}");
        at.values.insert("x".to_owned(), (*x).to_owned());
        at.values.insert("y".to_owned(), (*y).to_owned());
        record.checkpoints.push(at);
    }
    pictures(&record, &WORDS).remove(0)
}

#[test]
fn every_value_and_every_unit_is_said() {
    let picture = plot(&[("0", "0 kB"), ("64", "256 kB"), ("128", "1024 kB")]);
    assert_eq!(
        picture.said,
        "At at-0: x 0, y 0 kB. At at-1: x 64, y 256 kB. At at-2: x 128, y 1024 kB."
    );
    for text in ["x", "y, kB", "0", "50", "150", "512", "1024"] {
        assert!(
            picture.texts.iter().any(|other| other == text),
            "{text} in {picture:?}"
        );
    }
    let picture = plot(&[("1 pages", "1220 ns"), ("2 pages", "9 ns")]);
    assert!(
        picture.said.starts_with("At at-0: x 1 pages, y 1220 ns."),
        "{picture:?}"
    );
    assert!(
        picture.texts.contains(&"x, kB".to_owned()) && picture.texts.contains(&"y, ns".to_owned()),
        "{picture:?}"
    );
}

#[test]
fn what_is_missing_is_named_with_its_place() {
    let error = |words: &[&str], touched: &str| {
        let title = ["--title", "T"];
        let words = [&["draw", "plot", "sample"], words, &title[..]].concat();
        html(&sample("Rss: 0 kB\nPss: 0 kB\n", touched), &words).expect_err("no plot")
    };
    assert_eq!(
        error(&["--x", "minflt", "--y", "Pss"], "Rss: 4 kB\n"),
        "`Pss` at `touched`: no field is named `Pss`; did you mean `Rss`?"
    );
    assert_eq!(
        error(&["--x", "perms", "--y", "Rss"], "Rss: 4 kB\n"),
        "`perms` at `mapped` is `rw-p`, no number"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn points_are_drawn_in_their_order(points in prop::collection::vec((0..60_u32, 0..1000_u64, 0..60_u32), 2..9)) {
        let points: Vec<(u64, u64)> = points.iter().map(|(x, odd, y)| ((1 << x) + odd, (1 << y) + odd)).collect();
        let words: Vec<(String, String)> = points.iter().map(|(x, y)| (x.to_string(), y.to_string())).collect();
        let words: Vec<(&str, &str)> = words.iter().map(|(x, y)| (&x[..], &y[..])).collect();
        let picture = plot(&words);
        let line = picture.drawn("stroke-width=1.6")[0];
        prop_assert_eq!(line.len(), points.len());
        for (a, at_a) in points.iter().zip(line) {
            for (b, at_b) in points.iter().zip(line) {
                prop_assert!(a.0 > b.0 || at_a.0 <= at_b.0, "{a:?} {b:?} at {at_a:?} {at_b:?}");
                // Larger is higher.
                prop_assert!(a.1 > b.1 || at_a.1 >= at_b.1, "{a:?} {b:?} at {at_a:?} {at_b:?}");
            }
        }
    }
}
