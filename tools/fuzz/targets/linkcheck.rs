#![no_main]

libfuzzer_sys::fuzz_target!(|html: &[u8]| linkcheck::read(html));
