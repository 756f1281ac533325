//! The list of the book's pages for search engines, where book.toml says at
//! which address the book is published. Plain mdBook writes none.

use std::fs;
use std::path::Path;

use anyhow::Context;
use mdbook_driver::MDBook;

/// Writes `sitemap.xml`, if `output.html.site-url` is a whole address: the
/// protocol (<https://www.sitemaps.org/protocol.html>) has no other.
pub fn write(rendered: &Path, book: &MDBook) -> anyhow::Result<()> {
    let html = book.config.html_config().unwrap_or_default();
    let site = html.site_url.filter(|site| is_whole(site));
    let Some(site) = site else {
        return Ok(());
    };
    let pages = super::chapters(book).into_iter().map(|chapter| {
        if chapter.file_stem().is_some_and(|stem| stem == "README") {
            chapter.with_file_name("index.html")
        } else {
            chapter.with_extension("html")
        }
    });
    let pages: Vec<String> = pages
        .map(|page| page.to_string_lossy().into_owned())
        .collect();
    let path = rendered.join("sitemap.xml");
    fs::write(&path, sitemap(&site, &pages))
        .with_context(|| format!("cannot write {}", path.display()))
}

fn is_whole(site: &str) -> bool {
    site.starts_with("https://") || site.starts_with("http://")
}

fn sitemap(site: &str, pages: &[String]) -> String {
    let site = site.trim_end_matches('/');
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for page in pages {
        // The first page's own address is that of the book.
        let page = if page == "index.html" { "" } else { page };
        let address = format!("{site}/{page}")
            .replace('&', "&amp;")
            .replace('<', "&lt;");
        xml.push_str(&format!("<url><loc>{address}</loc></url>\n"));
    }
    xml.push_str("</urlset>\n");
    xml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_has_its_whole_address() {
        let pages = ["index.html".to_owned(), "a/b&c.html".to_owned()];
        assert_eq!(
            sitemap("https://example.org/book/", &pages),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n\
             <url><loc>https://example.org/book/</loc></url>\n\
             <url><loc>https://example.org/book/a/b&amp;c.html</loc></url>\n</urlset>\n"
        );
        assert!(is_whole("http://localhost/") && !is_whole("/book/"));
    }
}
