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
    let is_whole = |site: &String| site.starts_with("https://") || site.starts_with("http://");
    let Some(site) = html.site_url.filter(is_whole) else {
        return Ok(());
    };
    let url = |shown: &gate::Shown| {
        // The first page's own address is that of the book.
        let page = shown.page.to_str().filter(|page| *page != "index.html");
        let address = format!(
            "{}/{}",
            site.trim_end_matches('/'),
            page.unwrap_or_default()
        );
        format!("<url><loc>{}</loc></url>\n", text::escape(&address))
    };
    let map = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{}</urlset>\n",
        pages.iter().map(url).collect::<String>()
    );
    fs::write(rendered.join("sitemap.xml"), map).context("cannot write sitemap.xml")
}
