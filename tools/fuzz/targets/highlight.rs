#![no_main]

use pages::Language;

libfuzzer_sys::fuzz_target!(|text: &str| {
    for word in ["rust", "c", "toml", "sh", "console", "text"] {
        let language = Language::named(word).expect("one of the book's");
        let lines = language.lines(text);
        assert_eq!(lines.len(), text.lines().count(), "{word}");
        for html in lines {
            assert!(!html.contains(['\n', '\r', '{']), "{word}: {html:?}");
            let spans = |tag| html.matches(tag).count();
            assert_eq!(spans("<span"), spans("</span>"), "{word}: {html:?}");
        }
    }
});
