//! The pages as they are served: with the script that reloads them, or, while
//! there is no book, a page that says why.

/// `page` with the script at the end of its body. `edition` is the one that was
/// served when the page was read: should a newer one be there by the time the
/// script runs, the script sees that the page is old.
pub fn with_script(mut page: Vec<u8>, edition: u128) -> Vec<u8> {
    const END: &[u8] = b"</body>";
    let end = page
        .windows(END.len())
        .rposition(|window| window.eq_ignore_ascii_case(END));
    let end = end.unwrap_or(page.len());
    let script =
        format!("<script src=\"/.live/reload.js\" data-edition=\"{edition}\" defer></script>\n");
    page.splice(end..end, script.into_bytes());
    page
}

/// A whole page for when there is no book: it is still being built, or, with
/// `failure`, its build has failed.
pub fn notice(failure: Option<&str>) -> String {
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
    let page = include_str!("notice.html").replace("TITLE", title);
    page.replace("TEXT", &text)
}
