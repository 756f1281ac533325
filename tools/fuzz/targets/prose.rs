#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    for (at, why) in gate::prose::check(text, &gate::prose::Rules::default()) {
        assert!(text.is_char_boundary(at), "{at}: {why}");
    }
});
