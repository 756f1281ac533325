#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| cmdrun::hostile::chapter(text));
