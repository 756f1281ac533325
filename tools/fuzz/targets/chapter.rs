#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| gate::hostile::chapter(text));
