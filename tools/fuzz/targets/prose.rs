#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    for finding in prose::check(text, &prose::Rules::default()) {
        assert!(text.is_char_boundary(finding.at), "{finding:?}");
    }
    let lines = |text: &str| text.matches('\n').count();
    assert_eq!(lines(&prose::strip_markers(text)), lines(text));
});
