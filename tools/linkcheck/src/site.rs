//! The whole book: which files it has, and where its links lead.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use percent_encoding::percent_decode_str;
use rayon::prelude::*;
use walkdir::WalkDir;

use crate::address::Address;
use crate::excerpt::Expected;
use crate::finding::{About, Finding, Link};
use crate::memo::{self, Known, Memo};
use crate::page::Page;

/// A built book. Paths are relative to its folder, with `/` between their parts.
#[derive(Debug)]
pub(crate) struct Site {
    files: BTreeSet<String>,
    folders: BTreeSet<String>,
    pub(crate) pages: Known,
}

impl Site {
    /// Reads every page of the book in `dir`, and the names of all its files.
    pub(crate) fn read(dir: &Path, expected: &[Expected], memo: &Memo) -> anyhow::Result<Self> {
        let unread = |name: &str| {
            let path = dir.join(name);
            format!(
                "cannot read {}; build the book first, or name its folder",
                path.display()
            )
        };
        let mut site = Self {
            files: BTreeSet::new(),
            folders: BTreeSet::from([String::new()]),
            pages: Known::new(),
        };
        // Linked files count, linked folders do not: they may lead out, or in a circle.
        for entry in WalkDir::new(dir) {
            let entry = entry.with_context(|| unread(""))?;
            let name = entry.path().strip_prefix(dir)?.to_string_lossy();
            if entry.file_type().is_dir() {
                site.folders.insert(name.into_owned());
            } else if entry.path().is_file() {
                site.files.insert(name.into_owned());
            }
        }
        let known = memo.known();
        let names = site.files.par_iter().filter(|name| is_page(name));
        let pages = names.map(|name| {
            let bytes = fs::read(dir.join(name)).with_context(|| unread(name))?;
            let expected = expected.iter().find(|expected| expected.page == *name);
            let excerpts = expected.map(|expected| expected.excerpts.clone());
            Ok((name.clone(), memo::page(&known, name, (bytes, excerpts))))
        });
        site.pages = pages.collect::<anyhow::Result<_>>()?;
        memo.keep(&site.pages);
        if site.pages.is_empty() {
            bail!(
                "{} has no .html file; name the folder of a built book",
                dir.display()
            );
        }
        Ok(site)
    }

    /// The excerpts of pages that the book does not have.
    pub(crate) fn without_page<'a>(
        &'a self,
        expected: &'a [Expected],
    ) -> impl Iterator<Item = Finding> + 'a {
        let missing = |expected: &&Expected| !self.pages.contains_key(&expected.page);
        expected.iter().filter(missing).flat_map(|expected| {
            expected.excerpts.iter().map(|excerpt| Finding {
                page: PathBuf::from(&expected.page),
                ..excerpt.lost(1, "", "has no page; name its chapter in SUMMARY.md")
            })
        })
    }

    /// Everything that is wrong, by page and line.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        self.pages
            .par_iter()
            .flat_map_iter(|(name, page)| {
                let links = page.links.iter();
                let links = links.filter_map(|link| self.follow(name, page, link));
                let found = page.problems.iter().cloned().chain(links);
                let mut found: Vec<_> = found.chain(title(name, page)).collect();
                found.sort_by_key(|finding| finding.line);
                found.into_iter().map(move |finding| Finding {
                    page: PathBuf::from(name),
                    ..finding
                })
            })
            .collect()
    }

    /// What is wrong with a link, if anything is.
    fn follow(&self, name: &str, page: &Page, link: &Link) -> Option<Finding> {
        let message = match Address::parse(&link.address) {
            Ok(Address::Book { path, fragment }) => {
                // mdBook gives the headings of 404.html such links although it has a
                // <base>, which they would go by in a browser. It is harmless there.
                let target = match path.as_str() {
                    "" => Ok(name.to_owned()),
                    path => self.file(&folder_of_links(name, page), path),
                };
                match target {
                    Ok(target) => self.anchor(&target, &fragment?)?,
                    Err(message) => message,
                }
            }
            Ok(Address::Elsewhere) => return None,
            Err(fault) => fault,
        };
        let about = About::Link(link.address.clone());
        Some(Finding::new(
            link.line,
            about,
            format!("{} {message}", link.tag),
        ))
    }

    /// Walks from a folder of the book along a path, as a server does, to a file; or
    /// what is wrong with the path.
    fn file(&self, folder: &str, path: &str) -> Result<String, String> {
        let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." if parts.pop().is_none() => {
                    return Err("leads out of the book; copy what it means into the book, or link to it by https".to_owned());
                }
                ".." => {}
                part => parts.push(part),
            }
        }
        let target = parts.join("/");
        if self.folders.contains(&target) {
            parts.push("index.html");
            let index = parts.join("/");
            return match self.files.contains(&index) {
                true => Ok(index),
                false => Err(format!(
                    "leads to the folder \"{target}\", which has no index.html; link to a page in it"
                )),
            };
        }
        let names_a_folder = matches!(path.rsplit('/').next(), Some("" | "." | ".."));
        if self.files.contains(&target) && !names_a_folder {
            return Ok(target);
        }
        let near = self.nearest_file(&target);
        let advice = near.unwrap_or_else(|| "; add that file, or correct the link".to_owned());
        Err(format!(
            "leads to \"{target}\", which the book does not have{advice}"
        ))
    }

    /// What is wrong with a place on a page, if anything is.
    fn anchor(&self, target: &str, fragment: &str) -> Option<String> {
        // Only HTML has ids that are known here: an image's are left alone.
        let anchors = &self.pages.get(target)?.anchors;
        // `:~:text=` asks the browser to mark a text; it names no id.
        let fragment = fragment.split_once(":~:").map_or(fragment, |(id, _)| id);
        let decoded = percent_decode_str(fragment).decode_utf8_lossy();
        // HTML itself gives these two a meaning: the top of the page.
        let is_top = fragment.is_empty() || decoded.eq_ignore_ascii_case("top");
        if is_top || anchors.contains_key(fragment) || anchors.contains_key(&*decoded) {
            return None;
        }
        let near = text::meant(&decoded, anchors.keys().map(String::as_str));
        let advice =
            near.unwrap_or_else(|| "; give a heading that id, or correct the link".to_owned());
        Some(format!(
            "leads to \"#{decoded}\", which \"{target}\" does not have{advice}"
        ))
    }

    /// A file of the same name in another folder, else those of a similar path.
    fn nearest_file(&self, target: &str) -> Option<String> {
        let name = |path: &str| path.rsplit('/').next().map(str::to_owned);
        let files = || self.files.iter().map(String::as_str);
        match files().find(|file| name(file) == name(target)) {
            Some(moved) => Some(format!("; did you mean `{moved}`?")),
            None => text::meant(target, files()),
        }
    }
}

/// A page has one title. The page to print has those of all chapters.
fn title(name: &str, page: &Page) -> Option<Finding> {
    let count = page.titles.len();
    if page.main == 0 || name == "print.html" || count == 1 {
        return None;
    }
    let line = *page.titles.get(1).unwrap_or(&page.main);
    let message = format!("the page has {count} titles; write one, and \"## \" for all below it");
    Some(Finding::new(line, About::Page, message))
}

fn is_page(name: &str) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|e| e.eq_ignore_ascii_case("html") || e.eq_ignore_ascii_case("htm"))
}

/// The folder that the relative links of a page start from.
fn folder_of_links(name: &str, page: &Page) -> String {
    let parent = |path: &str| path.rsplit_once('/').map_or("", |(dir, _)| dir).to_owned();
    match page.base.as_deref() {
        None | Some("") => parent(name),
        // mdBook gives 404.html the address of the whole site.
        Some(base) if base.starts_with('/') || base.contains(':') => String::new(),
        Some(base) => format!("{}/{}", parent(name), parent(base)),
    }
}

#[cfg(test)]
mod tests;
