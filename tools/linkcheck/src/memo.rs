//! What one process keeps of the pages that it has read, from check to check.
//!
//! What a page holds depends on its bytes alone, so that a page of the same
//! bytes is not read again. Where its links lead is looked up in every check.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::page::Page;

/// Pages that have been read.
#[derive(Debug, Default)]
pub struct Memo(Mutex<Arc<Known>>);

/// Pages and the bytes that they were read from, by name.
pub(crate) type Known = BTreeMap<String, (Vec<u8>, Arc<Page>)>;

impl Memo {
    pub(crate) fn known(&self) -> Arc<Known> {
        self.0
            .lock()
            .map_or_else(|_| Arc::default(), |known| Arc::clone(&known))
    }

    /// Keeps the pages of a check, in the place of those before.
    pub(crate) fn keep(&self, pages: Known) {
        if let Ok(mut known) = self.0.lock() {
            *known = Arc::new(pages);
        }
    }
}

/// The page of these bytes, which is parsed unless it is known.
pub(crate) fn page(known: &Known, name: &str, bytes: &[u8]) -> Arc<Page> {
    match known.get(name) {
        Some((of, page)) if of == bytes => Arc::clone(page),
        _ => Arc::new(Page::parse(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_again_if_a_byte_has_changed() {
        let known = Known::from([(
            "a.html".to_owned(),
            (b"<p id=a>".to_vec(), Arc::new(Page::parse(b"<p id=a>"))),
        )]);
        let is_known = |name: &str, bytes: &[u8]| {
            let page = page(&known, name, bytes);
            Arc::ptr_eq(&page, &known["a.html"].1)
        };
        assert!(is_known("a.html", b"<p id=a>"));
        assert!(!is_known("a.html", b"<p id=b>"));
        assert!(!is_known("b.html", b"<p id=a>"));
    }
}
