//! `cargo xtask serve`, as somebody who writes would use it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use book_tests::{Book, COUNTS_STARTS, MAPS_MEMORY, Running, children_left, end_by, listing};
use rustix::process::Signal;

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the server answers");
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .expect("sent");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

/// Asks again until the page has these words.
#[track_caller]
fn page_with(address: &str, path: &str, words: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let page = get(address, path);
        if page.contains(words) {
            return;
        }
        assert!(Instant::now() < deadline, "no `{words}` in:\n{page}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// What editors, desktops and people leave in the sources, and is not for readers.
const LEFT: [&str; 9] = [
    "notes.md~",
    "#one.md#",
    ".DS_Store",
    ".env",
    "4913",
    ".one.md.swp",
    ".hidden/file",
    "part/one.md.kate-swp",
    "one.md___jb_tmp___",
];

#[test]
fn what_editors_leave_neither_breaks_a_build_nor_is_published() {
    let mut book = Book::named("left-by-editors")
        .file("src/figure.svg", "<svg/>")
        .file("src/.well-known/security.txt", "mailto:a@example.org")
        .chapter("one.md", "# One\n\nFirst.\n");
    for name in LEFT {
        book = book.file(&format!("src/{name}"), "left");
    }
    std::os::unix::fs::symlink("user@host.1:2", book.path("src/.#one.md")).expect("a link");
    book.build().succeeded();
    for name in LEFT.iter().chain(&[".#one.md"]) {
        assert!(!book.path(&format!("book/{name}")).is_symlink(), "{name}");
        assert!(!book.path(&format!("book/{name}")).exists(), "{name}");
    }
    assert_eq!(book.read("book/figure.svg"), "<svg/>");
    assert_eq!(
        book.read("book/.well-known/security.txt"),
        "mailto:a@example.org"
    );
    // mdBook's own, which GitHub Pages wants.
    assert!(book.path("book/.nojekyll").exists());
}

/// mdBook alone would publish it.
#[test]
fn a_hidden_file_is_refused_where_mdbook_copies_it() {
    let book = Book::named("hidden-file")
        .file("src/.one.md.swp", "left")
        .chapter("one.md", "# One\n\nFirst.\n");
    book.build_with_mdbook().succeeded();
    let book = book.file("src/part/.env", "SECRET=1");
    book.build_with_mdbook()
        .failed()
        .with("src/part/.env: mdBook would publish this hidden file");
}

const CHAPTER: &str = "# One\n\nFirst.\n\n<!-- cmdrun -0 capture run maps -->\n";

/// A server of a small book, once its first page is there, and its address.
fn serve(book: &Book) -> (Running, String) {
    let server = book.start("xtask", &["serve", "--port", "0"]);
    let line = server.line_with("http://127.0.0.1:");
    let (_, rest) = line.split_once("http://").expect("an address");
    let address = rest.split('/').next().expect("an address").to_owned();
    page_with(&address, "/one.html", "First.");
    (server, address)
}

/// Ends it; nothing is left.
fn end(book: &Book, server: Running) {
    let pid = server.pid();
    end_by(pid, Signal::INT);
    server.wait().succeeded();
    assert_eq!(children_left(), [""; 0]);
    assert_eq!(book.left_beside(), [""; 0]);
    assert_eq!(left_in_memory(pid), [""; 0]);
}

/// Where books are rendered while serving.
const MEMORY: &str = "/dev/shm";

/// The folders in which a process renders books while it serves.
fn left_in_memory(pid: u32) -> Vec<String> {
    let entries = fs::read_dir(MEMORY).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let own = format!(".book-{pid}-");
    names.filter(|name| name.starts_with(&own)).collect()
}

#[test]
fn a_change_is_built_a_mistake_is_told_and_the_good_page_stays() {
    let book = Book::named("served")
        .listing("maps", &listing(MAPS_MEMORY))
        .chapter("one.md", CHAPTER);
    let (server, address) = serve(&book);

    book.write(
        "src/one.md",
        "# One\n\nSecond.\n\n<!-- cmdrun -0 capture run maps -->\n",
    );
    page_with(&address, "/one.html", "Second.");

    book.write(
        "src/one.md",
        "# One\n\nThird.\n\n<!-- cmdrun -0 capture run mpas -->\n",
    );
    server.line_with("src/one.md:5: no listing is named `mpas`; did you mean `maps`?");
    page_with(&address, "/one.html", "Second.");

    book.write(
        "src/one.md",
        "# One\n\nFourth.\n\n<!-- cmdrun -0 capture run maps -->\n",
    );
    page_with(&address, "/one.html", "Fourth.");

    // A listing is watched as well.
    book.write(
        "listings/fixtures/maps/src/main.rs",
        &listing(&format!("println!(\"fifth\");{MAPS_MEMORY}")),
    );
    page_with(&address, "/one.html", "fifth");

    end(&book, server);
}

/// An editor that writes a file in pieces, slowly: what is built of a half is
/// no page, and the good one stays.
#[test]
fn a_chapter_saved_half_written_is_not_served() {
    let book = Book::named("half-written")
        .listing("maps", &listing(MAPS_MEMORY))
        .chapter("one.md", CHAPTER);
    let (server, address) = serve(&book);
    let second = CHAPTER.replace("First.", "Second.");
    let halves = [
        ("", "src/one.md:1: this chapter has no title"),
        (
            "# One\n\nSecond.\n\n<!-- cmdr",
            "src/one.md:5: this comment does not end",
        ),
        (
            "# One\n\nSecond.\n\n<!-- cmdrun -0 capture ru",
            "src/one.md:5: this directive does not end",
        ),
        (
            "# One\n\nSecond.\n\n<!-- cmdrun -0 capture run maps --",
            "src/one.md:5: this directive does not end",
        ),
    ];
    for (half, told) in halves {
        book.write("src/one.md", half);
        server.line_with(told);
        server.line_with("the last good book is still served");
        let page = get(&address, "/one.html");
        assert!(
            page.contains("First.") && !page.contains("Second."),
            "{page}"
        );
        book.write("src/one.md", &second);
        page_with(&address, "/one.html", "Second.");
        book.write("src/one.md", CHAPTER);
        page_with(&address, "/one.html", "First.");
    }
    end(&book, server);
}

/// Open files of a process, or of all that it serves.
fn open_files(server: &Running) -> usize {
    let folder = format!("/proc/{}/fd", server.pid());
    std::fs::read_dir(folder)
        .expect("a test may look at what it started")
        .count()
}

/// Waits until a server has no more open files than before.
#[track_caller]
fn files_again(server: &Running, before: usize) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while open_files(server) > before {
        let now = open_files(server);
        assert!(
            Instant::now() < deadline,
            "{now} open files instead of {before}"
        );
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn two_hundred_saves_end_with_the_last_one() {
    let book = Book::named("many-saves")
        .listing("maps", &listing(MAPS_MEMORY))
        .chapter("one.md", CHAPTER);
    let (server, address) = serve(&book);
    let before = open_files(&server);
    for save in 1..=200 {
        book.write(
            "src/one.md",
            &CHAPTER.replace("First.", &format!("Save {save}.")),
        );
        thread::sleep(Duration::from_millis(10));
        // Each page that is served meanwhile is a whole one.
        if save % 20 == 0 {
            let page = get(&address, "/one.html");
            assert!(
                page.contains("touched: press Return") && page.contains("</html>"),
                "{page}"
            );
        }
    }
    page_with(&address, "/one.html", "Save 200.");
    files_again(&server, before);
    end(&book, server);
}

/// A browser that goes away in the middle of an answer, or while it listens for
/// changes, takes nothing with it: each open file is of one thread.
#[test]
fn a_browser_that_goes_away_leaves_nothing_open() {
    let book = Book::named("browser-gone")
        .listing("maps", &listing(MAPS_MEMORY))
        .chapter("one.md", CHAPTER);
    let (server, address) = serve(&book);
    let before = open_files(&server);
    for path in ["/one.html", "/.live/events"] {
        let gone: Vec<TcpStream> = (0..100)
            .map(|_| {
                let mut stream = TcpStream::connect(&address).expect("the server answers");
                write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").expect("sent");
                stream.read_exact(&mut [0; 20]).expect("an answer begins");
                stream
            })
            .collect();
        // The connection of an earlier request may have counted before.
        assert!(open_files(&server) > before + 90);
        drop(gone);
        files_again(&server, before);
    }
    book.write("src/one.md", &CHAPTER.replace("First.", "Second."));
    page_with(&address, "/one.html", "Second.");
    end(&book, server);
}

/// The lines that say what has changed, and how often the book was built.
fn builds(server: &Running) -> (Vec<String>, usize) {
    let printed = server.printed();
    let changed = printed.lines().filter(|line| line.starts_with("changed: "));
    let built = printed.lines().filter(|line| line.starts_with("built in "));
    (changed.map(str::to_owned).collect(), built.count())
}

/// Nothing that a build writes is watched: a build after the start, and one after
/// each change, also where the theme lists headings.
#[test]
fn each_change_is_one_build() {
    let chapter = |heading: &str, text: &str| {
        format!(
            "# One\n\n{text}\n\n## {heading}\n\n## B\n\n## C\n\n<!-- cmdrun -0 sh -c 'echo same > stamp.txt; cat stamp.txt' -->\n"
        )
    };
    let theme =
        "<!DOCTYPE html><html><head>{{> head}}</head><body>{{> header}}{{{content}}}</body></html>";
    let book = Book::named("one-build-a-change")
        .file("theme/index.hbs", theme)
        .file("src/stamp.txt", "same\n")
        .chapter("one.md", &chapter("A", "First."));
    let (server, address) = serve(&book);
    book.write("src/one.md", &chapter("Other", "Second."));
    page_with(&address, "/one.html", "Second.");
    // Written again as it was, and written elsewhere: no change.
    book.write("src/one.md", &chapter("Other", "Second."));
    book.write("README.md", "x");
    book.write("src/one.md", &chapter("Other", "Third."));
    page_with(&address, "/one.html", "Third.");
    server.line_with("built in");
    let (changed, built) = builds(&server);
    assert_eq!(changed, ["changed: src/one.md"; 2]);
    assert!(built <= 3, "{built} builds");
    end(&book, server);
}

/// ... and where a command of a page does so, it is told which.
#[test]
fn a_page_that_changes_its_own_sources_is_not_built_for_ever() {
    let chapter = |text: &str| {
        format!(
            "# One\n\n{text}\n\n<!-- cmdrun -0 sh -c 'date +%N > stamp.txt; cat stamp.txt' -->\n"
        )
    };
    let book = Book::named("builds-itself").chapter("one.md", &chapter("First."));
    let (server, address) = serve(&book);
    server.line_with("not built again: each build changes src/stamp.txt");
    server.line_with("src/one.md:5: `sh -c 'date +%N > stamp.txt; cat stamp.txt'`");
    book.write("src/one.md", &chapter("Second."));
    page_with(&address, "/one.html", "Second.");
    server.line_with("not built again: each build changes src/stamp.txt");
    let (changed, _) = builds(&server);
    let own = changed.iter().filter(|line| line.contains("stamp.txt"));
    assert_eq!(own.count(), 2, "{changed:?}");
    end(&book, server);
}

/// A page may be made of files from anywhere.
#[test]
fn what_a_page_is_made_of_is_watched_wherever_it_lies() {
    let book = Book::named("made-of")
        .file("shared/note.txt", "first note\n")
        .file("shared/two.md", "# Two\n\nFirst.\n")
        .file("tools/gate/terms.txt", "")
        .chapter(
            "one.md",
            "# One\n\nFirst.\n\n```text\n{{#include ../shared/note.txt}}\n```\n",
        )
        .chapter("two.md", "");
    fs::remove_file(book.path("src/two.md")).expect("removed");
    std::os::unix::fs::symlink("../shared/two.md", book.path("src/two.md")).expect("a link");
    let (server, address) = serve(&book);
    page_with(&address, "/one.html", "first note");
    book.write("shared/note.txt", "second note\n");
    page_with(&address, "/one.html", "second note");
    book.write("shared/two.md", "# Two\n\nSecond colour.\n");
    page_with(&address, "/two.html", "Second");
    book.write("shared/two.md", "# Two\n\nThird color.\n");
    server.line_with("`color` is not how");
    book.write("tools/gate/terms.txt", "color\n");
    page_with(&address, "/two.html", "Third");
    end(&book, server);
}

/// What does not apply here is told once, and again when it has changed.
#[test]
fn what_is_skipped_is_told_once() {
    let moon = |what: &str| listing(&format!("println!(\"skipped: needs {what}\");"));
    let book = Book::named("skips-told")
        .listing("asks", &moon("a moon"))
        .session("asks", "needs.other = [\"a moon\", \"a sun\"]\n")
        .chapter(
            "one.md",
            "# One\n\nFirst.\n\n<!-- cmdrun -0 capture run asks -->\n",
        );
    let (server, address) = serve(&book);
    for text in ["Second.", "Third."] {
        let chapter = book.read("src/one.md");
        let (before, after) = chapter.split_once(".\n").expect("a sentence");
        let before = before.rsplit_once('\n').expect("a line").0;
        book.write("src/one.md", &format!("{before}\n{text}\n{after}"));
        page_with(&address, "/one.html", text);
    }
    book.write("listings/fixtures/asks/src/main.rs", &moon("a sun"));
    page_with(&address, "/one.html", "a sun");
    server.line_with("skipped asks: needs a sun");
    let printed = server.printed();
    let told = printed.lines().filter(|line| line.contains("skipped asks"));
    assert_eq!(told.count(), 2, "{printed}");
    end(&book, server);
}

/// While serving, a session is run again when something of it has changed, and
/// only then. A build of its own runs every session.
#[test]
fn an_edit_of_prose_runs_no_session() {
    let book = Book::named("served-records");
    let starts = book.path("starts");
    let _ = fs::remove_file(&starts);
    let session = format!("arguments = [{:?}]\n", starts.to_string_lossy());
    let chapter = |prose: &str, command: &str| {
        format!(
            "# One\n\n{prose}\n\n<!-- cmdrun -0 capture show counts --at started -- '{command}' -->\n\n<!-- cmdrun -0 capture run counts -->\n"
        )
    };
    let book = book
        .listing("counts", &listing(COUNTS_STARTS))
        .session("counts", &session)
        .chapter("one.md", &chapter("First.", "echo a"));
    let started = || book.read("starts").lines().count();
    let (server, address) = serve(&book);
    page_with(&address, "/one.html", "First.");
    assert_eq!(started(), 1);

    book.write("src/one.md", &chapter("Second.", "echo a"));
    page_with(&address, "/one.html", "Second.");
    assert_eq!(started(), 1, "for an edit of prose");
    book.write("src/one.md", &chapter("Third.", "echo b"));
    page_with(&address, "/one.html", "Third.");
    assert_eq!(started(), 2, "for another command");
    book.write(
        "listings/fixtures/counts/src/main.rs",
        &listing(&format!("println!(\"fourth\");{COUNTS_STARTS}")),
    );
    page_with(&address, "/one.html", "fourth");
    assert_eq!(started(), 3, "for another program");
    book.has_session("counts", &format!("{session}seconds = 9\n"));
    book.write("src/one.md", &chapter("Fifth.", "echo b"));
    page_with(&address, "/one.html", "Fifth.");
    assert_eq!(started(), 4, "for another session");

    end_by(server.pid(), Signal::INT);
    server.wait().succeeded();
    book.build().succeeded();
    assert_eq!(started(), 5, "for a build of its own");
}

/// Pages are kept while serving. Whatever one is made of, it is made anew when
/// that has changed.
#[test]
fn a_page_follows_all_that_it_is_made_of() {
    let book = Book::named("served-pages")
        .listing("maps", &listing(MAPS_MEMORY))
        .file("src/note.txt", "first note\n")
        .file("src/printed.txt", "first print\n")
        .chapter(
            "one.md",
            "# One\n\nFirst.\n\n```rust\n{{#include ../listings/fixtures/maps/src/main.rs}}\n```\n\n\
             ```text\n{{#include note.txt}}\n```\n\n<!-- cmdrun -0 capture run maps -->\n",
        )
        .chapter("two.md", "# Two\n\n<!-- cmdrun -0 cat printed.txt -->\n");
    std::os::unix::fs::symlink("../listings", book.path("src/listings")).expect("a link");
    let (server, address) = serve(&book);
    page_with(&address, "/one.html", "first note");
    page_with(&address, "/two.html", "first print");

    book.write("src/note.txt", "second note\n");
    page_with(&address, "/one.html", "second note");
    book.write("src/printed.txt", "second print\n");
    page_with(&address, "/two.html", "second print");
    let program = format!("// A comment.{MAPS_MEMORY}");
    book.write("listings/fixtures/maps/src/main.rs", &listing(&program));
    page_with(&address, "/one.html", "// A comment.");
    let config = book.read("book.toml");
    let repository = "\n[output.html]\ngit-repository-url = \"https://example.org/a\"\n";
    book.write("book.toml", &(config + repository));
    page_with(&address, "/one.html", "https://example.org/a/blob/HEAD/");
    book.has_session("maps", "needs.kernel = \"99.0\"\n");
    page_with(&address, "/one.html", "skipped");
    end(&book, server);
}

#[test]
fn a_server_that_is_killed_leaves_no_folder() {
    let book = Book::named("killed-server")
        .listing("maps", &listing(MAPS_MEMORY))
        .chapter("one.md", CHAPTER);
    let (server, _) = serve(&book);
    let pid = server.pid();
    let left = || [book.left_beside(), left_in_memory(pid)].concat();
    assert!(!left().is_empty());
    end_by(pid, Signal::KILL);
    server.wait();
    let deadline = Instant::now() + Duration::from_secs(60);
    while !left().is_empty() {
        assert!(Instant::now() < deadline, "{:?} is still there", left());
        thread::sleep(Duration::from_millis(20));
    }
}

/// As `git clean` does it.
#[test]
fn a_folder_that_somebody_removes_is_made_again() {
    let book = Book::named("folder-removed")
        .listing("maps", &listing(MAPS_MEMORY))
        .chapter("one.md", CHAPTER);
    let (server, address) = serve(&book);
    for name in book.left_beside() {
        fs::remove_dir_all(book.path(&name)).expect("removed");
        book.write("src/one.md", &CHAPTER.replace("First.", "Second."));
        page_with(&address, "/one.html", "Second.");
    }
    for name in left_in_memory(server.pid()) {
        fs::remove_dir_all(Path::new(MEMORY).join(name)).expect("removed");
        book.write("src/one.md", &CHAPTER.replace("First.", "Third."));
        page_with(&address, "/one.html", "Third.");
    }
    fs::remove_dir_all(book.path("book")).expect("removed");
    book.write("src/one.md", &CHAPTER.replace("First.", "Fourth."));
    page_with(&address, "/one.html", "Fourth.");
    end(&book, server);
}

#[test]
fn a_taken_port_names_a_way_out() {
    let book = Book::named("taken-port").chapter("one.md", "# One\n");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let finished = book
        .start("xtask", &["serve", "--port", &port])
        .wait()
        .failed();
    finished.with(&port).with("--port");
}
