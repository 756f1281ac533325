use super::*;
use crate::record::sample;

fn printed(lines: &[&str]) -> Record {
    let mut record = sample("Rss: 0 kB\n", "Rss: 4 kB\n");
    record.transcript = lines
        .iter()
        .map(|line| Moment::Printed((*line).to_owned()))
        .collect();
    record
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_last_line_of_a_name_is_the_series() {
    let record = printed(&["a_ns = 1 2", "a_ns = 3 4 5", "b = 7", "c = x y"]);
    assert_eq!(series(&record, "a_ns"), Ok(vec![3, 4, 5]));
    let error = |name| series(&record, name).map_err(|error| error.to_string());
    assert_eq!(
        error("b"),
        Err("`sample` printed only 1 value of `b`: a distribution needs several".to_owned())
    );
    assert_eq!(
        error("c"),
        Err(
            "`sample` printed no series `c`; there are `a_ns`; a series is a line such as \
             `c = 1151 1222 1300`"
                .to_owned()
        )
    );
}

#[test]
fn curves_rise_at_their_values() {
    let record = printed(&["touch_ns = 1000 10 100 100"]);
    let drawing = draw(&record, &names(&["touch_ns"]), None).expect("drawn");
    let html = drawing.to_html();
    // 10 to 1000 ns between 44 and 330: 100 ns lies in the middle, at 187.
    // A quarter up at 10, two more at 100, the last at 1000.
    assert!(
        html.contains("d=\"M44 232V179.5H187V74.5H330V22\""),
        "{html}"
    );
    // The median's marker.
    assert!(html.contains("d=\"M187 127m"), "{html}");
    assert!(html.contains(">median 100 ns</text>"), "{html}");
    assert_eq!(
        drawing.images[0].description,
        [
            "touch_ns: 4 values, least 10 ns, median 100 ns, nine in ten at most 1 µs, greatest 1 µs."
        ]
    );
    assert!(
        drawing.caption.contains("Measured on Linux 6.18, x86_64"),
        "{}",
        drawing.caption
    );
}

#[test]
fn two_series_are_told_apart_without_colour() {
    let record = printed(&["first_ns = 900 1000 1100", "again_ns = 20 30 50"]);
    let html = draw(&record, &names(&["first_ns", "again_ns"]), Some("T<ouch"))
        .expect("drawn")
        .to_html();
    assert_eq!(html.matches("stroke-dasharray").count(), 1, "{html}");
    assert!(html.contains(">first_ns</text>"), "{html}");
    assert!(html.contains(">median 30 ns</text>"), "{html}");
    assert!(
        html.contains("<title id=\"draw-distribution-sample-first-ns-again-ns-"),
        "{html}"
    );
    assert!(html.contains(">T&lt;ouch</title>"), "{html}");
}

#[test]
fn other_numbers_have_no_unit() {
    let record = printed(&["faults = 1 2 1 4"]);
    let html = draw(&record, &names(&["faults"]), None)
        .expect("drawn")
        .to_html();
    assert!(html.contains(">median 2</text>"), "{html}");
}
