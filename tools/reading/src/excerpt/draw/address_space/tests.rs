use super::*;
use crate::sample;

const SMAPS: &str = "\
10000-11000 r-xp 00000000 fe:00 7          /home/reader/<b>{{x
20000-24000 rw-p 00000000 00:00 0          [heap]
7f0000000000-7f0001000000 rw-p 00000000 00:00 0\x20
";

fn drawing(pointers: &[(&str, u64)]) -> Drawing {
    let mut record = sample("", "");
    let mapped = &mut record.checkpoints[0];
    mapped.proc.smaps = SMAPS.to_owned();
    mapped.addresses = pointers
        .iter()
        .map(|(name, address)| ((*name).to_owned(), *address))
        .collect();
    draw(&record, &record.checkpoints[0].place(), None).expect("drawn")
}

#[test]
fn heights_grow_by_the_logarithm_of_the_size() {
    let html = drawing(&[]).to_html();
    // One page, four, and 4096: 36, 36 + 2 * 3, 36 + 12 * 3 units. Between them
    // a small hole of 7 units, and a break of 34.
    for path in [
        "M.5 18H224v36H.5z",
        "M.5 61H224v42H.5z",
        "M.5 137H224v72H.5z",
    ] {
        assert!(html.contains(path), "{path} in {html}");
    }
    assert!(html.contains(">127 TiB not mapped</text>"), "{html}");
    assert_eq!(html.matches("not mapped</text>").count(), 1, "{html}");
}

#[test]
fn a_printed_address_points_to_its_place() {
    let html = drawing(&[("middle", 0x7f00_0080_0000), ("gone", 0x6f00_0000_0000)]).to_html();
    // Half of the last box, which begins at 137 and is 72 high.
    assert!(html.contains("M237 172L225 173l7-3m-7 3l7 3"), "{html}");
    assert!(html.contains(">0x7f0000800000</text>"), "{html}");
    let text = drawing(&[("gone", 0x6f00_0000_0000)]).to_text();
    assert!(
        text.contains("127 TiB not mapped; here is gone 0x6f0000000000."),
        "{text}"
    );
}

#[test]
fn pointers_to_one_box_stand_below_each_other() {
    let pointers = [("a", 0x10000), ("b", 0x10001), ("c", 0x10002)];
    let html = drawing(&pointers).to_html();
    // The box is as high as the three.
    assert!(html.contains("M.5 18H224v90H.5z"), "{html}");
    for baseline in [18, 48, 78] {
        assert!(
            html.contains(&format!("x=\"239\" y=\"{baseline}\"")),
            "{baseline} in {html}"
        );
    }
}

#[test]
fn names_are_text_and_the_figure_is_one_line() {
    let html = drawing(&[]).to_html();
    assert_eq!(html.matches('\n').count(), 1);
    assert!(html.ends_with("</svg></figure>\n"), "{html}");
    assert!(!html.contains('{') && !html.contains("<b>"), "{html}");
}

#[test]
fn the_text_alternative_has_every_box() {
    assert_eq!(
        drawing(&[("memory", 0x7f00_0000_0000)]).images[0].description,
        [
            "From the lowest to the highest address:",
            "text (program), 00010000-00011000, 4 kB, r-xp.",
            "[heap], 00020000-00024000, 16 kB, rw-p.",
            "127 TiB not mapped.",
            "anonymous memory, 7f0000000000-7f0001000000, 16384 kB, rw-p; here is memory 0x7f0000000000.",
        ]
    );
}

#[test]
fn the_program_is_where_its_text_begins() {
    let mut fields = vec!["0"; 40];
    fields[23] = "94899170311472";
    let stat = format!("7 (a ) b) {}", fields.join(" "));
    assert_eq!(start_code(&stat), Some(94_899_170_311_472));
    assert_eq!(start_code("7 (a) S 1 2"), None);
}
