//! Files of the book, and nothing else.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::super::listen;
use super::{Server, page};

/// A book with one of each, and a secret beside it.
fn fill(book: &Path) {
    for (name, content) in [
        ("index.html", page("home").as_str()),
        ("404.html", &page("lost")),
        ("part/index.html", &page("part")),
        ("part/a b.txt", "a & b"),
        ("css/book.css", "p {}"),
        ("book.js", "0;"),
        ("toc.json", "{}"),
        ("figure.svg", "<svg/>"),
        ("icon.png", "png"),
        ("font.woff2", "font"),
        ("listings/x/main.rs", "fn main() {}"),
        ("listings/x/Cargo.toml", "[package]"),
        ("listings/x/NOTES.md", "#"),
        ("unknown.bin", "\0"),
        ("../secret.txt", "SECRET"),
    ] {
        let path = book.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

#[test]
fn each_kind_of_file_has_its_content_type() {
    let server = Server::of_book(fill);
    for (path, content_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/index.html", "text/html; charset=utf-8"),
        ("/css/book.css", "text/css; charset=utf-8"),
        ("/book.js", "text/javascript; charset=utf-8"),
        ("/toc.json", "application/json"),
        ("/figure.svg", "image/svg+xml"),
        ("/icon.png", "image/png"),
        ("/font.woff2", "font/woff2"),
        ("/part/a%20b.txt", "text/plain; charset=utf-8"),
        ("/listings/x/main.rs", "text/plain; charset=utf-8"),
        ("/listings/x/Cargo.toml", "text/plain; charset=utf-8"),
        ("/listings/x/NOTES.md", "text/plain; charset=utf-8"),
        ("/unknown.bin", "application/octet-stream"),
        ("/.live/reload.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some(content_type), "{path}");
    }
    assert_eq!(server.get("/part/a%20b.txt").text(), "a & b");
    assert_eq!(server.get("/book.js?v=1").text(), "0;");
}

#[test]
fn a_page_gets_the_script_and_the_file_stays_as_it_is() {
    let server = Server::of_book(|book| {
        fill(book);
        fs::write(book.join("bare.html"), "<p>no end").unwrap();
        fs::write(book.join("loud.html"), "</body><BODY>x</BODY></HTML>").unwrap();
    });

    let script = |path| {
        let answer = server.get(path);
        let edition = answer.edition();
        (
            format!(
                "<script src=\"/.live/reload.js\" data-edition=\"{edition}\" defer></script>\n"
            ),
            answer.text().to_owned(),
        )
    };
    let (tag, text) = script("/");
    let whole = format!("<!DOCTYPE html><html><body><p>home</p>{tag}</body></html>");
    assert_eq!(text, whole);
    let (tag, text) = script("/bare.html");
    assert_eq!(text, format!("<p>no end{tag}"));
    let (tag, text) = script("/loud.html");
    assert_eq!(text, format!("</body><BODY>x{tag}</BODY></HTML>"));
    assert!(script("/missing").1.contains("/.live/reload.js"));

    assert!(!server.get("/listings/x/main.rs").text().contains("reload"));
    let on_disk = fs::read_to_string(server.path("book/index.html")).unwrap();
    assert_eq!(on_disk, page("home"));
}

#[test]
fn a_folder_is_its_index_page() {
    let server = Server::of_book(fill);
    assert!(server.get("/part/").text().contains("part"));

    assert!(server.get("//part//?x=1").text().contains("part"));

    // The links on its page would start from the wrong place.
    assert_eq!(server.get("/part").status, 404);
    assert_eq!(server.get("/css/").status, 404);
    assert_eq!(server.get("/index.html/").status, 404);
}

#[test]
fn what_is_missing_gets_the_books_own_page() {
    let server = Server::of_book(fill);
    let answer = server.get("/no/such/page.html");
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("lost"));

    fs::remove_file(server.path("book/404.html")).unwrap();
    let answer = server.get("/no/such/page.html");
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("no such page"));
}

#[test]
fn no_path_leads_out_of_the_book() {
    let server = Server::of_book(|book| {
        fill(book);
        symlink("../secret.txt", book.join("link.txt")).unwrap();
        symlink("..", book.join("up")).unwrap();
        symlink("/", book.join("all")).unwrap();
        symlink("../book.toml", book.join("part/index.txt")).unwrap();
        symlink("part", book.join("same")).unwrap();
        symlink("loop", book.join("loop")).unwrap();
    });
    let absolute = server.path("secret.txt").display().to_string();
    for path in [
        "/../secret.txt",
        "/part/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2E%2e%2fsecret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/part%2f..%2f..%2fsecret.txt",
        "/%252e%252e/secret.txt",
        "/....//secret.txt",
        "/part/../part/a%20b.txt",
        "/%00",
        "/index.html%00.txt",
        "/%ff",
        "/%",
        &format!("/{absolute}"),
        &format!("//{absolute}"),
        &absolute.replace('/', "%2f"),
        "/link.txt",
        "/up/secret.txt",
        "/up/book/index.html/..",
        "/all/etc/passwd",
        "/part/index.txt",
        "/loop",
        "/loop/index.html",
    ] {
        let path = &format!("/{}", path.strip_prefix('/').unwrap_or(path));
        let answer = server.get(path);
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
        assert!(!answer.text().contains("SECRET"), "{path}");
    }
    // A symlink within the book is a part of it.
    assert_eq!(server.get("/same/a%20b.txt").text(), "a & b");
}

#[test]
fn a_path_without_end_is_answered_too() {
    let server = Server::of_book(fill);
    let long = [
        "/a".repeat(4_000),
        format!("/{}", "a".repeat(300)),
        format!("/part{}", "/.".repeat(4_000)),
        format!("/{}secret.txt", "part/../".repeat(2_000)),
        format!("/{}secret.txt", "%2e%2e/".repeat(2_000)),
        format!("/{}", "%".repeat(8_000)),
    ];
    for path in &long {
        let answer = server.get(path);
        assert_eq!(answer.status, 404, "{} bytes: {answer:?}", path.len());
        assert!(!answer.text().contains("SECRET"));
    }
    // What no page is named is refused before it is looked for.
    let answer = server.get(&format!("/{}", "a".repeat(70_000)));
    assert_eq!(answer.status, 414);
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn only_regular_files_are_read() {
    let server = Server::of_book(|book| {
        fill(book);
        let pipe = book.join("pipe.txt");
        let made = std::process::Command::new("mkfifo").arg(pipe).status();
        assert!(made.unwrap().success());
    });
    assert_eq!(server.get("/pipe.txt").status, 404);
}

#[test]
fn only_this_machines_own_names_are_answered() {
    let server = Server::of_book(fill);
    for host in ["127.0.0.1", "localhost", "LOCALHOST:80", "[::1]:3000"] {
        assert_eq!(server.ask("GET", "/", host).status, 200, "{host}");
    }
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example:3000",
        "localhost@evil.example",
        "evil.example@localhost",
        "0.0.0.0",
        "",
    ] {
        for path in ["/", "/.live/events", "/.live/reload.js"] {
            let answer = server.ask("GET", path, host);
            assert_eq!(answer.status, 403, "{host} {path}");
            assert!(!answer.text().contains("home"));
        }
    }
    let without = server.send("GET / HTTP/1.0\r\n\r\n");
    assert_eq!(without.status, 403);
    let twice = server.send(
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    );
    assert_ne!(twice.status, 200);
}

#[test]
fn no_page_but_its_own_is_answered() {
    let server = Server::of_book(fill);
    let ask = |path: &str, origin: &str| {
        server.send(&format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:3000\r\nOrigin: {origin}\r\nConnection: close\r\n\r\n"
        ))
    };
    for origin in [
        "https://evil.example",
        "http://evil.example",
        "http://localhost:3000.evil.example",
        "http://localhost:8080",
        "https://localhost:3000",
        "http://127.0.0.1:3000",
        "null",
        "",
    ] {
        for path in ["/", "/.live/events", "/.live/reload.js", "/toc.json"] {
            let answer = ask(path, origin);
            assert_eq!(answer.status, 403, "{origin} {path}");
            assert!(!answer.text().contains("home"));
        }
    }
    assert_eq!(ask("/", "http://localhost:3000").status, 200);
}

#[test]
fn only_reading_is_allowed() {
    let server = Server::of_book(fill);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"] {
        for path in ["/", "/.live/events"] {
            let answer = server.ask(method, path, "127.0.0.1");
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), Some("GET, HEAD"));
        }
    }
    let (head, get) = (
        server.ask("HEAD", "/", "127.0.0.1"),
        server.ask("GET", "/", "127.0.0.1"),
    );
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in ["content-type", "content-length"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    assert_eq!(server.ask("HEAD", "/no", "127.0.0.1").status, 404);
}

#[test]
fn every_answer_carries_the_security_headers() {
    let server = Server::of_book(fill);
    for answer in [
        server.get("/"),
        server.get("/book.js"),
        server.get("/missing"),
        server.get("/part"),
        server.get("/.live/reload.js"),
        server.ask("POST", "/", "127.0.0.1"),
        server.ask("GET", "/", "evil.example"),
        server
            .send("GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\nConnection: close\r\n\r\n"),
    ] {
        let policy = answer.header("content-security-policy").unwrap();
        for words in [
            "default-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "frame-ancestors 'self'",
        ] {
            assert!(policy.contains(words), "{policy}");
        }
        // Neither scripts nor elements `style` may stand in a page.
        let scripts = policy
            .split(';')
            .filter(|each| !each.contains("style-src-attr"));
        assert!(!scripts.collect::<String>().contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        let resource_policy = answer.header("cross-origin-resource-policy");
        assert_eq!(resource_policy, Some("same-origin"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[test]
fn a_taken_port_is_an_error_that_names_a_way_out() {
    let taken = listen(0).unwrap();
    let address = taken.local_addr().unwrap();
    assert!(address.ip().is_loopback());
    let port = address.port();

    let error = format!("{:#}", listen(port).unwrap_err());
    let next = port.checked_add(1).unwrap_or(3000);
    for part in [
        format!("cannot listen on port {port} of 127.0.0.1"),
        format!("`cargo xtask serve --port {next}`"),
        "`--port 0`".to_owned(),
    ] {
        assert!(error.contains(&part), "{part} is not in: {error}");
    }
}
