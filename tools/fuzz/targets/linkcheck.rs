#![no_main]

use std::fs;
use std::sync::LazyLock;

use tempfile::TempDir;

static BOOK: LazyLock<TempDir> =
    LazyLock::new(|| TempDir::new_in("/dev/shm").expect("a temporary folder"));

libfuzzer_sys::fuzz_target!(|html: &[u8]| {
    fs::write(BOOK.path().join("a.html"), html).expect("written");
    for finding in linkcheck::check(BOOK.path()).expect("a book") {
        assert!(!finding.to_string().is_empty());
    }
});
