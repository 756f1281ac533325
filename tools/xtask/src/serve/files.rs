//! From the path of a request to a file of the book.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::html::with_script;
use super::http::{Answer, Request};

/// What a page is made of.
pub const HTML: &str = "text/html; charset=utf-8";
pub const STYLE: &str = "text/css; charset=utf-8";
pub const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A file of the book, or what tells that there is none.
pub fn answer(book: &Path, request: &Request, edition: u128) -> Answer {
    let found = locate(book, &request.path).and_then(|page| file(&page, 200, edition));
    found
        .or_else(|| file(&inside(book, &book.join("404.html"))?, 404, edition))
        .unwrap_or_else(|| Answer::text(404, "There is no such page.\n"))
}

/// The place in `book` that `path`, percent-encoded, names, if it is in the book. A
/// slash at the end names the page of a folder.
fn locate(book: &Path, path: &str) -> Option<PathBuf> {
    let mut place = book.to_owned();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let name: Vec<u8> = percent_decode_str(segment).collect();
        // A browser resolves `.` and `..` itself, so these were hidden from it
        // on purpose, as was an encoded slash.
        let hidden = matches!(name.as_slice(), b"." | b"..");
        if hidden || name.contains(&b'/') || name.contains(&0) {
            return None;
        }
        place.push(OsString::from_vec(name));
    }
    if path.ends_with('/') {
        place.push("index.html");
    }
    inside(book, &place)
}

/// `place` without symlinks, if it exists and no symlink has led out of `book`.
fn inside(book: &Path, place: &Path) -> Option<PathBuf> {
    let place = place.canonicalize().ok()?;
    place.starts_with(book).then_some(place)
}

/// The file, or nothing if it is not a regular one (reading a pipe would never
/// end) or has just been replaced. Files of a book are small.
fn file(path: &Path, status: u16, edition: u128) -> Option<Answer> {
    let mut content = path.is_file().then(|| fs::read(path).ok())??;
    let media_type = media_type(path);
    if media_type == HTML {
        content = with_script(content, edition);
    }
    Some(Answer::new(status, media_type, content))
}

/// The media type that goes with the file's extension. Sources are text: a
/// browser shows them instead of saving them.
fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(OsStr::to_str).unwrap_or_default() {
        "html" => HTML,
        "css" => STYLE,
        "js" | "mjs" => SCRIPT,
        "txt" | "rs" | "toml" | "md" | "lock" | "c" | "h" | "sh" | "patch" | "diff" => {
            "text/plain; charset=utf-8"
        }
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "json" => "application/json",
        "xml" => "application/xml",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}
