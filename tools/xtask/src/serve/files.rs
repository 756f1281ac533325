//! From the path of a request to a file of the book.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::html::with_script;
use super::http::{Answer, Request};

/// A page.
pub const HTML: &str = "text/html; charset=utf-8";

/// A file of the book, or what tells that there is none.
pub fn answer(book: &Path, request: &Request, edition: u128) -> Answer {
    let path = request.path.as_str();
    let is_folder = path.ends_with('/');
    let page = match locate(book, path) {
        // Without the slash, the links on its page would start from the wrong
        // place. None is doubled: two at the start would name another host.
        Some(place) if place.is_dir() && !is_folder => {
            let whole: String = segments(path)
                .map(|segment| format!("/{segment}"))
                .collect();
            return Answer::text(307, "").with("location", whole + "/" + &request.query);
        }
        Some(place) if place.is_dir() => inside(book, &place.join("index.html")),
        place => place.filter(|_| !is_folder),
    };
    page.and_then(|page| file(&page, 200, edition))
        .or_else(|| file(&inside(book, &book.join("404.html"))?, 404, edition))
        .unwrap_or_else(|| Answer::text(404, "There is no such page.\n"))
}

/// The place in `book` that `path`, percent-encoded, names, if it is in the book.
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

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// `place` without symlinks, if it exists and no symlink has led out of `book`.
fn inside(book: &Path, place: &Path) -> Option<PathBuf> {
    let place = place.canonicalize().ok()?;
    place.starts_with(book).then_some(place)
}

/// The file, or nothing if it is not a regular one (reading a pipe would never
/// end) or has just been replaced. Files of a book are small.
fn file(path: &Path, status: u16, edition: u128) -> Option<Answer> {
    if !path.is_file() {
        return None;
    }
    let content_type = content_type(path);
    match fs::read(path) {
        Ok(page) if content_type == HTML => {
            Some(Answer::new(status, HTML, Some(with_script(page, edition))))
        }
        Ok(content) => Some(Answer::new(status, &content_type, Some(content))),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            let told = format!("cannot read {}: {error}\n", path.display());
            Some(Answer::text(500, &told))
        }
    }
}

/// The media type that goes with the file's extension. Sources are text: a
/// browser shows them instead of saving them.
fn content_type(path: &Path) -> Cow<'static, str> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let extension = extension.unwrap_or_default();
    Cow::Borrowed(match extension {
        "html" => HTML,
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "jpg" => "image/jpeg",
        "ico" => "image/x-icon",
        "png" | "jpeg" | "gif" | "webp" => return format!("image/{extension}").into(),
        "woff" | "woff2" | "ttf" => return format!("font/{extension}").into(),
        "json" | "xml" | "pdf" => return format!("application/{extension}").into(),
        "txt" | "rs" | "toml" | "md" | "lock" | "c" | "h" | "sh" | "patch" | "diff" => {
            "text/plain; charset=utf-8"
        }
        _ => "application/octet-stream",
    })
}
