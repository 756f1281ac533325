//! What mdBook warns of while it makes a book: here, a failure.
//!
//! mdBook goes on after a warning, be it of a tag that is left open, and exits
//! with 0. Its words go through the `tracing` crate.

use std::fmt;
use std::sync::{Arc, Mutex};

use anyhow::bail;
use tracing::field::Field;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber, subscriber};

use crate::lock;

/// Does something with mdBook, on this thread. What mdBook warns of meanwhile
/// becomes the error, unless something worse went wrong.
pub fn are_failures<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let listener = Listener(Arc::clone(&heard));
    let done = subscriber::with_default(listener, work)?;
    let heard = lock(&heard);
    if heard.is_empty() {
        return Ok(done);
    }
    let count = heard.len();
    let plural = if count == 1 { "failure" } else { "failures" };
    bail!(
        "{}\n\n{count} {plural}; the book was not built",
        heard.join("\n\n")
    )
}

struct Listener(Arc<Mutex<Vec<String>>>);

impl Subscriber for Listener {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        *about.level() <= Level::WARN && about.target().starts_with("mdbook")
    }

    fn event(&self, event: &Event<'_>) {
        let mut words = String::from("mdBook warns: ");
        event.record(&mut |field: &Field, value: &dyn fmt::Debug| {
            if field.name() == "message" {
                words += &format!("{value:?}");
            }
        });
        let mut heard = lock(&self.0);
        if !heard.contains(&words) {
            heard.push(words);
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_a_failure() {
        let told = |work: fn()| {
            are_failures(|| {
                work();
                Ok(())
            })
            .map_err(|error| error.to_string())
        };
        assert_eq!(
            told(|| tracing::info!(target: "mdbook_html", "fine")),
            Ok(())
        );
        assert_eq!(
            told(|| tracing::warn!(target: "other", "not mdBook's")),
            Ok(())
        );
        assert_eq!(
            told(|| {
                tracing::warn!(target: "mdbook_html::tree", "a tag is open in `{}`", "a.md");
                tracing::error!(target: "mdbook_driver", "worse");
            }),
            Err("mdBook warns: a tag is open in `a.md`\n\nmdBook warns: worse\n\n2 failures; the book was not built".to_owned())
        );
    }
}
