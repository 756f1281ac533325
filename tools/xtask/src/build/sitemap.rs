//! The list of the book's pages for search engines, where book.toml says at
//! which address the book is published. Plain mdBook writes none.

use std::fs;
use std::path::Path;

use anyhow::Context;
use mdbook_driver::config::Config;

/// Writes `sitemap.xml`, if `output.html.site-url` is a whole address: the
/// protocol (<https://www.sitemaps.org/protocol.html>) has no other.
pub fn write(rendered: &Path, config: &Config, pages: &[gate::Shown]) -> anyhow::Result<()> {
    let html = config.html_config().unwrap_or_default();
    let Some(site) = html.site_url.filter(|site| is_whole(site)) else {
        return Ok(());
    };
    let path = rendered.join("sitemap.xml");
    fs::write(
        &path,
        sitemap(&site, pages.iter().map(|shown| &*shown.page)),
    )
    .with_context(|| format!("cannot write {}", path.display()))
}

fn is_whole(site: &str) -> bool {
    site.starts_with("https://") || site.starts_with("http://")
}

fn sitemap<'a>(site: &str, pages: impl Iterator<Item = &'a Path>) -> String {
    let site = site.trim_end_matches('/');
    let urls = pages.map(|page| {
        // The first page's own address is that of the book.
        let page = page
            .to_str()
            .filter(|page| *page != "index.html")
            .unwrap_or_default();
        let address = text::escape(&format!("{site}/{page}"));
        format!("<url><loc>{address}</loc></url>\n")
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{}</urlset>\n",
        urls.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_has_its_whole_address() {
        let pages = ["index.html", "a/b&c.html"].map(Path::new);
        assert_eq!(
            sitemap("https://example.org/book/", pages.into_iter()),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n\
             <url><loc>https://example.org/book/</loc></url>\n\
             <url><loc>https://example.org/book/a/b&amp;c.html</loc></url>\n</urlset>\n"
        );
        assert!(is_whole("http://localhost/") && !is_whole("/book/"));
    }
}
