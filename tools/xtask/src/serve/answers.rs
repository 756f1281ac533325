//! What is answered: the book's pages, and what the pages need to be live.

use std::str;

use super::files::{self, File, Found, HTML, PLAIN};
use super::html::{self, SCRIPT, STYLE};
use super::http::{Answer, Body, Request};
use super::status::{Phase, Site};

/// What a page may do. Nothing from elsewhere: a book that is read offline must
/// not lean on another host. And no script or style in a page, which captured
/// text could try to be; mdBook aligns the cells of a table with the attribute
/// `style`.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; \
     style-src-attr 'unsafe-inline'; \
     img-src 'self' data:; \
     object-src 'none'; \
     base-uri 'self'; \
     form-action 'self'; \
     frame-ancestors 'self'";

/// Sent with every answer.
const FIELDS: [(&str, &str); 5] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    // A browser may keep a page but has to ask before it shows it again.
    ("cache-control", "no-cache"),
];

/// The answer with what every answer carries.
pub fn guarded(mut answer: Answer) -> Answer {
    let fields = FIELDS.map(|(name, value)| (name, value.to_owned()));
    answer.fields.extend(fields);
    answer
}

/// Answers a request, unless no reader of the book would send it.
pub fn to(request: &Request, site: &Site) -> Answer {
    guarded(if !is_local(request) {
        let text = "This server answers only to 127.0.0.1, localhost and [::1].\n";
        Answer::text(403, text)
    } else if !is_own_page(request) {
        Answer::text(403, "This server answers no page but its own.\n")
    } else if !matches!(request.method.as_str(), "GET" | "HEAD") {
        Answer::text(405, "Only GET and HEAD are answered here.\n").with("allow", "GET, HEAD")
    } else if request.has_body() {
        Answer::text(413, "A request has no body here.\n")
    } else {
        match request.path.as_str() {
            "/.live/events" => Answer {
                status: 200,
                fields: vec![("content-type", "text/event-stream".to_owned())],
                body: Body::Events,
            },
            SCRIPT => Answer::new(
                200,
                "text/javascript; charset=utf-8",
                include_str!("reload.js"),
            ),
            STYLE => Answer::new(200, "text/css; charset=utf-8", include_str!("notice.css")),
            _ => page(request, site),
        }
    })
}

/// Whether the reader asked for this machine by its own name. A page of another
/// site can point its host name at 127.0.0.1 (DNS rebinding) and would then
/// count as the same site for a browser; the name in `Host` gives it away.
fn is_local(request: &Request) -> bool {
    let mut hosts = request.all("host");
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let host = str::from_utf8(host).unwrap_or_default();
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
    origins.all(|origin| origin.strip_prefix(b"http://") == host)
}

/// Tells a page where the work stands, and of which version of the status this
/// is. The event's id is the edition served, its data the text of the failure;
/// an event without data would not reach the page.
pub fn event(site: &Site) -> (u64, Vec<u8>) {
    let status = site.status();
    let (name, data) = match &status.phase {
        Phase::Building => ("building", "building".to_owned()),
        Phase::Built => ("built", status.edition.to_string()),
        // A lone CR would end the line for the page, not for the terminal.
        Phase::Failed(text) => ("failed", text.replace("\r\n", "\n").replace('\r', "\n")),
    };
    let mut event = format!("event: {name}\nid: {}\n", site.edition(&status));
    for line in data.split('\n') {
        event.push_str(&format!("data: {line}\n"));
    }
    event.push('\n');
    (status.version, event.into_bytes())
}

/// A file of the book, or a page that says why there is none.
fn page(request: &Request, site: &Site) -> Answer {
    // Asked before the file is read: if the book is replaced in between, the
    // page takes itself for older than it is and reloads once in vain, instead
    // of staying old.
    let status = site.status();
    let edition = site.edition(&status);
    match files::find(site.book(), &request.path) {
        Ok(Found::File(file)) => served(200, file, &edition),
        Ok(Found::Folder(folder)) => {
            Answer::text(307, "").with("location", folder + &request.query)
        }
        Ok(Found::Missing(Some(page))) => served(404, page, &edition),
        Ok(Found::Missing(None)) => Answer::text(404, "There is no such page.\n"),
        Ok(Found::NoBook) => {
            let failure = match &status.phase {
                Phase::Failed(text) => Some(text.as_ref()),
                Phase::Building | Phase::Built => None,
            };
            Answer::new(503, HTML, html::notice(failure, &edition))
        }
        Err(error) => Answer::new(500, PLAIN, format!("{error}\n")),
    }
}

fn served(status: u16, file: File, edition: &str) -> Answer {
    let body = if file.content_type == HTML {
        html::with_script(file.content, edition)
    } else {
        file.content
    };
    Answer::new(status, file.content_type, body)
}
