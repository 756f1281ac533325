#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| capture::hostile::claim(text));
