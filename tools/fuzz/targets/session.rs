#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| reading::hostile::session(text));
