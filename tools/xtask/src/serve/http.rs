//! HTTP/1.1 (RFC 9112), as far as a book needs it: heads of requests, and
//! answers. No request here has a body.

use std::io::Write;

/// The longest head that is read, in bytes.
pub const HEAD: usize = 64 << 10;

/// No browser sends as many fields.
const FIELDS: usize = 64;

/// The head of a request.
#[derive(Debug)]
pub struct Request {
    pub method: String,
    /// The path, percent-encoded.
    pub path: String,
    /// Behind the question mark, with it.
    pub query: String,
    fields: Vec<(String, Vec<u8>)>,
    /// Whether the connection ends with the answer: who sends a body gets no
    /// further, since nobody reads it.
    pub is_last: bool,
}

impl Request {
    /// Takes a whole head from the start of what came in; `None` if more must
    /// come first. The error is the answer.
    pub fn take(input: &mut Vec<u8>) -> Result<Option<Self>, Answer> {
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let mut head = httparse::Request::new(&mut fields);
        let length = match head.parse(input) {
            Ok(httparse::Status::Complete(length)) if length <= HEAD => length,
            Ok(httparse::Status::Partial) if input.len() < HEAD => return Ok(None),
            refused => {
                let (status, why) = match refused {
                    // The first line alone may be what is too long.
                    Ok(_) if head.version.is_none() => (414, "is longer than a browser's".into()),
                    Ok(_) => (431, "is longer than a browser's".into()),
                    Err(httparse::Error::TooManyHeaders) => {
                        (431, "has more fields than a browser's".into())
                    }
                    Err(error) => (400, format!("is no HTTP: {error}")),
                };
                return Err(Answer::text(status, &format!("This request {why}.\n")));
            }
        };
        let target = head.path.unwrap_or_default();
        let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
        let fields = head.headers.iter();
        let mut request = Self {
            method: head.method.unwrap_or_default().to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            fields: fields
                .map(|field| (field.name.to_ascii_lowercase(), field.value.to_owned()))
                .collect(),
            is_last: head.version != Some(1),
        };
        let says_close = |value: &[u8]| {
            value
                .to_ascii_lowercase()
                .windows(5)
                .any(|word| word == b"close")
        };
        request.is_last |= request.all("connection").any(says_close) || request.has_body();
        input.drain(..length);
        Ok(Some(request))
    }

    /// The values of a field, by its name in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let fields = self.fields.iter().filter(move |field| field.0 == name);
        fields.map(|field| field.1.as_slice())
    }

    /// Whether a body follows.
    pub fn has_body(&self) -> bool {
        let mut lengths = self.all("content-length");
        lengths.any(|length| length != b"0") || self.all("transfer-encoding").next().is_some()
    }
}

/// What a request gets.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    fields: Vec<(&'static str, String)>,
    /// Without one, events follow as they come, until the reader goes away.
    pub body: Option<Vec<u8>>,
}

impl Answer {
    /// An answer with its media type.
    pub fn new(status: u16, content_type: &str, body: Option<Vec<u8>>) -> Self {
        let fields = vec![("content-type", content_type.to_owned())];
        Self {
            status,
            fields,
            body,
        }
    }

    /// A sentence for who should not have asked so.
    pub fn text(status: u16, text: &str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", Some(text.into()))
    }

    /// With another field.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// The bytes of the head and, unless only the head was asked for, the body.
    pub fn bytes(&self, head_only: bool, is_last: bool) -> Vec<u8> {
        // No phrase stands behind the number: RFC 9112 allows that.
        let mut bytes = format!("HTTP/1.1 {} \r\n", self.status).into_bytes();
        for (name, value) in &self.fields {
            let _ = write!(bytes, "{name}: {value}\r\n");
        }
        if let Some(body) = &self.body {
            let _ = write!(bytes, "content-length: {}\r\n", body.len());
        }
        if is_last {
            bytes.extend_from_slice(b"connection: close\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend(self.body.iter().filter(|_| !head_only).flatten());
        bytes
    }
}
