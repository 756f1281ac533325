//! `capture record`: all of a record.

use anyhow::Result;
use clap::Args;

use super::{Excerpt, Part};
use session::Record;

/// The record as JSON, which is nothing for a page.
#[derive(Debug, Args)]
pub struct Whole {}

impl Part for Whole {
    fn excerpt(&self, record: &Record, _: Option<&str>) -> Result<Excerpt> {
        let text = serde_json::to_string_pretty(record)? + "\n";
        let html = text.clone();
        Ok(Excerpt { html, text })
    }

    fn skipped(&self, record: &Record, _: String) -> Result<Excerpt> {
        self.excerpt(record, None)
    }
}
