//! What is answered: the book's pages, and what the pages need to be live.

use super::files::{self, HTML, SCRIPT, STYLE};
use super::html;
use super::http::{Answer, Request};
use super::status::{Phase, Site, Status};

/// Answers a request, unless no reader of the book would send it.
pub fn to(request: &Request, site: &Site) -> Answer {
    if !is_local(request) {
        let text = "This server answers only to 127.0.0.1, localhost and [::1].\n";
        return Answer::text(403, text);
    }
    if !is_own_page(request) {
        return Answer::text(403, "This server answers no page but its own.\n");
    }
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return Answer {
            field: Some(("allow", "GET, HEAD".to_owned())),
            ..Answer::text(405, "Only GET and HEAD are answered here.\n")
        };
    }
    if request.has_body() {
        return Answer::text(413, "A request has no body here.\n");
    }
    match request.path.as_str() {
        "/.live/events" => Answer {
            body: None,
            ..Answer::new(200, "text/event-stream", "")
        },
        "/.live/reload.js" => Answer::new(200, SCRIPT, include_str!("reload.js")),
        "/.live/notice.css" => Answer::new(200, STYLE, include_str!("notice.css")),
        _ => page(request, site),
    }
}

/// Whether the reader asked for this machine by its own name. A page of another
/// site can point its host name at 127.0.0.1 (DNS rebinding) and would then
/// count as the same site for a browser; the name in `Host` gives it away.
fn is_local(request: &Request) -> bool {
    let mut hosts = request.all("host");
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "[::1]") || name.eq_ignore_ascii_case("localhost")
}

/// Whether the request is not that of another site's page, or of another port
/// of this machine. A browser says so in `Origin` where a script could read the
/// answer, above all the stream of events.
fn is_own_page(request: &Request) -> bool {
    let host = request.all("host").next();
    let mut origins = request.all("origin");
    origins.all(|origin| origin.strip_prefix("http://") == host)
}

/// What a page hears of where the work stands. The event's id is the edition served,
/// its data the text of the failure; an event without data would not reach the page.
pub fn event(status: &Status) -> String {
    let (name, text) = match &status.phase {
        Phase::Building => ("building", "-"),
        Phase::Built => ("built", "-"),
        Phase::Failed(text) => ("failed", &**text),
    };
    // A lone CR would end the line for the page, not for the terminal.
    let text = text.replace("\r\n", "\n").replace(['\r', '\n'], "\ndata: ");
    format!("event: {name}\nid: {}\ndata: {text}\n\n", status.edition)
}

/// A file of the book, or a page that says why there is none.
fn page(request: &Request, site: &Site) -> Answer {
    // Asked before the file is read: if the book is replaced in between, the
    // page takes itself for older than it is and reloads once in vain, instead
    // of staying old.
    let status = site.status();
    // For each request anew: the book may have been replaced since the last.
    if let Ok(book) = site.book.canonicalize() {
        return files::answer(&book, request, status.edition);
    }
    let notice = html::notice(match &status.phase {
        Phase::Failed(text) => Some(text),
        Phase::Building | Phase::Built => None,
    });
    let notice = html::with_script(notice.into_bytes(), status.edition);
    Answer::new(503, HTML, notice)
}
