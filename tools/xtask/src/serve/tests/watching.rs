//! What starts a build, and what does not.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::super::Options;
use super::super::rebuild::{Message, list, next_changes};
use super::super::watch::Sources;
use super::{AT_MOST, Server, build_page, repository, wait};

/// Saves as Vim and most others do: a new file, renamed over the old one.
fn save(path: &Path, text: &str) {
    let aside = path.with_extension("md.new~");
    fs::write(&aside, text).unwrap();
    fs::rename(aside, path).unwrap();
}

fn options(root: &Path) -> Options {
    Options {
        root: root.to_owned(),
        book: root.join("src/book"),
        port: 0,
        open: false,
        watch: ["src", "src/part", "Cargo.toml"].map(Into::into).into(),
    }
}

/// A server whose first build is over.
fn started(dir: TempDir) -> Server {
    let server = Server::start(dir, build_page);
    server.wait_for_page("first");
    server
}

/// Changes the page to `text` and waits for it, and with it for the events of
/// everything that was done before.
fn settle(server: &Server, text: &str) {
    save(&server.path("src/page.md"), text);
    server.wait_for_page(text);
}

#[test]
fn changes_during_a_build_lead_to_one_more() {
    let (send, changes) = channel();
    let change = |name: String| send.send(Message::Changed(name.into())).unwrap();
    change("first".to_owned());
    assert_eq!(next_changes(&changes).unwrap().len(), 1);
    // The build runs. Meanwhile:
    for save in 0..200 {
        change(format!("file {}", save % 4));
    }
    assert_eq!(next_changes(&changes).unwrap().len(), 4);
    assert!(changes.try_recv().is_err(), "nothing is left over");

    change("last".to_owned());
    send.send(Message::Stop).unwrap();
    assert_eq!(next_changes(&changes), None, "the end comes first");
}

#[test]
fn a_file_that_never_rests_is_built_all_the_same() {
    let (send, changes) = channel();
    let writer = thread::spawn(move || {
        let start = Instant::now();
        while start.elapsed() < AT_MOST && send.send(Message::Changed("log".into())).is_ok() {
            thread::sleep(Duration::from_millis(1));
        }
    });
    assert_eq!(next_changes(&changes).unwrap().len(), 1);
    assert!(!writer.is_finished(), "it is still being written");
    drop(changes);
    writer.join().unwrap();
}

#[test]
fn fifty_saves_are_few_builds_and_the_last_one_counts() {
    let server = Server::start(repository(), |root| {
        thread::sleep(Duration::from_millis(200));
        build_page(root)
    });
    server.wait_for_page("first");
    for number in 0..50 {
        save(&server.path("src/page.md"), &format!("save {number};"));
        thread::sleep(Duration::from_millis(2));
    }
    server.wait_for_page("save 49;");
    // Slow as the machine may be, saves within one build are one build.
    assert!(server.builds() < 25, "{} builds", server.builds());
    let changed = server.lines();
    assert!(
        changed.iter().any(|line| line == "changed: src/page.md"),
        "{changed:?}"
    );
}

#[test]
fn every_way_to_change_a_source_counts() {
    let server = started(repository());
    type Act = fn(&Server);
    let acts: [(&str, Act); 9] = [
        ("written in place", |server| {
            fs::write(server.path("theme/book.css"), "p {}").unwrap();
        }),
        ("renamed over", |server| {
            save(&server.path("book.toml"), "# saved");
        }),
        ("renamed over again", |server| {
            save(&server.path("book.toml"), "# saved again");
        }),
        ("removed", |server| {
            fs::remove_file(server.path("theme/book.css")).unwrap();
        }),
        ("a new folder", |server| {
            fs::create_dir_all(server.path("src/new/deep")).unwrap();
        }),
        ("a file in the new folder", |server| {
            fs::write(server.path("src/new/deep/page.md"), "x").unwrap();
        }),
        ("a folder that was missing at the start", |server| {
            fs::create_dir(server.path("listings")).unwrap();
        }),
        ("a file in it", |server| {
            fs::write(server.path("listings/main.rs"), "").unwrap();
        }),
        ("a whole folder renamed", |server| {
            fs::rename(server.path("src/new"), server.path("src/old")).unwrap();
        }),
    ];
    for (what, act) in acts {
        expect_build(&server, what, act);
    }
}

/// Waits until the server is at rest, does `act` and waits for the build.
fn expect_build(server: &Server, what: &str, act: impl FnOnce(&Server)) {
    rest(server);
    let before = server.builds();
    act(server);
    wait(|| (server.builds() > before, what));
}

/// Waits until nothing is built any more: an act may make several events.
fn rest(server: &Server) {
    let mut last = server.builds();
    wait(|| {
        thread::sleep(Duration::from_millis(300));
        let now = server.builds();
        let rested = now == last;
        last = now;
        (rested, now)
    });
}

#[test]
fn a_folder_replaced_as_a_whole_is_still_watched() {
    let server = started(repository());
    expect_build(&server, "folder replaced", |server| {
        fs::create_dir(server.path("theme.new")).unwrap();
        fs::rename(server.path("theme"), server.path("theme.old")).unwrap();
        fs::rename(server.path("theme.new"), server.path("theme")).unwrap();
    });
    expect_build(&server, "file in the new one", |server| {
        fs::write(server.path("theme/book.css"), "p {}").unwrap();
    });
}

#[test]
fn reading_and_what_editors_leave_start_no_build() {
    let dir = repository();
    fs::create_dir(dir.path().join("listings")).unwrap();
    fs::create_dir_all(dir.path().join("target/debug")).unwrap();
    fs::create_dir_all(dir.path().join("listings/x/target")).unwrap();
    fs::write(dir.path().join("listings/x/Cargo.toml"), "").unwrap();
    symlink("../listings", dir.path().join("src/listings")).unwrap();
    let server = started(dir);

    for _ in 0..20 {
        fs::read(server.path("src/page.md")).unwrap();
        fs::read_dir(server.path("src/listings/x")).unwrap().count();
        for name in [
            "book/index.html",
            "target/debug/x",
            "listings/x/target/x",
            "src/.page.md.swp",
            "src/page.md~",
            "src/4913",
            "src/.#page.md",
            "src/#page.md#",
            "src/.hidden/page.md",
            "theme/book.css___jb_tmp___",
            "README.md",
            "Cargo.lock",
        ] {
            let path = server.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
    }
    settle(&server, "after all that");

    let changed: Vec<_> = server
        .lines()
        .into_iter()
        .filter(|line| line.starts_with("changed: "))
        .collect();
    assert!(!changed.is_empty());
    for line in &changed {
        assert_eq!(line, "changed: src/page.md");
    }
}

#[test]
fn a_listing_is_named_once_though_a_symlink_leads_to_it() {
    let dir = repository();
    fs::create_dir_all(dir.path().join("listings/x")).unwrap();
    symlink("../listings", dir.path().join("src/listings")).unwrap();
    symlink("..", dir.path().join("src/loop")).unwrap();
    let server = started(dir);
    fs::write(server.path("listings/x/main.rs"), "").unwrap();
    let line = "changed: listings/x/main.rs".to_owned();
    wait(|| (server.lines().contains(&line), server.lines()));
}

#[test]
fn a_line_names_three_files_at_most() {
    let dir = repository();
    let root = dir.path().canonicalize().unwrap();
    let sources = Sources::new(&options(&root)).unwrap();
    let line = |names: &[&str]| {
        list(
            &sources,
            &names.iter().map(|name| root.join(name)).collect(),
        )
    };
    assert_eq!(line(&["src/a.md"]), "src/a.md");
    assert_eq!(line(&["c", "b", "a"]), "a, b, c");
    assert_eq!(line(&["e", "d", "c", "b", "a"]), "a, b, c and 2 more");
}

#[test]
fn a_folder_named_target_may_be_a_chapter() {
    let dir = repository();
    let root = dir.path().canonicalize().unwrap();
    let sources = Sources::new(&options(&root)).unwrap();
    for (path, expected) in [
        ("src/target/page.md", true),
        ("src/target.md", true),
        ("Cargo.toml", true),
        ("src/book/index.html", false),
        ("src/bookkeeping.md", true),
        ("Cargo.lock", false),
        ("srcs/page.md", false),
    ] {
        assert_eq!(sources.contain(&root.join(path)), expected, "{path}");
    }
    assert_eq!(sources.name(&root.join("src/a.md")), "src/a.md");
    assert_eq!(sources.name(Path::new("/elsewhere")), "/elsewhere");
    assert_eq!(sources.name(&root), "many files");
}
