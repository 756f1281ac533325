//! What one process keeps of the pages that it has read, from check to check.
//!
//! What is found on a page by itself depends on its bytes and on the excerpts that
//! it must show, so that a page where both are the same is not read again. Where its
//! links lead is looked up in every check.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::excerpt::Excerpt;
use crate::page::Page;

/// Pages that have been read.
#[derive(Debug, Default)]
pub struct Memo(Mutex<Known>);

/// By their names.
pub(crate) type Known = BTreeMap<String, Arc<Page>>;

/// The bytes of a page, and what it must show, if that is known.
pub(crate) type Source = (Vec<u8>, Option<Vec<Excerpt>>);

impl Memo {
    pub(crate) fn known(&self) -> Known {
        self.0
            .lock()
            .map_or_else(|_| Known::new(), |known| known.clone())
    }

    /// Keeps the pages of a check, in the place of those before.
    pub(crate) fn keep(&self, pages: &Known) {
        if let Ok(mut known) = self.0.lock() {
            known.clone_from(pages);
        }
    }
}

/// The page of this source, which is parsed unless it is known.
pub(crate) fn page(known: &Known, name: &str, source: Source) -> Arc<Page> {
    match known.get(name) {
        Some(page) if page.source == source => Arc::clone(page),
        _ => {
            let mut page = Page::parse(&source.0);
            if let Some(excerpts) = &source.1 {
                page.problems.extend(page.compare(excerpts));
            }
            page.source = source;
            page.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_again_if_a_byte_or_an_excerpt_has_changed() {
        let source = |bytes: &str, excerpts| (bytes.as_bytes().to_vec(), excerpts);
        let of = source("<p id=a>", Some(Vec::new()));
        let first = page(&Known::new(), "a.html", of.clone());
        let known = Known::from([("a.html".to_owned(), Arc::clone(&first))]);
        let is_known = |name: &str, source: Source| {
            let page = page(&known, name, source);
            Arc::ptr_eq(&page, &first)
        };
        assert!(is_known("a.html", of.clone()));
        assert!(!is_known("a.html", source("<p id=b>", Some(Vec::new()))));
        assert!(!is_known("a.html", source("<p id=a>", None)));
        assert!(!is_known("b.html", of));
    }
}
