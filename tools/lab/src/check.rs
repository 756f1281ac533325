//! Every session and every claim, without making pages.

use std::path::Path;
use std::sync::Arc;

use gate::Gate;
use mdbook_driver::builtin_renderers::MarkdownRenderer;
use session::Progress;
use xtask::{build, say};

/// Runs all sessions and checks all claims.
pub fn check(root: &Path) -> anyhow::Result<()> {
    let report = Arc::new(|progress| {
        if let Progress::Skipped(..) = progress {
            say(&progress.to_string());
        }
    });
    // For a renderer of HTML, files of the theme would be written.
    build::load(root)?
        .with_preprocessor(Gate::new(report))
        .preprocess_book(&MarkdownRenderer::new())?;
    say("every claim holds");
    Ok(())
}
