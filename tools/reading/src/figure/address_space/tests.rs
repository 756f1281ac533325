use proptest::prelude::*;

use crate::figure::tests::{Picture, html, pictures};
use crate::sample;
use session::Record;

const REAL: &str = include_str!("mmap-anon-interactive.smaps");
const SMAPS: &str = "\
10000-11000 r-xp 00000000 fe:00 7          /home/reader/<b>{{x
20000-24000 rw-p 00000000 00:00 0          [heap]
30000-34000 ---p 00000000 00:00 0\x20
7f0000000000-7f0001000000 rw-p 00000000 00:00 0\x20
";
const WORDS: [&str; 5] = ["draw", "address-space", "sample", "--at", "mapped"];

fn record(smaps: &str, pointers: &[(&str, u64)]) -> Record {
    let mut record = sample("", "");
    let mapped = &mut record.checkpoints[0];
    mapped.proc.smaps = smaps.to_owned();
    let named = pointers.iter().map(|(name, at)| ((*name).to_owned(), *at));
    mapped.addresses = named.collect();
    record
}

fn drawn(smaps: &str, pointers: &[(&str, u64)]) -> Picture {
    pictures(&record(smaps, pointers), &WORDS).remove(0)
}

/// Top and height of each box, from above to below.
fn boxes(picture: &Picture) -> Vec<(f64, f64)> {
    let paths = picture.paths.iter().filter(|(all, _)| {
        all.contains("fill=")
            && !all.contains("currentColor ")
            && !all.contains("stroke=currentColor")
    });
    paths
        .map(|(_, corners)| (corners[0].1, corners[2].1 - corners[0].1))
        .collect()
}

#[test]
fn every_box_is_named_with_its_range_size_and_permissions() {
    let picture = drawn(SMAPS, &[]);
    for text in [
        "<b>{{x",
        "00010000-00011000",
        "4 kB",
        "r-xp",
        "[heap]",
        "00020000-00024000",
        "16 kB",
        "no access",
        "---p",
        "anonymous memory",
        "7f0000000000-7f0001000000",
        "16384 kB",
        "127 TiB not mapped",
    ] {
        assert!(
            picture.texts.iter().any(|other| other == text),
            "{text} in {picture:?}"
        );
    }
    assert_eq!(
        picture.said,
        "From the lowest to the highest address: <b>{{x, 00010000-00011000, 4 kB, r-xp. \
         [heap], 00020000-00024000, 16 kB, rw-p. no access, 00030000-00034000, 16 kB, ---p. \
         127 TiB not mapped. anonymous memory, 7f0000000000-7f0001000000, 16384 kB, rw-p."
    );
}

#[test]
fn a_larger_box_is_higher_and_none_lies_on_another() {
    let boxes = boxes(&drawn(SMAPS, &[]));
    assert_eq!(boxes.len(), 4, "{boxes:?}");
    assert!(
        boxes[0].1 < boxes[1].1 && boxes[1].1 < boxes[3].1,
        "{boxes:?}"
    );
    assert!(
        boxes.windows(2).all(|two| two[0].0 + two[0].1 < two[1].0),
        "{boxes:?}"
    );
}

#[test]
fn a_printed_address_points_into_its_box() {
    let pointers = [
        ("low", 0x10000),
        ("middle", 0x7f00_0080_0000),
        ("gone", 0x6f00_0000_0000),
    ];
    let picture = drawn(SMAPS, &pointers);
    let boxes = boxes(&picture);
    // The arrows: their second corner is the tip.
    let tips: Vec<f64> = picture
        .drawn("stroke=currentColor")
        .iter()
        .map(|corners| corners[1].1)
        .collect();
    assert!(
        (tips[0] - boxes[0].0).abs() < 0.2,
        "low is where the first box begins"
    );
    assert!(
        boxes[2].0 < tips[1] && tips[1] < boxes[3].0,
        "gone is in the hole: {tips:?} {boxes:?}"
    );
    assert!(
        (tips[2] - boxes[3].0 - boxes[3].1 / 2.0).abs() < 0.2,
        "middle is in the middle"
    );
    assert!(
        picture
            .said
            .contains("127 TiB not mapped; here is gone 0x6f0000000000."),
        "{picture:?}"
    );
    for text in ["low", "0x10000", "middle", "0x7f0000800000", "gone"] {
        assert!(
            picture.texts.iter().any(|other| other == text),
            "{text} in {picture:?}"
        );
    }
    let said = drawn(SMAPS, &[("a", 0x10000), ("b", 0x10001), ("c", 0x10002)]).said;
    assert!(
        said.contains("; here is a 0x10000, b 0x10001, c 0x10002."),
        "{said}"
    );
}

#[test]
fn the_kernels_page_is_told_and_left_out() {
    let html = html(&record(REAL, &[]), &WORDS).expect("drawn");
    assert!(
        html.contains("Left out: [vsyscall], the kernel&#39;s page at ffffffffff600000.")
            || html.contains("Left out: [vsyscall], the kernel's page at ffffffffff600000."),
        "{html}"
    );
    assert!(!drawn(REAL, &[]).said.contains("vsyscall"));
    let why = super::super::tests::html(&record("Rss: 4 kB\n", &[]), &WORDS).expect_err("no smaps");
    assert!(
        why.starts_with("cannot read the smaps of `sample` at `mapped`: "),
        "{why}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pointers_anywhere_keep_clear_of_each_other(at in prop::collection::vec(0x564f_6f54_a000..0x564f_6f5a_6000_u64, 0..8), more in prop::collection::vec(0x7f5d_f7e0_0000..0x7fff_74b9_0000_u64, 0..8)) {
        let named: Vec<(String, u64)> = at.iter().chain(&more).enumerate().map(|(number, at)| (format!("a-long-name-for-{number}"), *at)).collect();
        let pointers: Vec<(&str, u64)> = named.iter().map(|(name, at)| (&name[..], *at)).collect();
        let picture = drawn(REAL, &pointers);
        for (name, at) in &named {
            prop_assert!(picture.said.contains(&format!("{name} {at:#x}")), "{picture:?}");
            let hex = format!("{at:#x}");
            prop_assert!(picture.texts.contains(&hex), "{hex} in {picture:?}");
        }
    }
}
