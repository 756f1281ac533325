//! Texts that are nearly right: pieces of real ones, with a few slips.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// What a real text has, and what one may slip into it.
const SLIPS: &[&str] = &[
    "",
    " ",
    "\n",
    "\r\n",
    "\t",
    "\0",
    ":",
    "-",
    "+",
    "@",
    "=",
    "0x",
    "é",
    "\u{202e}",
    "\u{2028}",
    "\u{feff}",
    "\u{1}",
    "\r",
    "٣",
    "4096",
    "18446744073709551615",
    "18446744073709551616",
    "-1",
    "1e9",
    "99999999999999999999999999999999",
    "<b>",
    "</pre>",
    "&amp;",
    "{{#include x}}",
    "<!-- cmdrun -0 echo x -->",
    "*x*",
    "\\",
    "'",
    "\"",
];

/// A text of these pieces with a few slips in it.
fn nearly(pieces: &'static [&'static str], joint: &'static str) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => prop::sample::select(pieces).prop_map(str::to_owned),
        2 => prop::sample::select(SLIPS).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..24).prop_map(move |pieces| pieces.join(joint))
}

/// A real smaps text in which some bytes are another piece.
fn smaps() -> impl Strategy<Value = String> {
    const REAL: &str = include_str!("../figure/address_space/mmap-anon-interactive.smaps");
    const NAMES: &[&str] = &[
        "/SYSV",
        "/SYSVé (deleted)",
        "[stack:",
        "[anon:x]",
        "Rss:",
        "VmFlags:",
        " kB",
    ];
    let slip = prop::sample::select(SLIPS).boxed();
    let slip = slip.prop_union(prop::sample::select(NAMES).boxed());
    let change = (any::<prop::sample::Index>(), 0..24_usize, slip);
    prop::collection::vec(change, 0..6).prop_map(|changes| {
        let mut text: Vec<char> = REAL.chars().collect();
        for (at, length, slip) in changes {
            let at = at.index(text.len() + 1);
            let end = (at + length).min(text.len());
            text.splice(at..end, slip.chars());
        }
        text.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn any_claim(text in nearly(
        &["one-page:", "Rss", "Rss@touched", "Rss@mapped:child", "VmFlags", "minflt", "memory", "==", "!=",
          "<", ">=", "has", "lacks", "+", "-", "1", "4 kB", "1 page", "pages", "0x7f0000000000", "nh", "touched@end"],
        " "
    )) {
        super::claim(&text);
    }

    #[test]
    fn any_output(text in nearly(
        &["memory at 0x7f1571c00000\n", "faults = 64\n", "ns = 3 5 9\n", "child is process 216235\n",
          "mapped: press Return to write one byte\n", "skipped: needs a moon\n", "Rss:    4 kB\n",
          "7f15-7f16 rw-p 00000000 00:00 0 [heap]\n", "x = 3 pages\n", "a word"],
        ""
    )) {
        super::output(text.as_bytes());
    }

    #[test]
    fn any_session(text in nearly(
        &["arguments = [\"3\"]\n", "seconds = ", "exit-status = ", "signal = \"SIGSEGV\"\n", "[package.metadata.session.commands]\n",
          "a = [\"b\"]\n", "needs = { kernel = \"6.7\" }\n", "[[package.metadata.session.companions]]\n", "name = \"a\"\n"],
        ""
    )) {
        super::session(&format!("[package]\n[package.metadata.session]\n{text}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn any_smaps(text in smaps()) {
        super::smaps(text.as_bytes());
    }
}

/// What the fuzzer found.
#[test]
fn a_path_with_control_characters() {
    super::smaps("7f15-7f16 r--s 00000000 fe:00 7      /a\u{1}\r\r*b*\u{202e}\n".as_bytes());
}

#[test]
fn what_is_very_long_or_deep_is_read_to_its_end() {
    let many = 100_000;
    super::claim(&"Rss + ".repeat(many));
    super::claim(&format!("{} == {}", "x".repeat(many), "9".repeat(many)));
    super::output(&b"= x at 0x ".repeat(many));
    super::output(format!("{} = {}\n", "x".repeat(many), "7 ".repeat(many)).as_bytes());
    let session = "[package]\n[package.metadata.session]\narguments = ";
    super::session(&format!("{session}[{}]", "\"x\",".repeat(many)));
    super::session(&"[".repeat(many));
    super::session(&format!("a = {}", "{b=".repeat(many)));
    super::smaps(&b"0-1 rw-p 00000000 00:00 0 \n".repeat(300));
}
