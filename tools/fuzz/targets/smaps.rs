#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    capture::hostile::smaps(&String::from_utf8_lossy(bytes));
});
