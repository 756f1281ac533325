//! mdBook 0.4's names over mdBook 0.5's types.
//!
//! mdbook-cmdrun 0.7.3, the newest release, is written against the crate
//! `mdbook` 0.4. mdBook 0.5 speaks another protocol: a book's parts are its
//! `items`, no longer its `sections`. So the released cmdrun stops under it with
//! "Unable to parse the input"
//! (<https://github.com/FauconFan/mdbook-cmdrun/issues/22>).
//!
//! `[patch.crates-io]` puts this crate in the place of `mdbook` 0.4.52. It holds
//! just the names that cmdrun uses. The unmodified cmdrun then builds, as a
//! library and as a binary, and reads and writes what mdBook 0.5 reads and writes.
//!
//! It can go when mdbook-cmdrun releases a version on mdBook 0.5: remove this
//! folder and the `[patch.crates-io]` entry, and raise `mdbook-cmdrun`.

pub use mdbook_core::{MDBOOK_VERSION, config, errors};

/// What a book is made of.
pub mod book {
    pub use mdbook_core::book::{BookItem, Chapter, SectionNumber};
    use serde::{Deserialize, Serialize};

    /// mdBook 0.5's book under 0.4's field name: `sections` in Rust, `items` in JSON.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
    pub struct Book {
        /// The chapters, part titles and separators, in the order of `SUMMARY.md`.
        #[serde(rename = "items")]
        pub sections: Vec<BookItem>,
    }
}

/// What a preprocessor implements and is given.
pub mod preprocess {
    use crate::{book::Book, errors::Result};
    pub use mdbook_preprocessor::PreprocessorContext;
    use std::io::Read;

    /// 0.4's trait: `supports_renderer` answers plainly, where 0.5's may fail.
    pub trait Preprocessor {
        /// The name that `book.toml` knows the preprocessor by.
        fn name(&self) -> &str;

        /// Changes the book before it is rendered.
        ///
        /// # Errors
        /// Whatever the preprocessor finds wrong with the book.
        fn run(&self, ctx: &PreprocessorContext, book: Book) -> Result<Book>;

        /// Whether the preprocessor works for this renderer.
        fn supports_renderer(&self, _renderer: &str) -> bool {
            true
        }
    }

    /// 0.4 kept the reading of a preprocessor's input in this type.
    #[derive(Debug)]
    pub struct CmdPreprocessor;

    impl CmdPreprocessor {
        /// Reads the context and the book that mdBook 0.5 writes to a preprocessor.
        ///
        /// # Errors
        /// When `reader` fails or does not hold mdBook 0.5's JSON.
        pub fn parse_input<R: Read>(reader: R) -> Result<(PreprocessorContext, Book)> {
            let (ctx, book) = mdbook_preprocessor::parse_input(reader)?;
            let sections = book.items;
            Ok((ctx, Book { sections }))
        }
    }
}
