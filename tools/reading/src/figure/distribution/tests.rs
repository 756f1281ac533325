use proptest::prelude::*;

use crate::figure::tests::{Picture, html, pictures};
use crate::sample;
use session::Record;

fn printed(series: &[(&str, &str)]) -> Record {
    let mut record = sample("", "");
    record.values = series
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    record
}

fn words<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["draw", "distribution", "sample", "--title", "T"];
    words.extend(names.iter().flat_map(|name| ["--series", *name]));
    words
}

fn drawn(series: &[(&str, &str)]) -> Picture {
    let names: Vec<&str> = series.iter().map(|(name, _)| *name).collect();
    pictures(&printed(series), &words(&names)).remove(0)
}

#[test]
fn a_series_is_several_printed_numbers() {
    let record = printed(&[("a_ns", "3 5 4"), ("b", "7"), ("c", "x y")]);
    let error = |name| html(&record, &words(&[name])).expect_err("no curve");
    for name in ["b", "c"] {
        assert_eq!(
            error(name),
            format!(
                "`sample` printed no series `{name}`; there are `a_ns`; a series is a line of several numbers, such as `{name} = 1151 1222 1300`"
            )
        );
    }
    let many = ["a_ns"; 4];
    let error = html(&record, &words(&many)).expect_err("too many");
    assert!(error.contains("at most 3 series"), "{error}");
}

#[test]
fn what_a_curve_says_is_true_of_its_values() {
    let picture = drawn(&[("touch_ns", "1000 10 100 120"), ("again_ns", "7 9 8")]);
    assert_eq!(
        picture.said,
        "touch_ns: 4 values, least 10 ns, median 110 ns, nine in ten at most 1 µs, greatest 1 µs. \
         again_ns: 3 values, least 7 ns, median 8 ns, nine in ten at most 9 ns, greatest 9 ns."
    );
    for text in [
        "touch_ns",
        "median 110 ns",
        "again_ns",
        "median 8 ns",
        "10 ns",
        "1 µs",
        "50 %",
    ] {
        assert!(
            picture.texts.iter().any(|other| other == text),
            "{text} in {picture:?}"
        );
    }
    let html = html(&printed(&[("a_ns", "1 2")]), &words(&["a_ns"])).expect("drawn");
    assert!(html.contains("Measured on Linux 6.18, x86_64"), "{html}");
    assert!(
        drawn(&[("faults", "1 2 1 4")])
            .said
            .contains("median 1.5, ")
    );
}

#[test]
fn curves_are_told_apart_without_colour() {
    let picture = drawn(&[("a", "1 9"), ("b", "2 8"), ("c", "3 7")]);
    let lines = picture
        .paths
        .iter()
        .filter(|(all, _)| all.contains("stroke-width=1.6"));
    let dashes: std::collections::BTreeSet<&str> = lines
        .filter_map(|(all, _)| {
            all.split(' ')
                .find(|each| each.starts_with("stroke-dasharray"))
        })
        .collect();
    assert_eq!(dashes.len(), 3, "{dashes:?}");
    let shape = |corners: &[(f64, f64)]| {
        let offsets = corners[1..corners.len() / 2].iter();
        let offsets =
            offsets.map(|(x, y)| format!("{:.1} {:.1}", x - corners[0].0, y - corners[0].1));
        offsets.collect::<Vec<_>>().join(" ")
    };
    let markers = picture
        .paths
        .iter()
        .filter(|(all, _)| !all.contains("stroke"));
    let markers: std::collections::BTreeSet<String> =
        markers.map(|(_, corners)| shape(corners)).collect();
    assert_eq!(markers.len(), 3, "round, square, triangle");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_curve_rises_from_nothing_to_all(values in prop::collection::vec(0..60_u32, 2..40), odd in 0..90_u64) {
        let values: Vec<String> = values.iter().map(|bits| ((1_u64 << bits) + odd).to_string()).collect();
        let picture = drawn(&[("touch_ns", &values.join(" "))]);
        let line = picture.drawn("stroke-width=1.6")[0];
        // The sample in the key is behind the curve.
        let curve = &line[..line.len() - 2];
        prop_assert!(curve.is_sorted_by(|a, b| a.0 <= b.0 && a.1 >= b.1), "{curve:?}");
        let grid = &picture.paths[0].1;
        let highest = grid.iter().map(|(_, y)| *y).fold(f64::MAX, f64::min);
        prop_assert!((curve[curve.len() - 1].1 - highest).abs() < 0.2);
    }
}
