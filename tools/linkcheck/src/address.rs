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

/// A part of an http, https or mailto address is missing or misspelt.
fn form(why: &str) -> Fault {
    format!("is not a well-formed address: {why}; correct it")
}

/// A scheme that no page needs, `javascript:` above all.
fn scheme(name: &str) -> Fault {
    format!("has the scheme \"{name}:\"; use http, https, mailto or data")
}

impl Address {
    /// Reads the value of an attribute.
    pub(crate) fn parse(value: &str) -> Result<Self, Fault> {
        // As in a browser: blanks around an address do not count.
        let value = value.trim_ascii();
        if value.is_empty() {
            return Err(EMPTY.to_owned());
        }
        if let Some((name, rest)) = split_scheme(value) {
            return match name.to_ascii_lowercase().as_str() {
                "http" | "https" => web(rest),
                "mailto" => mail(rest),
                "data" => Ok(Self::Elsewhere),
                "file" => Err(FILE.to_owned()),
                other => Err(scheme(other)),
            };
        }
        if value.starts_with("//") {
            return web(value);
        }
        if value.starts_with('/') {
            return Err(ABSOLUTE.to_owned());
        }
        let (value, fragment) = match value.split_once('#') {
            Some((value, fragment)) => (value, Some(fragment.to_owned())),
            None => (value, None),
        };
        let path = value.split_once('?').map_or(value, |(path, _)| path);
        let path = decode(path)?;
        Ok(Self::Book { path, fragment })
    }
}

/// `scheme:rest`, where the scheme has the letters that RFC 3986 allows.
pub(crate) fn split_scheme(value: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = value.split_once(':')?;
    let valid = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    valid.then_some((scheme, rest))
}

fn decode(text: &str) -> Result<String, Fault> {
    if !escapes_are_whole(text) {
        return Err(ENCODING.to_owned());
    }
    let decoded = percent_decode_str(text).decode_utf8();
    Ok(decoded.map_err(|_| ENCODING.to_owned())?.into_owned())
}

/// The decoder leaves a `%` without two hex digits as it is; a browser's server may not.
fn escapes_are_whole(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let mut bytes = after.bytes();
        let mut hex = || bytes.next().is_some_and(|b| b.is_ascii_hexdigit());
        hex() && hex()
    })
}

fn web(rest: &str) -> Result<Address, Fault> {
    printable(rest)?;
    let Some(rest) = rest.strip_prefix("//") else {
        return Err(form("\"//\" must follow the scheme"));
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    if authority.contains('@') {
        return Err(form("it holds a user name"));
    }
    // The colons of an IPv6 address stand in brackets, before the port's.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err(form("the port is not a number up to 65535"));
    }
    if host.is_empty() {
        return Err(form("the host is missing"));
    }
    if !host_is_valid(host) {
        return Err(form("the host is misspelt"));
    }
    if !escapes_are_whole(&rest[end..]) {
        return Err(ENCODING.to_owned());
    }
    Ok(Address::Elsewhere)
}

fn host_is_valid(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[') {
        return inner
            .strip_suffix(']')
            .is_some_and(|ip| ip.parse::<std::net::Ipv6Addr>().is_ok());
    }
    host.split('.').all(|label| {
        !label.is_empty()
            && label
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    })
}

fn mail(rest: &str) -> Result<Address, Fault> {
    printable(rest)?;
    let address = rest.split_once('?').map_or(rest, |(address, _)| address);
    match address.split_once('@') {
        Some((user, host)) if !user.is_empty() && host_is_valid(host) => Ok(Address::Elsewhere),
        _ => Err(form("mailto: needs one name@host")),
    }
}

fn printable(text: &str) -> Result<(), Fault> {
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "<>\"\\^`{|}".contains(c);
    if text.contains(forbidden) {
        return Err(form("it holds a blank or a character to encode"));
    }
    Ok(())
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
            "http://[::1]:80/?q=%20",
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
            ("JavaScript:alert(1)", scheme("javascript")),
            ("C:\\a.html", scheme("c")),
            ("100%.html", ENCODING.to_owned()),
            ("%f", ENCODING.to_owned()),
            ("%ff", ENCODING.to_owned()),
            ("%é", ENCODING.to_owned()),
            ("https://example.org/%zz", ENCODING.to_owned()),
            ("http:example.org", form("\"//\" must follow the scheme")),
            ("https:///x", form("the host is missing")),
            ("https://:80", form("the host is missing")),
            ("https://a..b/", form("the host is misspelt")),
            ("http://[::g]/", form("the host is misspelt")),
            ("http://me@example.org/", form("it holds a user name")),
            (
                "http://x:65536/",
                form("the port is not a number up to 65535"),
            ),
            (
                "https://a b/",
                form("it holds a blank or a character to encode"),
            ),
            ("mailto:nobody", form("mailto: needs one name@host")),
            ("mailto:a@b@c", form("mailto: needs one name@host")),
        ] {
            assert_eq!(Address::parse(value), Err(fault), "{value}");
        }
    }
}
