//! HTTP/1.1 (RFC 9112), as far as a book needs it: heads of requests, and
//! answers. No request here has a body.

use httparse::{Error, Status};

/// The longest head that is read, in bytes.
pub const HEAD: usize = 64 << 10;

/// No browser sends as many fields.
const FIELDS: usize = 64;

/// What every answer carries. A page may load nothing from elsewhere: a book that
/// is read offline must not lean on another host. And no script or style in a page,
/// which captured text could try to be; mdBook aligns the cells of a table with the
/// attribute `style`. A browser may keep a page, but has to ask before it shows it
/// again.
const ON_EVERY_ANSWER: &str = "content-security-policy: default-src 'self'; \
     style-src-attr 'unsafe-inline'; \
     img-src 'self' data:; \
     object-src 'none'; \
     base-uri 'self'; \
     form-action 'self'; \
     frame-ancestors 'self'\r\n\
     x-content-type-options: nosniff\r\n\
     referrer-policy: no-referrer\r\n\
     cross-origin-resource-policy: same-origin\r\n\
     cache-control: no-cache\r\n";

/// The head of a request.
#[derive(Debug)]
pub struct Request {
    pub method: String,
    /// The path, percent-encoded.
    pub path: String,
    fields: Vec<(String, String)>,
    /// Whether it is of HTTP/1.0.
    is_old: bool,
}

impl Request {
    /// Takes a whole head from the start of what came in; `None` if more must
    /// come first. The error is the answer.
    pub fn take(input: &mut Vec<u8>) -> Result<Option<Self>, Answer> {
        let refuse = |status, why: &str| {
            let text = format!("This request {why}.\n");
            Err(Answer::text(status, &text))
        };
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let mut head = httparse::Request::new(&mut fields);
        let length = match head.parse(input) {
            Ok(Status::Complete(length)) if length <= HEAD => length,
            Ok(Status::Partial) if input.len() < HEAD => return Ok(None),
            // The first line alone may be what is too long.
            Ok(_) if head.version.is_none() => return refuse(414, "is longer than a browser's"),
            Ok(_) | Err(Error::TooManyHeaders) => return refuse(431, "is longer than a browser's"),
            Err(error) => return refuse(400, &format!("is no HTTP: {error}")),
        };
        let target = head.path.unwrap_or_default();
        let (path, _) = target.split_once('?').unwrap_or((target, ""));
        let field = |field: &httparse::Header| {
            let value = String::from_utf8_lossy(field.value);
            (field.name.to_ascii_lowercase(), value.into_owned())
        };
        let request = Self {
            method: head.method.unwrap_or_default().to_owned(),
            path: path.to_owned(),
            fields: head.headers.iter().map(field).collect(),
            is_old: head.version != Some(1),
        };
        input.drain(..length);
        Ok(Some(request))
    }

    /// Whether the connection ends with the answer: who sends a body gets no
    /// further, since nobody reads it.
    pub fn is_last(&self) -> bool {
        let mut connection = self.all("connection");
        let says_close = connection.any(|value| value.to_ascii_lowercase().contains("close"));
        self.is_old || says_close || self.has_body()
    }

    /// The values of a field, by its name in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let fields = self.fields.iter().filter(move |field| field.0 == name);
        fields.map(|field| field.1.as_str())
    }

    /// Whether a body follows.
    pub fn has_body(&self) -> bool {
        let mut lengths = self.all("content-length");
        lengths.any(|length| length != "0") || self.all("transfer-encoding").next().is_some()
    }
}

/// What a request gets.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub media_type: &'static str,
    /// One more field of the head.
    pub field: Option<(&'static str, String)>,
    /// Without one, events follow as they come, until the reader goes away.
    pub body: Option<Vec<u8>>,
}

impl Answer {
    pub fn new(status: u16, media_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            media_type,
            field: None,
            body: Some(body.into()),
        }
    }

    /// A sentence for who should not have asked so.
    pub fn text(status: u16, text: &str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text)
    }

    /// The bytes of the head and, unless only the head was asked for, the body.
    pub fn bytes(&self, head_only: bool, is_last: bool) -> Vec<u8> {
        // No phrase stands behind the number: RFC 9112 allows that.
        let mut head = format!(
            "HTTP/1.1 {} \r\n{ON_EVERY_ANSWER}content-type: {}\r\n",
            self.status, self.media_type
        );
        if let Some((name, value)) = &self.field {
            head += &format!("{name}: {value}\r\n");
        }
        if let Some(body) = &self.body {
            head += &format!("content-length: {}\r\n", body.len());
        }
        if is_last {
            head += "connection: close\r\n";
        }
        let mut bytes = (head + "\r\n").into_bytes();
        bytes.extend(self.body.iter().filter(|_| !head_only).flatten());
        bytes
    }
}
