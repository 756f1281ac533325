//! What starts a build, and what does not.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use gate::Ran;
use session::Command;
use tempfile::TempDir;

use super::super::rebuild::{Message, next_touched};
use super::super::sources::Sources;
use super::super::{Built, Options};
use super::{AT_MOST, Server, build_page, built, repository, wait};

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

/// The next changes of a book in this folder, which nobody watches.
fn next(changes: &Receiver<Message>, sources: &mut Sources) -> Option<Vec<String>> {
    let changed = sources.changed(&next_touched(changes, sources)?);
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    Some(changed.iter().map(name).collect())
}

#[test]
fn changes_during_a_build_lead_to_one_more() {
    let dir = repository();
    let root = dir.path().canonicalize().unwrap();
    let mut sources = Sources::new(&options(&root)).unwrap();
    let (send, changes) = channel();
    let write = |name: &str, text: &str| {
        let path = root.join("src").join(name);
        fs::write(&path, text).unwrap();
        send.send(Message::Touched(Some(path))).unwrap();
    };
    write("page.md", "second");
    assert_eq!(next(&changes, &mut sources).unwrap(), ["page.md"]);
    // The build runs. Meanwhile:
    for save in 0..200 {
        write(&format!("file {}", save % 4), &save.to_string());
    }
    assert_eq!(next(&changes, &mut sources).unwrap().len(), 4);
    assert!(changes.try_recv().is_err(), "nothing is left over");

    write("page.md", "third");
    send.send(Message::Stop).unwrap();
    assert_eq!(next(&changes, &mut sources), None, "the end comes first");
}

#[test]
fn what_is_as_it_was_has_not_changed() {
    let dir = repository();
    let root = dir.path().canonicalize().unwrap();
    let mut sources = Sources::new(&options(&root)).unwrap();
    let (send, changes) = channel();
    let (page, new) = (root.join("src/page.md"), root.join("src/new/page.txt"));
    let mut changed = |touched: &[Option<&Path>]| {
        for path in touched {
            let path = path.map(Path::to_owned);
            send.send(Message::Touched(path)).unwrap();
        }
        next(&changes, &mut sources).unwrap()
    };
    save(&page, "first");
    assert_eq!(changed(&[Some(&page)]), [""; 0], "written again");
    let passing = root.join("src/page.md.part");
    assert_eq!(changed(&[Some(&passing)]), [""; 0], "came and went");
    // Of a new folder one hears nothing else.
    fs::create_dir(new.parent().unwrap()).unwrap();
    fs::write(&new, "new").unwrap();
    assert_eq!(changed(&[new.parent()]), ["page.txt"]);
    fs::remove_dir_all(new.parent().unwrap()).unwrap();
    assert_eq!(changed(&[new.parent()]), ["page.txt"]);
    // When the kernel has lost count, all is looked at.
    fs::write(&page, "second").unwrap();
    assert_eq!(changed(&[None]), ["page.md"]);
    assert_eq!(changed(&[None]), [""; 0]);
}

#[test]
fn a_file_that_never_rests_is_built_all_the_same() {
    let dir = repository();
    let root = dir.path().canonicalize().unwrap();
    let mut sources = Sources::new(&options(&root)).unwrap();
    let (send, changes) = channel();
    let log = root.join("src/log");
    let writer = thread::spawn(move || {
        let start = Instant::now();
        let touch = || {
            fs::write(&log, format!("{:?}", start.elapsed())).unwrap();
            send.send(Message::Touched(Some(log.clone())))
        };
        while start.elapsed() < AT_MOST && touch().is_ok() {
            thread::sleep(Duration::from_millis(1));
        }
    });
    assert_eq!(next(&changes, &mut sources).unwrap(), ["log"]);
    assert!(!writer.is_finished(), "it is still being written");
    drop(changes);
    writer.join().unwrap();
}

/// What a page names may lie anywhere: it counts from the build that read it.
#[test]
fn a_file_that_a_build_has_read_counts() {
    let elsewhere = tempfile::tempdir().unwrap();
    let note = elsewhere.path().join("note.txt");
    fs::write(&note, "first").unwrap();
    let dir = repository();
    fs::write(dir.path().join("src/.hidden"), "first").unwrap();
    let read = vec![note.clone(), "src/.hidden".into(), "src/missing/x".into()];
    let server = Server::start_with(dir, move |root| Built {
        read: read.clone(),
        ..built(build_page(root))
    });
    server.wait_for_page("first");
    expect_build(&server, "an include elsewhere", |_| save(&note, "second"));
    expect_build(&server, "an include that is hidden", |server| {
        fs::write(server.path("src/.hidden"), "second").unwrap();
    });
    let before = server.builds();
    fs::write(elsewhere.path().join("other.txt"), "x").unwrap();
    settle(&server, "after all that");
    assert_eq!(server.builds(), before + 1);
}

#[test]
fn what_a_link_leads_to_counts() {
    let elsewhere = tempfile::tempdir().unwrap();
    let chapter = elsewhere.path().join("chapter.md");
    let figure = elsewhere.path().join("figures/one.svg");
    fs::create_dir(elsewhere.path().join("figures")).unwrap();
    fs::write(&chapter, "first").unwrap();
    fs::write(&figure, "first").unwrap();
    let dir = repository();
    symlink(&chapter, dir.path().join("src/chapter.md")).unwrap();
    let server = started(dir);
    expect_build(&server, "a chapter", |_| save(&chapter, "second"));
    expect_build(&server, "a new link", |server| {
        let link = server.path("src/figures");
        symlink(elsewhere.path().join("figures"), link).unwrap();
    });
    expect_build(&server, "a file behind it", |_| save(&figure, "second"));
}

/// A build whose commands write into the sources: `write` is such a command.
fn self_changing(dir: TempDir, write: impl Fn(&Path, usize) + Send + 'static) -> Server {
    let mut number = 0;
    Server::start_with(dir, move |root| {
        number += 1;
        let from = SystemTime::now();
        write(&root.join("src"), number);
        let ran = Ran {
            command: Command {
                file: "src/page.md".into(),
                line: 3,
                text: "date > stamp".to_owned(),
            },
            from,
            to: SystemTime::now(),
        };
        Built {
            ran: vec![ran],
            ..built(build_page(root))
        }
    })
}

#[test]
fn a_build_that_changes_its_own_sources_is_not_repeated_for_ever() {
    for write in [
        // Another text each time, another file each time, and one that goes.
        (|src, number| fs::write(src.join("stamp"), number.to_string()).unwrap())
            as fn(&Path, usize),
        |src, number| fs::write(src.join(format!("stamp-{number}")), "").unwrap(),
        |src, number| match number % 2 {
            0 => fs::remove_file(src.join("stamp")).unwrap(),
            _ => fs::write(src.join("stamp"), "").unwrap(),
        },
    ] {
        let server = self_changing(repository(), write);
        let told = |times| {
            wait(|| {
                let lines = server.lines();
                let told = lines
                    .iter()
                    .filter(|line| line.starts_with("not built again"));
                (told.count() == times, lines)
            });
        };
        told(1);
        assert_eq!(server.builds(), 2);
        let lines = server.lines();
        let line = lines
            .iter()
            .find(|line| line.starts_with("not built again"));
        let line = line.unwrap();
        assert!(line.contains("changes src/stamp"), "{line}");
        assert!(
            line.contains("\n  src/page.md:3: `date > stamp`\n"),
            "{line}"
        );
        // It goes on when something else has changed.
        settle(&server, "another");
        told(2);
        assert_eq!(server.builds(), 4);
    }
}

#[test]
fn a_command_that_writes_the_same_again_is_no_change() {
    let dir = repository();
    fs::write(dir.path().join("src/stamp"), "same").unwrap();
    let server = self_changing(dir, |src, _| {
        fs::write(src.join("stamp"), "same").unwrap();
    });
    server.wait_for_page("first");
    settle(&server, "second");
    settle(&server, "third");
    let changed = server.lines().into_iter();
    let changed = changed.filter(|line| line.starts_with("changed: "));
    let changed: Vec<_> = changed.collect();
    assert_eq!(changed, ["changed: src/page.md"; 2]);
}

/// An editor saves during each build, while a command runs elsewhere in it.
#[test]
fn saves_during_builds_are_no_loop() {
    let server = Server::start_with(repository(), |root| {
        let from = SystemTime::now();
        thread::sleep(Duration::from_millis(100));
        let page = root.join("src/page.md");
        let text = fs::read_to_string(&page).unwrap();
        if text.len() < 20 {
            save(&page, &format!("{text}+"));
        }
        let ran = Ran {
            command: Command {
                file: "src/page.md".into(),
                line: 3,
                text: "true".to_owned(),
            },
            from: from - Duration::from_secs(60),
            to: from,
        };
        Built {
            ran: vec![ran],
            ..built(build_page(root))
        }
    });
    server.wait_for_page("first+++++++++++++++");
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
    let acts: [(&str, Act); 8] = [
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
        ("a file in a new folder", |server| {
            fs::create_dir_all(server.path("src/new/deep")).unwrap();
            fs::write(server.path("src/new/deep/page.md"), "x").unwrap();
        }),
        ("a folder that was missing at the start", |server| {
            fs::create_dir(server.path("listings")).unwrap();
            fs::write(server.path("listings/main.rs"), "").unwrap();
        }),
        ("a file in it", |server| {
            fs::write(server.path("listings/main.rs"), "again").unwrap();
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
        fs::write(server.path("theme.new/book.css"), "").unwrap();
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
        symlink("user@host.1:2", server.path("src/.#link.md")).unwrap();
        fs::remove_file(server.path("src/.#link.md")).unwrap();
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
    let line = |names: &[&str]| sources.list(&names.iter().map(|name| root.join(name)).collect());
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
}
