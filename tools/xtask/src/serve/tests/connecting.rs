//! Connections: many, slow, greedy, and gone.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::super::http::HEAD;
use super::{Answer, Server, page};

fn server() -> Server {
    Server::of_book(|book| {
        fs::write(book.join("index.html"), page("home")).unwrap();
        fs::write(book.join("small.txt"), "small").unwrap();
        fs::write(book.join("large.txt"), vec![b'x'; 12 << 20]).unwrap();
    })
}

/// One answer from a connection that stays open.
fn next(connection: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte).unwrap();
        bytes.extend(byte);
    }
    let mut answer = Answer::parse(&bytes);
    let length = answer.header("content-length").unwrap().parse().unwrap();
    answer.body.resize(length, 0);
    connection.read_exact(&mut answer.body).unwrap();
    answer
}

#[test]
fn a_connection_is_used_again() {
    let server = server();
    let ask = "GET /small.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut connection = server.connect(ask);
    assert_eq!(next(&mut connection).text(), "small");
    // Two at once, and one byte by byte.
    connection.write_all(ask.repeat(2).as_bytes()).unwrap();
    assert_eq!(next(&mut connection).text(), "small");
    assert_eq!(next(&mut connection).text(), "small");
    for byte in ask.bytes() {
        connection.write_all(&[byte]).unwrap();
    }
    assert_eq!(next(&mut connection).text(), "small");
    // Until somebody has had enough.
    let last = ask.replace("Host", "Connection: close\r\nHost");
    connection.write_all(last.as_bytes()).unwrap();
    let answer = next(&mut connection);
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(connection.read(&mut [0]).unwrap(), 0);
}

#[test]
fn a_slow_reader_keeps_nobody_waiting_and_misses_nothing() {
    let server = server();
    let ask = "GET /large.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut slow: Vec<_> = (0..4).map(|_| server.connect(ask)).collect();
    for _ in 0..20 {
        assert_eq!(server.get("/small.txt").text(), "small");
    }
    for connection in &mut slow {
        let mut bytes = Vec::new();
        connection.read_to_end(&mut bytes).unwrap();
        let answer = Answer::parse(&bytes);
        assert_eq!(answer.body.len(), 12 << 20);
    }
}

#[test]
fn who_says_nothing_keeps_nobody_waiting() {
    let server = server();
    let silent: Vec<_> = (0..200).map(|_| server.connect("GET / HT")).collect();
    assert_eq!(server.get("/small.txt").text(), "small");
    drop(silent);
}

#[test]
fn one_connection_too_many_is_closed_at_once() {
    let server = server();
    let is_closed = |connection: &mut TcpStream| {
        let wait = Some(Duration::from_millis(500));
        connection.set_read_timeout(wait).unwrap();
        // What is open says nothing for as long as it is not asked.
        matches!(connection.read(&mut [0]), Ok(0))
    };
    let mut silent: Vec<_> = (0..300).map(|_| server.connect("")).collect();
    assert!(!is_closed(&mut silent[0]));
    assert!(is_closed(&mut silent[299]));
    drop(silent);
    // Each has a thread that must hear of it.
    while is_closed(&mut server.connect("")) {}
    assert_eq!(server.get("/small.txt").text(), "small");
}

#[test]
fn what_is_too_large_is_refused_with_a_sentence() {
    let server = server();
    let fields = |count: usize| "X: y\r\n".repeat(count);
    for (status, request) in [
        (
            414,
            format!(
                "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "a".repeat(HEAD)
            ),
        ),
        (
            431,
            format!(
                "GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
                "a".repeat(HEAD)
            ),
        ),
        (
            431,
            format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", fields(100)),
        ),
        (400, "GET /\r\n\r\n".to_owned()),
        (400, "\u{1}\u{2}\u{3} / HTTP/1.1\r\n\r\n".to_owned()),
        (400, "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n".to_owned()),
    ] {
        let answer = server.send(&request);
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.text().ends_with(".\n"), "{answer:?}");
        assert!(answer.header("content-security-policy").is_some());
    }
}

/// The answer comes all the same, though nobody wants what is sent.
#[test]
fn a_body_is_refused_before_it_is_sent() {
    let server = server();
    for (status, head) in [
        (
            405,
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n\r\n",
        ),
        (
            413,
            "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n\r\n",
        ),
        (
            413,
            "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
    ] {
        let mut connection = server.connect(head);
        // A browser that is cut off while it sends would not show the answer.
        for _ in 0..32 {
            connection.write_all(&vec![b'x'; 1 << 20]).unwrap();
        }
        connection.shutdown(Shutdown::Write).unwrap();
        let mut bytes = Vec::new();
        connection.read_to_end(&mut bytes).unwrap();
        assert_eq!(Answer::parse(&bytes).status, status);
    }
    assert_eq!(server.get("/small.txt").text(), "small");
}

#[test]
fn the_head_of_a_stream_can_be_asked_for() {
    let server = server();
    let answer = server.ask("HEAD", "/.live/events", "localhost");
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert_eq!(answer.header("connection"), Some("close"));
}
