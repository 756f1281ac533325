//! From the path of a request to a file of the book.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

/// What a path of a request leads to.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// A file.
    File(File),
    /// A folder that was asked for without the slash at the end, without which
    /// the links on its page would start from the wrong place. The path that
    /// was meant, still percent-encoded.
    Folder(String),
    /// No file of the book; the book's own page that says so, if it has one.
    Missing(Option<File>),
    /// There is no book.
    NoBook,
}

/// A file of the book.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    /// For the header `Content-Type`.
    pub content_type: &'static str,
    /// The whole content. Files of a book are small.
    pub content: Vec<u8>,
}

/// Finds what `path`, percent-encoded as in a request, leads to in `book`.
///
/// # Errors
///
/// When a file is there and cannot be read.
pub fn find(book: &Path, path: &str) -> io::Result<Found> {
    // For each request anew: the book may have been replaced since the last.
    let Ok(book) = book.canonicalize() else {
        return Ok(Found::NoBook);
    };
    let Some(mut file) = locate(&book, path) else {
        return missing(&book);
    };
    if file.is_dir() {
        if !path.ends_with('/') {
            return Ok(Found::Folder(with_slash(path)));
        }
        match inside(&book, &file.join("index.html")) {
            Some(index) => file = index,
            None => return missing(&book),
        }
    } else if path.ends_with('/') {
        return missing(&book);
    }
    match read(&file)? {
        Some(file) => Ok(Found::File(file)),
        None => missing(&book),
    }
}

fn missing(book: &Path) -> io::Result<Found> {
    Ok(Found::Missing(match inside(book, &book.join("404.html")) {
        Some(page) => read(&page)?,
        None => None,
    }))
}

/// The place in `book` that `path` names, if it is in the book.
fn locate(book: &Path, path: &str) -> Option<PathBuf> {
    let mut place = book.to_owned();
    for segment in segments(path) {
        let name: Vec<u8> = percent_decode_str(segment).collect();
        // A browser resolves `.` and `..` itself, so these were hidden from it
        // on purpose, as was an encoded slash.
        let hidden = matches!(name.as_slice(), b"." | b"..");
        if hidden || name.contains(&b'/') || name.contains(&0) {
            return None;
        }
        place.push(OsString::from_vec(name));
    }
    inside(book, &place)
}

/// `place` without symlinks, if it exists and no symlink has led out of `book`.
fn inside(book: &Path, place: &Path) -> Option<PathBuf> {
    let place = place.canonicalize().ok()?;
    place.starts_with(book).then_some(place)
}

/// The file, or nothing if it is not a regular one (reading a pipe would never
/// end) or has just been replaced.
fn read(path: &Path) -> io::Result<Option<File>> {
    if !path.is_file() {
        return Ok(None);
    }
    match fs::read(path) {
        Ok(content) => Ok(Some(File {
            content_type: content_type(path),
            content,
        })),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io::Error::new(
            error.kind(),
            format!("cannot read {}: {error}", path.display()),
        )),
    }
}

/// The path with a slash at the end and none doubled: two at its start would
/// name another host.
fn with_slash(path: &str) -> String {
    let mut whole = String::from("/");
    for segment in segments(path) {
        whole.push_str(segment);
        whole.push('/');
    }
    whole
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// The media type that goes with the file's extension. Sources are text: a
/// browser shows them instead of saving them.
fn content_type(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension.unwrap_or_default() {
        "html" => HTML,
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "xml" => "application/xml",
        "pdf" => "application/pdf",
        "txt" | "rs" | "toml" | "md" | "lock" | "c" | "h" | "sh" | "patch" | "diff" => PLAIN,
        _ => "application/octet-stream",
    }
}

/// A page.
pub const HTML: &str = "text/html; charset=utf-8";

/// Text without markup.
pub const PLAIN: &str = "text/plain; charset=utf-8";
