//! What search engines get of a published book.

use std::collections::BTreeSet;

use book_tests::Book;
use roxmltree::Document;

const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

#[test]
fn a_published_book_has_a_sitemap_of_its_chapters() {
    let book = Book::named("sitemap")
        .chapter("README.md", "# Front\n")
        .chapter("part/one.md", "# One\n")
        .chapter("part/q&a.md", "# Questions\n");
    let config = book.read("book.toml");
    book.build().succeeded();
    assert!(!book.path("book/sitemap.xml").exists());
    // A folder alone is no address.
    book.write(
        "book.toml",
        &format!("{config}\n[output.html]\nsite-url = \"/a/\"\n"),
    );
    book.build().succeeded();
    assert!(!book.path("book/sitemap.xml").exists());

    let site = "https://example.org/a/";
    book.write(
        "book.toml",
        &format!("{config}\n[output.html]\nsite-url = \"{site}\"\n"),
    );
    book.build().succeeded();
    assert!(book.path("book/print.html").exists() && book.path("book/404.html").exists());
    let xml = book.read("book/sitemap.xml");
    let map = Document::parse(&xml).expect("valid XML");
    let root = map.root_element();
    assert!(root.has_tag_name((NAMESPACE, "urlset")), "{xml}");
    let pages: BTreeSet<&str> = root
        .children()
        .filter(|node| node.is_element())
        .map(|url| {
            assert!(url.has_tag_name((NAMESPACE, "url")), "{xml}");
            let address = url.first_element_child().expect("an address");
            assert!(address.has_tag_name((NAMESPACE, "loc")), "{xml}");
            address
                .text()
                .and_then(|text| text.strip_prefix(site))
                .expect("of this site")
        })
        .collect();
    assert_eq!(
        pages,
        BTreeSet::from(["", "part/one.html", "part/q&a.html"])
    );
}

#[test]
fn the_search_of_mdbook_is_refused_where_it_is_switched_on() {
    let book = Book::named("own-search").chapter("one.md", "# One\n");
    let config = book.read("book.toml");
    let search = |settings: &str| {
        let settings = format!("{config}\n[output.html.search]\n{settings}");
        book.write("book.toml", &settings);
        book.build()
    };
    for on in ["", "enable = true\n", "limit-results = 9\n"] {
        search(on)
            .failed()
            .with("book.toml switches mdBook's own search on")
            .with("write `search = { enable = false }` below [output.html]");
    }
    search("enable = false\n").succeeded();
}
