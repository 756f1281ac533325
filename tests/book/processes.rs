//! Nothing is left running, whatever happens.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

use book_tests::{Book, Running, children, children_left, end_by, end_group_by, exists, listing};
use rustix::process::Signal;

/// A listing that starts a grandchild in a session of its own, which writes its
/// process id into a file and sleeps, and then does what is asked.
fn with_grandchild(name: &str, then: &str) -> Book {
    let book = Book::named(name);
    let path = book.path("grandchild");
    let _ = fs::remove_file(&path);
    let start = format!(
        "std::process::Command::new(\"sh\")\
             .args([\"-c\", \"setsid sh -c 'echo $$ > {path}.new; mv {path}.new {path}; exec sleep 1000' >/dev/null 2>&1 </dev/null &\"])\
             .status().expect(\"a shell\");\
         while !std::path::Path::new({path:?}).exists() {{ std::thread::yield_now() }}\n{then}",
        path = path.display()
    );
    book.listing(
        "starts",
        &listing(&start.replace(
            &format!("{:?}", path.display()),
            &format!("{:?}", path.to_string_lossy()),
        )),
    )
    .chapter("one.md", "# One\n\n<!-- cmdrun -0 capture run starts -->\n")
}

fn grandchild(book: &Book) -> u32 {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Ok(pid) = book.read("grandchild").trim().parse() {
            return pid;
        }
        assert!(Instant::now() < deadline, "no grandchild was started");
        thread::sleep(Duration::from_millis(5));
    }
}

fn gone(pid: u32) -> bool {
    let deadline = Instant::now() + Duration::from_secs(10);
    while exists(pid) && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(5));
    }
    !exists(pid)
}

#[test]
fn a_listing_that_leaves_a_process_fails_the_build() {
    let book = with_grandchild("leaves-a-process", "checkpoint(\"started\");");
    let printed = book.build().failed().printed;
    let pid = grandchild(&book);
    // Before its exec, the grandchild is still a shell.
    let left = |name: &str| {
        printed.contains(&format!(
            "src/one.md:3: the listing `starts` left `{name}` (process {pid}) running when it ended"
        ))
    };
    assert!(left("sleep") || left("sh"), "{printed}");
    assert!(gone(pid));
    assert_eq!(children_left(), [""; 0]);
}

#[test]
fn a_killed_builder_leaves_nothing() {
    let hang = "std::thread::sleep(std::time::Duration::from_secs(1000));";
    for (signal, name) in [
        (Signal::KILL, "kill"),
        (Signal::INT, "int"),
        (Signal::TERM, "term"),
    ] {
        let book = with_grandchild(&format!("killed-builder-{name}"), hang);
        book.has_an_old_book();
        let build = book.start("xtask", &["build"]);
        let pid = grandchild(&book);
        assert!(exists(pid));
        end_by(build.pid(), signal);
        build.wait();
        assert!(gone(pid), "the grandchild survived SIG{name}");
        assert_eq!(children_left(), [""; 0], "after SIG{name}");
        assert_eq!(book.left_beside(), [""; 0], "after SIG{name}");
        assert!(book.kept_the_old_book());
    }
}

/// A command of a chapter that is not `capture` is kept as well.
#[test]
fn a_killed_builder_leaves_no_command() {
    let book = Book::named("killed-command");
    let path = book.path("grandchild");
    let _ = fs::remove_file(&path);
    let book = book.chapter(
        "one.md",
        &format!(
            "# One\n\n<!-- cmdrun -0 setsid sh -c 'echo $$ > {0}.new; mv {0}.new {0}; exec sleep 1000' -->\n",
            path.display()
        ),
    );
    let build = book.start("gate", &["supports", "html"]).wait();
    assert!(build.status.success());
    let build = book.start("xtask", &["build"]);
    let pid = grandchild(&book);
    end_by(build.pid(), Signal::KILL);
    build.wait();
    assert!(gone(pid));
    assert_eq!(children_left(), [""; 0]);
}

/// By hand, too: Ctrl-C is for the whole group of the terminal, as timeout(1)
/// and a closed window have it for the command alone.
#[test]
fn a_killed_capture_leaves_nothing() {
    let hang = "std::thread::sleep(std::time::Duration::from_secs(1000));";
    for (signal, name, whole_group) in [
        (Signal::INT, "int", true),
        (Signal::TERM, "term", false),
        (Signal::HUP, "hup", true),
        (Signal::KILL, "kill", false),
    ] {
        let book = with_grandchild(&format!("killed-capture-{name}"), hang).under(&["setsid"]);
        let temporary = book.path("temporary");
        let _ = fs::remove_dir_all(&temporary);
        fs::create_dir(&temporary).expect("a folder can be made");
        let book = book.with("TMPDIR", &temporary.to_string_lossy());
        let capture = book.start("capture", &["run", "starts"]);
        let pid = grandchild(&book);
        if whole_group {
            end_group_by(capture.pid(), signal);
        } else {
            end_by(capture.pid(), signal);
        }
        capture.wait();
        assert!(gone(pid), "the grandchild survived SIG{name}");
        assert_eq!(children_left(), [""; 0], "after SIG{name}");
        let left = fs::read_dir(&temporary).expect("a folder").count();
        assert_eq!(left, 0, "folders of sessions after SIG{name}");
    }
}

/// The server is a builder as well.
#[test]
fn a_killed_server_leaves_nothing() {
    let hang = "std::thread::sleep(std::time::Duration::from_secs(1000));";
    for (signal, name) in [
        (Signal::KILL, "kill"),
        (Signal::INT, "int"),
        (Signal::TERM, "term"),
    ] {
        let book = with_grandchild(&format!("killed-server-{name}"), hang);
        book.has_an_old_book();
        let server = book.start("xtask", &["serve", "--port", "0"]);
        let pid = grandchild(&book);
        end_by(server.pid(), signal);
        server.wait();
        assert!(gone(pid), "the grandchild survived SIG{name}");
        assert_eq!(children_left(), [""; 0], "after SIG{name}");
        assert_eq!(book.left_beside(), [""; 0], "after SIG{name}");
        assert!(book.kept_the_old_book());
    }
}

/// A listing has a process group of its own, as a shell gives it one.
#[test]
fn a_listing_that_signals_its_group_ends_no_keeper() {
    let main = "unsafe extern \"C\" { fn kill(pid: i32, signal: i32) -> i32; }\
        unsafe { kill(0, 15) };";
    Book::named("signals-its-group")
        .listing("signals", &listing(main))
        .chapter(
            "one.md",
            "# One\n\n<!-- cmdrun -0 capture run signals -->\n",
        )
        .build()
        .failed()
        .with("src/one.md:3: the listing `signals` ended with signal SIGTERM instead of");
}

/// The keepers of a builder that waits for its listing, the busy one first.
fn keepers(of: &Running) -> Vec<u32> {
    let mut keepers: Vec<u32> = children(of.pid()).into_iter().map(|(pid, _)| pid).collect();
    keepers.sort_by_key(|keeper| children(*keeper).is_empty());
    assert!(
        children(keepers[0]).len() > 1,
        "a listing and its grandchild"
    );
    keepers
}

/// A book whose listing hangs with its grandchild, and another that runs after it;
/// its temporary folders are in a folder of its own.
fn with_a_second(name: &str) -> (Book, PathBuf) {
    let hang = "std::thread::sleep(std::time::Duration::from_secs(1000));";
    let book = with_grandchild(name, hang)
        .session("starts", "seconds = 60\n")
        .listing("second", &listing("println!(\"here\");"))
        .session("second", "alone = true\n")
        .chapter("two.md", "# Two\n\n<!-- cmdrun -0 capture run second -->\n");
    let temporary = book.path("temporary");
    let _ = fs::remove_dir_all(&temporary);
    fs::create_dir(&temporary).expect("a folder can be made");
    let book = book.with("TMPDIR", &temporary.to_string_lossy());
    (book, temporary)
}

fn folders(within: &Path) -> Vec<String> {
    let entries = fs::read_dir(within).expect("a folder").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.collect()
}

/// As in a container that was begun from outside, where the session's own id is 0.
#[test]
fn a_killed_keeper_leaves_nothing_in_a_process_namespace() {
    let inside = |program: &Path, words: &[&str]| {
        let mut unshare = Command::new("unshare");
        unshare.args("--user --map-root-user --pid --fork --kill-child --mount-proc".split(' '));
        unshare.arg(program).args(words);
        Running::start(unshare).wait()
    };
    if !inside(Path::new("true"), &[]).status.success() {
        eprintln!("nobody may make a namespace here");
        return;
    }
    let tests = env::current_exe().expect("a test has a program");
    let test = "processes::a_killed_keeper_leaves_nothing";
    inside(&tests, &[test, "--exact"])
        .succeeded()
        .with("1 passed");
}

#[test]
fn a_killed_keeper_leaves_nothing() {
    // The test above is at work at the same time.
    let place = match std::process::id() {
        1 => "namespace-",
        _ => "",
    };
    for whom in ["busy", "all"] {
        let (book, temporary) = with_a_second(&format!("killed-keeper-{place}{whom}"));
        book.has_an_old_book();
        let build = book.start("xtask", &["build"]);
        let pid = grandchild(&book);
        assert_eq!(folders(&temporary), ["session-starts"]);
        let mut keepers = keepers(&build);
        keepers.truncate(if whom == "busy" { 1 } else { keepers.len() });
        for keeper in keepers {
            end_by(keeper, Signal::KILL);
        }
        let finished = build.wait();
        assert!(!exists(pid), "the grandchild survived: {whom}");
        assert_eq!(folders(&temporary), [""; 0], "{whom}");
        assert_eq!(children_left(), [""; 0], "{whom}");
        assert_eq!(book.left_beside(), [""; 0], "{whom}");
        let printed = finished.failed().printed;
        assert!(
            printed.contains(
                "src/one.md:3: the listing `starts` did not end by itself: its keeper was killed"
            ),
            "{printed}"
        );
        // The other listing had a keeper again.
        assert!(!printed.contains("`second`"), "{printed}");
        assert!(book.kept_the_old_book());
    }
}

/// Nobody is left to remove a folder then, so the next builder does it.
#[test]
fn what_a_builder_left_that_was_killed_with_its_keepers_is_swept() {
    let (book, temporary) = with_a_second("killed-together");
    let build = book.start("xtask", &["build"]);
    let pid = grandchild(&book);
    let all = [&keepers(&build)[..], &[build.pid()]].concat();
    // All at the same moment.
    for signal in [Signal::STOP, Signal::KILL] {
        all.iter().for_each(|pid| end_by(*pid, signal));
    }
    build.wait();
    // What ran away from the listing is in nobody's reach.
    end_by(pid, Signal::KILL);
    assert_eq!(children_left(), [""; 0]);
    assert_eq!(folders(&temporary), ["session-starts"]);
    assert_ne!(book.left_beside(), [""; 0]);
    book.write("src/one.md", "# One\n");
    book.build().succeeded();
    assert_eq!(folders(&temporary), [""; 0]);
    assert_eq!(book.left_beside(), [""; 0]);
}
