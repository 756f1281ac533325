//! The prose of a chapter, as the gate sees it.

use book_tests::{Book, MAPS_MEMORY, listing, text_of};

/// Each kind of finding once, in the order of the chapter.
const TOLD: &str = "\
src/one.md:3: `8 kB` is what no claim beside it says: there are 4096 bytes (1 page); print it with `capture value`, claim it, or end its line with `<!-- given -->` (true by definition)

src/one.md:5: `<!-- given -->` marks nothing: its line has no number in digits with a unit; remove it

src/one.md:6: this comment is no directive, no block of claims and no marker; did you mean `given`? A note to whoever reads the source begins with another word

src/one.md:7: a second sentence begins here, at `Two sentences are two.`; begin it on a new line

src/one.md:8: this line ends in the middle of a sentence; join it with the next, `is over two.`

src/one.md:11: http://man7.org/linux/man-pages/man2/mmap.2.html is not the address of a manual page, which is such as https://man7.org/linux/man-pages/man2/mmap.2.html

src/one.md:12: this link leads to a manual page; let its text name it: `mmap(2)`

src/one.md:13: `munmap(2)` is linked to the page of `mmap(2)`; its own is https://man7.org/linux/man-pages/man2/munmap.2.html

src/one.md:14: `mmap(2)` is linked to https://example.org/mmap; its manual page is https://man7.org/linux/man-pages/man2/mmap.2.html

src/one.md:15: https://docs.kernel.org/mm is not the address of a kernel document, which is such as https://docs.kernel.org/filesystems/proc.html

src/one.md:17: `color` is not how a British dictionary spells it; write `colour`, or add it to tools/gate/terms.txt

src/one.md:23: this chapter has a heading with the id `one` already, so a link to `#one` leads to that one; give `One` other words

src/one.md:25: this aside has no label for those who hear the page; write `<aside role=\"note\" class=\"…\" aria-label=\"…\">`

src/one.md:28: this chapter has an aside labelled `See also` already; say in the label what this one is about

14 failures; the book was not built";

const CHAPTER: &str = "\
# One

The page has 8 kB.
It is 1 page.
It is a page. <!-- given -->
It is another. <!-- Given -->
One sentence is one. Two sentences are two.
One line
is over two.

- [mmap(2)](http://man7.org/linux/man-pages/man2/mmap.2.html)
- [mmap](https://man7.org/linux/man-pages/man2/mmap.2.html)
- [munmap(2)](https://man7.org/linux/man-pages/man2/mmap.2.html)
- [mmap(2)](https://example.org/mmap)
- [the memory manager](https://docs.kernel.org/mm)

The color of *memory*.

<!-- claims maps
Rss@touched == 1 page
-->

## One

<aside class=\"see-also\">
</aside>
<aside role=\"note\" aria-label=\"See also\"></aside>
<aside role=\"note\" aria-label=\"See also\"></aside>
";

#[test]
fn each_finding_has_its_line_and_its_advice() {
    let book = Book::named("prose-findings")
        .listing("maps", &listing(MAPS_MEMORY))
        .chapter("one.md", CHAPTER);
    for build in [Book::build, Book::build_with_mdbook] {
        build(&book).failed().with(TOLD);
    }
}

/// The same chapter as its author should have it.
#[test]
fn a_good_chapter_has_no_findings_and_its_page_no_markers() {
    let book = Book::named("prose-good")
        .listing("maps", &listing(MAPS_MEMORY))
        .file("tools/gate/terms.txt", "color # a field's name\n")
        .chapter(
            "one.md",
            "# One\n\n\
             The page has 4 KiB. <!-- given -->\n\
             It is 1 page.\n\n\
             - 16 pages <!-- given -->\n\
             - [mmap(2)](https://man7.org/linux/man-pages/man2/mmap.2.html)\n\n\
             The color.\n\n\
             ```text\n4 kB <!-- given -->\n```\n\n\
             <!-- claims maps\nRss@touched == 1 page\n-->\n",
        );
    book.build().succeeded();
    let html = book.read("book/one.html");
    assert!(!html.contains("<!-- given") && !html.contains("claims maps"));
    let text = text_of(&html);
    for kept in [
        "The page has 4 KiB.\nIt is 1 page.\n",
        "16 pages\n",
        "4 kB <!-- given -->\n",
    ] {
        assert!(text.contains(kept), "{kept:?}\n{text}");
    }
}

#[test]
fn a_claim_of_a_block_that_does_not_hold_is_told() {
    let book = Book::named("prose-claim")
        .listing("maps", &listing(MAPS_MEMORY))
        .chapter(
            "one.md",
            "# One\n\nIt is 2 pages.\n\n\
             <!-- claims maps --at touched\nRss == 2 pages\n-->\n",
        );
    book.build().failed().with(
        "src/one.md:6: the claim `Rss == 2 pages` does not hold\n  found: Rss@touched = 4 kB (1 page)\n",
    );
}
