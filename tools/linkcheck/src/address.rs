//! What kind of address a link holds, and whether it is well-formed.

use percent_encoding::percent_decode_str;

/// A well-formed address.
#[derive(Debug, PartialEq)]
pub(crate) enum Address {
    /// A file of the book: its path, decoded, and its fragment, as written.
    /// An empty path is the page itself.
    Book {
        path: String,
        fragment: Option<String>,
    },
    /// Outside of the book, or carried in the address itself.
    Elsewhere,
}

/// What is wrong with the form of an address.
type Fault = String;

const EMPTY: &str = "is empty; say where it leads, or remove the attribute";
const ABSOLUTE: &str = "is an absolute path, which breaks when the book lives in a subfolder; \
                        write it relative to this page";
const FILE: &str = "is a file of the author's machine; copy it into the book and link to the copy";
const ENCODING: &str = "is not valid percent-encoding of UTF-8; write %25 for a plain %";
const WEB: &str = "is not a well-formed address: write it such as https://example.org/page";
const MAIL: &str = "is not a well-formed address: write it such as mailto:name@example.org";

/// A scheme that no page needs, `javascript:` above all.
fn refused(scheme: &str) -> Fault {
    format!("has the scheme \"{scheme}:\"; use http, https, mailto or data")
}

impl Address {
    /// Reads the value of an attribute.
    pub(crate) fn parse(value: &str) -> Result<Self, Fault> {
        // As in a browser: blanks around an address do not count.
        let value = value.trim_ascii();
        let (scheme, rest) = split_scheme(value).unwrap_or(("", value));
        let fault = match &*scheme.to_ascii_lowercase() {
            "data" => return Ok(Self::Elsewhere),
            _ if !escapes_are_whole(rest) => ENCODING,
            "" if value.is_empty() => EMPTY,
            "" if !value.starts_with('/') => return book(value),
            "" if !value.starts_with("//") => ABSOLUTE,
            "" | "http" | "https" if is_web(rest) => return Ok(Self::Elsewhere),
            "" | "http" | "https" => WEB,
            "mailto" if is_mail(rest) => return Ok(Self::Elsewhere),
            "mailto" => MAIL,
            "file" => FILE,
            other => return Err(refused(other)),
        };
        Err(fault.to_owned())
    }
}

/// `scheme:rest`, where the scheme has the letters that RFC 3986 allows.
fn split_scheme(value: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = value.split_once(':')?;
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let valid =
        scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(is_letter);
    valid.then_some((scheme, rest))
}

fn book(value: &str) -> Result<Address, Fault> {
    let (path, fragment) = match value.split_once('#') {
        Some((path, fragment)) => (path, Some(fragment.to_owned())),
        None => (value, None),
    };
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let path = percent_decode_str(path).decode_utf8();
    let path = path.map_err(|_| ENCODING.to_owned())?.into_owned();
    Ok(Address::Book { path, fragment })
}

/// The decoder leaves a `%` without two hex digits as it is; a browser's server may not.
fn escapes_are_whole(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let mut bytes = after.bytes();
        let mut hex = || bytes.next().is_some_and(|b| b.is_ascii_hexdigit());
        hex() && hex()
    })
}

/// `//host:port/path`. Nobody links to a number, or with a name of his own.
fn is_web(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix("//") else {
        return false;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, port) = rest[..end].split_once(':').unwrap_or((&rest[..end], "80"));
    is_host(host) && port.parse::<u16>().is_ok() && is_printable(rest)
}

fn is_mail(rest: &str) -> bool {
    let address = rest.split_once('?').map_or(rest, |(address, _)| address);
    let parts = address.split_once('@');
    parts.is_some_and(|(user, host)| !user.is_empty() && is_host(host)) && is_printable(rest)
}

fn is_host(host: &str) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let mut labels = host.split('.');
    labels.all(|label| !label.is_empty() && label.chars().all(is_letter))
}

fn is_printable(text: &str) -> bool {
    !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"\\^`{|}".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(path: &str, fragment: Option<&str>) -> Result<Address, Fault> {
        Ok(Address::Book {
            path: path.to_owned(),
            fragment: fragment.map(str::to_owned),
        })
    }

    #[test]
    fn relative_addresses_lead_into_the_book() {
        for (value, path, fragment) in [
            ("a.html", "a.html", None),
            (" a.html\n", "a.html", None),
            ("a%20b.html?q=1#c%20d", "a b.html", Some("c%20d")),
            ("../x/", "../x/", None),
            ("#here", "", Some("here")),
            ("?q#", "", Some("")),
            ("x/a:b.html", "x/a:b.html", None),
        ] {
            assert_eq!(Address::parse(value), book(path, fragment), "{value}");
        }
    }

    #[test]
    fn well_formed_addresses_elsewhere_are_accepted() {
        for value in [
            "https://man7.org/linux/man-pages/man2/mmap.2.html#NOTES",
            "HTTP://localhost:3000",
            "http://example.org:80/?q=%20",
            "//example.org/x",
            "https://bücher.example/ä",
            "mailto:a.b@example.org?subject=x",
            "data:image/png;base64,AA==",
        ] {
            assert_eq!(Address::parse(value), Ok(Address::Elsewhere), "{value}");
        }
    }

    #[test]
    fn malformed_addresses_are_refused() {
        for (value, fault) in [
            ("", EMPTY.to_owned()),
            (" ", EMPTY.to_owned()),
            ("/a.html", ABSOLUTE.to_owned()),
            ("/", ABSOLUTE.to_owned()),
            ("file:///etc/passwd", FILE.to_owned()),
            ("JavaScript:alert(1)", refused("javascript")),
            ("C:\\a.html", refused("c")),
            ("100%.html", ENCODING.to_owned()),
            ("%f", ENCODING.to_owned()),
            ("%ff", ENCODING.to_owned()),
            ("%é", ENCODING.to_owned()),
            ("https://example.org/%zz", ENCODING.to_owned()),
            ("http:example.org", WEB.to_owned()),
            ("https:///x", WEB.to_owned()),
            ("https://:80", WEB.to_owned()),
            ("https://a..b/", WEB.to_owned()),
            ("http://[::1]/", WEB.to_owned()),
            ("http://me@example.org/", WEB.to_owned()),
            ("http://x:65536/", WEB.to_owned()),
            ("https://a b/", WEB.to_owned()),
            ("//", WEB.to_owned()),
            ("mailto:nobody", MAIL.to_owned()),
            ("mailto:a@b@c", MAIL.to_owned()),
        ] {
            assert_eq!(Address::parse(value), Err(fault), "{value}");
        }
    }
}
