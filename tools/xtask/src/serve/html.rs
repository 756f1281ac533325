//! The pages as they are served: with the script that reloads them, or, while
//! there is no book, a page that says why.

/// Where the script is served.
pub const SCRIPT: &str = "/.live/reload.js";

/// Where the style of [`notice`] is served.
pub const STYLE: &str = "/.live/notice.css";

/// `page` with the script at the end of its body. `edition` is the one that was
/// served when the page was read: should a newer one be there by the time the
/// script runs, the script sees that the page is old.
pub fn with_script(mut page: Vec<u8>, edition: &str) -> Vec<u8> {
    const END: &[u8] = b"</body>";
    let end = page
        .windows(END.len())
        .rposition(|window| window.eq_ignore_ascii_case(END))
        .unwrap_or(page.len());
    let script = format!("<script src=\"{SCRIPT}\" data-edition=\"{edition}\" defer></script>\n");
    page.splice(end..end, script.into_bytes());
    page
}

/// A whole page for when there is no book: it is still being built, or, with
/// `failure`, its build has failed.
pub fn notice(failure: Option<&str>, edition: &str) -> Vec<u8> {
    let (title, text) = match failure {
        None => (
            "The book is being built",
            "<p>This page shows the book as soon as it is ready.</p>".to_owned(),
        ),
        Some(failure) => (
            "The book could not be built",
            format!(
                "<p>This page shows the book as soon as this is mended:</p>\n\
                 <pre role=\"region\" aria-label=\"What failed\" tabindex=\"0\">{}</pre>",
                text::escape(failure)
            ),
        ),
    };
    // `data-notice` tells the script that the page itself shows the failure.
    format!(
        "<!DOCTYPE html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <link rel=\"stylesheet\" href=\"{STYLE}\">\n\
         </head>\n\
         <body>\n\
         <main>\n\
         <h1>{title}</h1>\n\
         {text}\n\
         </main>\n\
         <script src=\"{SCRIPT}\" data-edition=\"{edition}\" data-notice defer></script>\n\
         </body>\n\
         </html>\n"
    )
    .into_bytes()
}
