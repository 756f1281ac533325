//! Building, failing and mending, as the pages hear of it; and the end.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;

use super::super::{Options, listen, run};
use super::{Server, build_page, built, repository, wait};

#[test]
fn a_page_hears_at_once_where_the_work_stands() {
    let server = Server::start(repository(), build_page);
    server.wait_for_page("first");
    server.events().next_named("built");

    let event = server.events().next();
    assert_eq!(event.name, "built");
    assert_eq!(event.id, server.get("/").edition());
}

#[test]
fn a_page_hears_of_each_build_and_which_edition_is_served() {
    let server = Server::start(repository(), build_page);
    let mut events = server.events();
    let before = events.next_named("built").id;

    fs::write(server.path("src/page.md"), "second").unwrap();
    let after = events.next_named("built").id;
    assert_ne!(before, after);
    let answer = server.get("/");
    assert!(answer.text().contains("second"));
    assert_eq!(answer.edition(), after);
}

#[test]
fn after_a_failure_the_old_page_stays_until_it_is_mended() {
    let server = Server::start(repository(), build_page);
    let mut events = server.events();
    let good = events.next_named("built").id;

    let text = "FAIL page.md:3\n\n  <b>Rss == 1 page</b>\r\n  found: 0 pages\rend";
    fs::write(server.path("src/page.md"), text).unwrap();
    let failed = events.next_named("failed");
    let lines = [
        "FAIL page.md:3",
        "",
        "  <b>Rss == 1 page</b>",
        "  found: 0 pages",
        "end",
    ];
    assert_eq!(failed.data, lines);
    assert_eq!(failed.id, good, "the edition served is still the good one");
    assert_eq!(server.events().next(), failed, "a page that comes later");
    let answer = server.get("/");
    assert_eq!((answer.status, answer.edition()), (200, good.as_str()));
    assert!(answer.text().contains("first"));

    fs::write(server.path("src/page.md"), "mended").unwrap();
    assert_ne!(events.next_named("built").id, good);
    assert!(server.get("/").text().contains("mended"));
    // The line follows the event.
    wait(|| {
        let lines = server.lines();
        let good = lines
            .iter()
            .filter(|line| line.starts_with("built in"))
            .count();
        (good >= 2, lines)
    });
    let failure = "failed; the last good book is still served";
    assert!(server.lines().iter().any(|line| line == failure));
}

#[test]
fn without_a_book_the_page_shows_the_failure() {
    let dir = repository();
    fs::write(dir.path().join("src/page.md"), "FAIL <script>&'\"").unwrap();
    let server = Server::start(dir, build_page);
    let mut events = server.events();
    let first = events.next_named("failed").id;

    for path in ["/", "/some/page.html"] {
        let answer = server.get(path);
        assert_eq!(answer.status, 503);
        let content_type = answer.header("content-type");
        assert_eq!(content_type, Some("text/html; charset=utf-8"));
        let text = answer.text();
        assert!(text.contains("FAIL &lt;script&gt;&amp;'&quot;"));
        assert!(text.contains("<script src=\"/.live/reload.js\""));
        assert_eq!(answer.edition(), first);
    }

    // Another failure is another page, so the page in the browser is old.
    fs::write(server.path("src/page.md"), "FAIL again").unwrap();
    let second = loop {
        let event = events.next_named("failed");
        if event.data == ["FAIL again"] {
            break event.id;
        }
    };
    assert_ne!(second, first);

    fs::write(server.path("src/page.md"), "mended").unwrap();
    assert_ne!(events.next_named("built").id, second);
    server.wait_for_page("mended");
}

#[test]
fn while_the_first_build_runs_a_page_says_so() {
    let (go, gate) = channel::<()>();
    let server = Server::start(repository(), move |root| {
        let _ = gate.recv();
        build_page(root)
    });
    let answer = server.get("/");
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("The book is being built"));
    assert_eq!(server.events().next().name, "building");
    assert!(server.lines().is_empty(), "the address comes with the book");

    drop(go);
    server.wait_for_page("first");
    let serving = format!("serving http://{}/ (Ctrl-C ends)", server.address);
    wait(|| {
        let lines = server.lines();
        (lines.last() == Some(&serving), lines)
    });
    assert!(server.lines()[0].starts_with("built in 0."));
}

#[test]
fn a_book_from_an_earlier_build_is_served_meanwhile() {
    let dir = repository();
    build_page(dir.path()).unwrap();
    let server = Server::start(dir, |_| Err("FAIL first build".to_owned()));
    assert_eq!(
        server.events().next_named("failed").data,
        ["FAIL first build"]
    );
    server.wait_for_page("first");
}

#[test]
fn the_end_waits_neither_for_pages_nor_for_a_build() {
    let (go, gate) = channel::<()>();
    let mut server = Server::start(repository(), move |_| {
        let _ = gate.recv();
        Ok(())
    });
    let mut events = server.events();
    assert_eq!(events.next().name, "building");
    // Asked for, never read.
    let _idle = server.connect("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");

    // Before the build, which waits for what is dropped after this.
    server.stop().unwrap();
    drop(go);
}

#[test]
fn a_build_that_panics_ends_the_server_with_an_error() {
    let mut server = Server::start(repository(), |_| panic!("on purpose"));
    let outcome = server.thread.take().unwrap().join().unwrap();
    assert!(outcome.unwrap_err().to_string().contains("panicked"));
}

#[test]
fn sigint_and_sigterm_end_the_server() {
    const NAME: &str = "SERVE_TEST_SIGNAL";
    if let Ok(signal) = env::var(NAME) {
        return serve_until_signalled(&signal);
    }
    // In a process of its own: the handlers stay for good, and nobody could end
    // these tests by Ctrl-C any more.
    let (_, module) = module_path!().split_once("::").unwrap();
    let test = format!("{module}::sigint_and_sigterm_end_the_server");
    for signal in ["INT", "TERM"] {
        let child = Command::new(env::current_exe().unwrap())
            .args(["--exact", &test])
            .env(NAME, signal)
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success(), "SIG{signal}: {child:?}");
        assert!(out.contains("1 passed"), "SIG{signal}: {out}");
    }
}

/// Serves a book whose first build sends `signal` to this process.
fn serve_until_signalled(signal: &str) {
    let dir = repository();
    let options = Options {
        root: dir.path().to_owned(),
        book: PathBuf::from("book"),
        port: 0,
        watch: Vec::new(),
    };
    let command = format!("kill -{signal} $PPID");
    let build = move || {
        let sent = Command::new("sh").arg("-c").arg(&command).status();
        assert!(sent.unwrap().success());
        built(Ok(()))
    };
    run(options, build).unwrap();
}

#[test]
fn a_taken_port_is_found_out_before_anything_is_built() {
    let dir = repository();
    let taken = listen(0).unwrap();
    let options = Options {
        root: dir.path().to_owned(),
        book: dir.path().join("book"),
        port: taken.local_addr().unwrap().port(),
        watch: Vec::new(),
    };
    let error = run(options, || panic!("built all the same")).unwrap_err();
    assert!(error.to_string().contains("cannot listen"), "{error:#}");
}

#[test]
fn many_open_pages_do_not_keep_others_from_being_served() {
    let server = Server::start(repository(), build_page);
    let mut pages: Vec<_> = (0..40).map(|_| server.events()).collect();
    for page in &mut pages {
        page.next_named("built");
    }
    fs::write(server.path("src/page.md"), "second").unwrap();
    let ids: Vec<_> = pages
        .into_iter()
        .map(|mut page| thread::spawn(move || page.next_named("built").id))
        .map(|thread| thread.join().unwrap())
        .collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
}
