//! Links to manual pages and to the kernel's documentation.

use std::sync::LazyLock;

use regex::Regex;

use crate::comment::Fault;
use crate::pattern;
use crate::structure::{Link, Structure};

/// Links of another form, and links whose text names another page.
pub fn check(source: &Structure) -> Vec<Fault> {
    let found = source
        .links
        .iter()
        .filter_map(|link| wrong(link).map(|message| (link.at, message)));
    found.collect()
}

fn wrong(link: &Link) -> Option<String> {
    static HOST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^(?i)([a-z]+)://(?:[^/@]*\.)?(man7\.org|docs\.kernel\.org)(?:[/:?#]|$)")
    });
    let target = link.target.as_str();
    let captures = HOST.captures(target);
    let host = captures.as_ref().and_then(|captures| captures.get(2));
    match host.map(|host| host.as_str().to_lowercase()).as_deref() {
        Some("man7.org") => manual_page(link),
        Some(_) => kernel_document(target),
        None if target.contains("://") => mentions(&link.text).next().map(|(name, section)| {
            format!(
                "`{name}({section})` is linked to {target}; its manual page is {}",
                address(name, section)
            )
        }),
        // Within the book, where the link check knows more.
        None => None,
    }
}

fn manual_page(link: &Link) -> Option<String> {
    static PAGE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^https://man7\.org/linux/man-pages/man([1-8])/([^/?#]+)\.([1-8])([a-z]*)\.html(?:#.*)?$",
        )
    });
    let Link { target, text, .. } = link;
    let page = PAGE.captures(target).filter(|page| page[1] == page[3]);
    let Some(page) = page else {
        return Some(format!(
            "{target} is not the address of a manual page, which is such as {}",
            address("mmap", "2")
        ));
    };
    let (name, section) = (&page[2], format!("{}{}", &page[3], &page[4]));
    if let Some((other, of)) = mentions(text).find(|each| *each != (name, section.as_str())) {
        return Some(format!(
            "`{other}({of})` is linked to the page of `{name}({section})`; its own is {}",
            address(other, of)
        ));
    }
    if mentions(text).next().is_none() {
        return Some(format!(
            "this link leads to a manual page; let its text name it: `{name}({section})`"
        ));
    }
    None
}

fn kernel_document(target: &str) -> Option<String> {
    static DOCUMENT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^https://docs\.kernel\.org/[^#]*(?:\.html(?:#.*)?|#.+)$"));
    (!DOCUMENT.is_match(target)).then(|| {
        format!(
            "{target} is not the address of a kernel document, which is such as https://docs.kernel.org/filesystems/proc.html"
        )
    })
}

/// The manual pages that a text names: `mmap(2)`.
fn mentions(text: &str) -> impl Iterator<Item = (&str, &str)> {
    static MENTION: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"([A-Za-z_][A-Za-z0-9_.+-]*)\(([1-8][a-z]*)\)"));
    MENTION.captures_iter(text).filter_map(|captures| {
        let part = |group| captures.get(group).map(|found| found.as_str());
        Some((part(1)?, part(2)?))
    })
}

fn address(name: &str, section: &str) -> String {
    let number = section.get(..1).unwrap_or_default();
    format!("https://man7.org/linux/man-pages/man{number}/{name}.{section}.html")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(chapter: &str) -> Vec<String> {
        let told = crate::prose::tests::told(check, chapter).into_iter();
        // The link itself comes first.
        told.map(|told| {
            told.split_once(": ")
                .map_or(String::new(), |(_, why)| why.to_owned())
        })
        .collect()
    }

    #[test]
    fn links_of_the_right_form_are_right() {
        for link in [
            "[mmap(2)](https://man7.org/linux/man-pages/man2/mmap.2.html)",
            "[`mmap(2)`](https://man7.org/linux/man-pages/man2/mmap.2.html#NOTES)",
            "[the page ld.so(8)](https://man7.org/linux/man-pages/man8/ld.so.8.html)",
            "[mmap(3p)](https://man7.org/linux/man-pages/man3/mmap.3p.html)",
            "[proc](https://docs.kernel.org/filesystems/proc.html#smaps)",
            "[mm](https://docs.kernel.org/mm/#here)",
            "[mmap(2)](../appendices/man-pages.md)",
            "[Rust](https://rustup.rs)",
            "`[a](http://man7.org)`",
        ] {
            assert_eq!(found(link), [""; 0], "{link}");
        }
    }

    #[test]
    fn a_manual_page_has_one_address() {
        for target in [
            "http://man7.org/linux/man-pages/man2/mmap.2.html",
            "https://www.man7.org/linux/man-pages/man2/mmap.2.html",
            "https://man7.org/linux/man-pages/man3/mmap.2.html",
            "https://man7.org/linux/man-pages/man2/mmap.html",
            "https://man7.org/linux/man-pages/man9/mmap.9.html",
            "https://man7.org",
        ] {
            let why = format!(
                "{target} is not the address of a manual page, which is such as https://man7.org/linux/man-pages/man2/mmap.2.html"
            );
            for link in [
                format!("[mmap(2)]({target})"),
                format!("<p><a href=\"{target}\">mmap(2)</a></p>"),
            ] {
                assert_eq!(found(&link), [why.as_str()], "{link}");
            }
        }
    }

    #[test]
    fn the_text_names_the_page() {
        let page = "https://man7.org/linux/man-pages/man2/mmap.2.html";
        assert_eq!(
            found(&format!("[mmap]({page})")),
            ["this link leads to a manual page; let its text name it: `mmap(2)`"]
        );
        for (text, other) in [
            ("munmap(2)", "munmap.2"),
            ("mmap(3p)", "mmap.3p"),
            ("mmap(2) and munmap(2)", "munmap.2"),
        ] {
            let told = found(&format!("[{text}]({page})"));
            assert_eq!(told.len(), 1, "{text}");
            let end = format!("/{other}.html");
            assert!(
                told[0].contains("is linked to the page of `mmap(2)`; its own is")
                    && told[0].ends_with(&end),
                "{told:?}"
            );
        }
        assert_eq!(
            found("[mmap(2)](https://linux.die.net/man/2/mmap)"),
            [
                "`mmap(2)` is linked to https://linux.die.net/man/2/mmap; its manual page is https://man7.org/linux/man-pages/man2/mmap.2.html"
            ]
        );
    }

    #[test]
    fn a_kernel_document_is_a_page_or_a_place() {
        for target in [
            "http://docs.kernel.org/filesystems/proc.html",
            "https://docs.kernel.org/filesystems/proc",
            "https://docs.kernel.org/filesystems/proc#",
            "https://docs.kernel.org",
        ] {
            assert_eq!(
                found(&format!("[proc]({target})")),
                [format!(
                    "{target} is not the address of a kernel document, which is such as https://docs.kernel.org/filesystems/proc.html"
                )]
            );
        }
    }
}
