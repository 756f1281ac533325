//! Answers requests: the book's pages, and what the pages need to be live.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode, Uri, uri::Authority};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream::{self, Stream};

use super::files::{self, File, Found, HTML, PLAIN};
use super::html::{self, SCRIPT, STYLE};
use super::status::{Phase, Site, Status};

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
const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// All that the server answers.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/.live/events", get(events))
        .route(SCRIPT, get(reload_script))
        .route(STYLE, get(notice_style))
        .fallback(page)
        .layer(middleware::from_fn(guard))
        .with_state(site)
}

/// Refuses what no reader of the book would send, and puts the common headers
/// on every answer.
async fn guard(request: Request, next: Next) -> Response {
    let mut response = if !is_local(request.headers()) {
        let text = "This server answers only to 127.0.0.1, localhost and [::1].\n";
        (StatusCode::FORBIDDEN, text).into_response()
    } else if !is_own_page(request.headers()) {
        let text = "This server answers no page but its own.\n";
        (StatusCode::FORBIDDEN, text).into_response()
    } else if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let allow = [(header::ALLOW, "GET, HEAD")];
        let text = "Only GET and HEAD are answered here.\n";
        (StatusCode::METHOD_NOT_ALLOWED, allow, text).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A browser may keep a page but has to ask before it shows it again.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Whether the reader asked for this machine by its own name. A page of another
/// site can point its host name at 127.0.0.1 (DNS rebinding) and would then
/// count as the same site for a browser; the name in `Host` gives it away.
fn is_local(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    // Bytes of a name with a user before it are not a host's.
    let host = host.to_str().ok().filter(|host| !host.contains('@'));
    host.and_then(|host| host.parse::<Authority>().ok())
        .is_some_and(|authority| {
            let name = authority.host();
            matches!(name, "127.0.0.1" | "[::1]") || name.eq_ignore_ascii_case("localhost")
        })
}

/// Whether the request is not that of another site's page, or of another port
/// of this machine. A browser says so in `Origin` where a script could read the
/// answer, above all the stream of events.
fn is_own_page(headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .map_or(&b""[..], HeaderValue::as_bytes);
    let mut origins = headers.get_all(header::ORIGIN).iter();
    origins.all(|origin| origin.as_bytes().strip_prefix(b"http://") == Some(host))
}

async fn reload_script() -> Response {
    content(
        "text/javascript; charset=utf-8",
        include_str!("reload.js").into(),
    )
}

async fn notice_style() -> Response {
    content("text/css; charset=utf-8", include_str!("notice.css").into())
}

/// Tells a page where the work stands: at once, and whenever that changes.
async fn events(
    State(site): State<Arc<Site>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut changes = site.subscribe();
    changes.mark_changed();
    let events = stream::unfold(changes, move |mut changes| {
        let site = Arc::clone(&site);
        async move {
            changes.changed().await.ok()?;
            let status = changes.borrow_and_update().clone();
            Some((Ok(event(&site, &status)), changes))
        }
    });
    // The comments that keep the connection alive also find the dead ones.
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// The event for `status`. Its id is the edition served, its data the text of
/// the failure; an event without data would not reach the page.
fn event(site: &Site, status: &Status) -> Event {
    let (name, data) = match &status.phase {
        Phase::Building => ("building", "building".to_owned()),
        Phase::Built => ("built", status.edition.to_string()),
        // A lone CR would end the line for the page, not for the terminal.
        Phase::Failed(text) => ("failed", text.replace("\r\n", "\n").replace('\r', "\n")),
    };
    Event::default()
        .event(name)
        .id(site.edition(status))
        .data(data)
}

/// A file of the book, or a page that says why there is none.
async fn page(State(site): State<Arc<Site>>, uri: Uri) -> Response {
    // Asked before the file is read: if the book is replaced in between, the
    // page takes itself for older than it is and reloads once in vain, instead
    // of staying old.
    let status = site.status();
    let edition = site.edition(&status);
    let place = Arc::clone(&site);
    let path = uri.path().to_owned();
    let found = tokio::task::spawn_blocking(move || files::find(place.book(), &path)).await;
    match found {
        Ok(Ok(Found::File(file))) => served(file, &edition),
        Ok(Ok(Found::Folder(folder))) => {
            let query = uri
                .query()
                .map_or(String::new(), |query| format!("?{query}"));
            let location = [(header::LOCATION, format!("{folder}{query}"))];
            (StatusCode::TEMPORARY_REDIRECT, location).into_response()
        }
        Ok(Ok(Found::Missing(Some(page)))) => {
            (StatusCode::NOT_FOUND, served(page, &edition)).into_response()
        }
        Ok(Ok(Found::Missing(None))) => {
            (StatusCode::NOT_FOUND, "There is no such page.\n").into_response()
        }
        Ok(Ok(Found::NoBook)) => {
            let failure = match &status.phase {
                Phase::Failed(text) => Some(text.as_ref()),
                Phase::Building | Phase::Built => None,
            };
            let page = html::notice(failure, &edition);
            (StatusCode::SERVICE_UNAVAILABLE, content(HTML, page)).into_response()
        }
        Ok(Err(error)) => internal(&error.to_string()),
        Err(error) => internal(&error.to_string()),
    }
}

fn served(file: File, edition: &str) -> Response {
    if file.content_type == HTML {
        content(HTML, html::with_script(file.content, edition))
    } else {
        content(file.content_type, file.content)
    }
}

fn content(content_type: &'static str, content: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, content_type)], content).into_response()
}

fn internal(text: &str) -> Response {
    let content = content(PLAIN, format!("{text}\n").into_bytes());
    (StatusCode::INTERNAL_SERVER_ERROR, content).into_response()
}
