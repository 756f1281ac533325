use super::*;
use crate::sample;

fn printed(values: &[(&str, &str)]) -> Record {
    let mut record = sample("", "");
    record.values = values
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    record
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_series_is_several_printed_numbers() {
    let record = printed(&[("a_ns", "3 5 4"), ("b", "7"), ("c", "x y")]);
    assert_eq!(series(&record, "a_ns"), Ok(vec![3, 5, 4]));
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
    let record = printed(&[("touch_ns", "1000 10 100 100")]);
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
    let record = printed(&[("first_ns", "900 1000 1100"), ("again_ns", "20 30 50")]);
    let html = draw(&record, &names(&["first_ns", "again_ns"]), Some("T<ouch"))
        .expect("drawn")
        .to_html();
    assert_eq!(html.matches("stroke-dasharray").count(), 1, "{html}");
    assert!(html.contains(">first_ns</text>"), "{html}");
    assert!(html.contains(">median 30 ns</text>"), "{html}");
    assert!(html.contains("<title>T&lt;ouch</title>"), "{html}");
}

#[test]
fn other_numbers_have_no_unit() {
    let record = printed(&[("faults", "1 2 1 4")]);
    let html = draw(&record, &names(&["faults"]), None)
        .expect("drawn")
        .to_html();
    assert!(html.contains(">median 2</text>"), "{html}");
}

#[test]
fn the_median_of_an_even_number_lies_between_the_two_in_the_middle() {
    let record = printed(&[("touch_ns", "400 100 200 900")]);
    let drawing = draw(&record, &names(&["touch_ns"]), None).expect("drawn");
    let said = &drawing.images[0].description[0];
    assert!(said.contains("median 300 ns"), "{said}");
}
