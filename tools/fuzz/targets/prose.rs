#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    for finding in gate::prose::check(text, &gate::prose::Rules::default()) {
        assert!(text.is_char_boundary(finding.at), "{finding:?}");
    }
    let lines = |text: &str| text.matches('\n').count();
    assert_eq!(lines(&gate::prose::strip_markers(text)), lines(text));
});
