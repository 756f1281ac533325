//! A reader's own mdBook 0.5 gives the same pages.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use book_tests::{Book, MAPS_MEMORY, Running, listing, mdbook, repository, tool};
use regex::Regex;

/// Builds the book of this repository into a folder, with its records beside.
/// Without address randomisation, so that only what must differ differs.
fn build(program: &Path, words: &[&str], out: &Path) {
    let _ = fs::remove_dir_all(out);
    let records = out.join("records");
    fs::create_dir_all(&records).expect("made");
    let mut command = Command::new("setarch");
    command.arg("--addr-no-randomize").arg(program).args(words);
    command
        .current_dir(repository())
        .env("MDBOOK_BUILD__BUILD_DIR", out.join("book"))
        .env("CAPTURE_KEEP_RECORDS", &records);
    Running::start(command).wait().succeeded();
}

/// The values of a record that may differ from one run to the next, by names that
/// are the same in each: process ids, addresses, the day, the numbers of files,
/// and what the listing printed.
fn differing(record: &serde_json::Value, prefix: &str, values: &mut BTreeMap<String, String>) {
    let mut put = |name: String, value: String| {
        // Padding is no part of a value.
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        values.insert(format!("{prefix}{name}"), value)
    };
    put("pid".to_owned(), record["pid"].to_string());
    for (name, value) in record["values"].as_object().into_iter().flatten() {
        put(
            format!("value {name}"),
            value.as_str().unwrap_or_default().to_owned(),
        );
    }
    for (at, checkpoint) in record["checkpoints"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        for (name, address) in checkpoint["addresses"].as_object().into_iter().flatten() {
            put(
                format!("{at} at {name}"),
                format!("{:x}", address.as_u64().unwrap_or_default()),
            );
        }
        for (name, value) in checkpoint["values"].as_object().into_iter().flatten() {
            put(
                format!("{at} value {name}"),
                value.as_str().unwrap_or_default().to_owned(),
            );
        }
        let others = checkpoint["processes"].as_object().into_iter().flatten();
        let files =
            others.map(|(name, process)| (name.as_str(), &process["pid"], &process["proc"]));
        for (name, pid, proc) in files.chain([("self", &record["pid"], &checkpoint["proc"])]) {
            put(format!("{at} {name} pid"), pid.to_string());
            for (line, text) in proc["maps"]
                .as_str()
                .unwrap_or_default()
                .lines()
                .enumerate()
            {
                let words: Vec<&str> = text.split_ascii_whitespace().collect();
                let (start, end) = words[0].split_once('-').expect("a range");
                put(format!("{at} {name} {line} start"), start.to_owned());
                put(format!("{at} {name} {line} end"), end.to_owned());
                put(format!("{at} {name} {line} inode"), words[4].to_owned());
            }
            // How much of a file is resident depends on the page cache, and how much
            // of the stack on what stands at its top.
            let smaps = proc["smaps"].as_str().unwrap_or_default();
            let mut of_file = false;
            for (line, text) in smaps.lines().enumerate() {
                if !text.starts_with(char::is_uppercase) {
                    of_file = text.contains(['/', '[']) && !text.contains("/memfd:");
                } else if of_file {
                    put(format!("{at} {name} {line} smaps"), text.to_owned());
                }
            }
        }
    }
    for (name, companion) in record["companions"].as_object().into_iter().flatten() {
        differing(companion, &format!("{prefix}{name} "), values);
    }
}

/// Those of a whole build.
fn all_differing(records: &Path) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for entry in fs::read_dir(records).expect("records") {
        let text = fs::read_to_string(entry.expect("a record").path()).expect("a record");
        let record: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let Some(record) = record.get("Ok") else {
            continue;
        };
        let date = record["environment"]["date"].as_str().expect("a day");
        values.insert("day".to_owned(), date.to_owned());
        let listing = record["listing"].as_str().expect("a name");
        differing(record, &format!("{listing} "), &mut values);
    }
    values
}

/// The pairs of words that may stand for each other on the pages of two builds:
/// those of values that the two records have otherwise.
fn exchangeable(records: &[BTreeMap<String, String>; 2]) -> BTreeSet<(String, String)> {
    let [ours, plain] = records;
    let mut pairs = BTreeSet::new();
    for (name, value) in ours {
        let other = plain.get(name).filter(|other| *other != value);
        let other = words(other.map_or("", String::as_str));
        for (a, b) in words(value).zip(other).filter(|(a, b)| a != b) {
            pairs.insert((a.to_owned(), b.to_owned()));
        }
    }
    pairs
}

/// A text as words and the signs between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"0x|\w+|\W").expect("a pattern"));
    WORD.find_iter(text).map(|found| found.as_str())
}

/// The text of every file of a book, as far as it can be the same in two builds.
/// The hash in a file's name is that of its content.
fn files(book: &Path) -> BTreeMap<PathBuf, String> {
    let pattern = |text: &str| Regex::new(text).expect("a pattern");
    let hash = pattern(r"-[0-9a-f]{8}\.");
    // So is the name of a pattern of a drawing.
    let drawing = pattern(r"draw-[0-9a-f]{8}\b");
    // Where another build runs a session of the same listing at that time.
    let folder_name = pattern(r"(/session-[a-z0-9-]+)\.[A-Za-z0-9]{6}/");
    let spaces = pattern(" +");
    // Which rows a cell of the page grid belongs to follows from them, too.
    let marked = pattern(r#"<(td) class="changed"><mark>|<(tr) data-cells="[^"]*">"#);
    let left_out = [
        // A distribution is a picture of times.
        pattern(r#"(?s)<figure class="drawing drawing-distribution".*?</figure>"#),
        // Rust's message names the thread by its id, which no record has.
        pattern(r"\(\d+\) has overflowed its stack"),
        // How much of a program is resident depends on the page cache.
        pattern(r#"(?s)<svg role="img"[^>]*><title>Pages of (text|table) at .*?</svg>"#),
        pattern(r"\d+ of \d+ pages present"),
        pattern(r"<code>VmRSS</code></th>(<td.*?</td>\s*)+|VmRSS:\s+\d+ kB"),
    ];
    let mut files = BTreeMap::new();
    let mut folders = vec![book.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path
                .strip_prefix(book)
                .expect("below")
                .to_string_lossy()
                .into_owned();
            let bytes = fs::read(&path).expect("a file");
            let mut text = String::from_utf8(bytes).unwrap_or_else(|error| {
                // A picture is compared by its bytes all the same.
                error
                    .as_bytes()
                    .iter()
                    .map(|byte| char::from(*byte))
                    .collect()
            });
            text = hash.replace_all(&text, "-HASH.").into_owned();
            text = drawing.replace_all(&text, "draw-HASH").into_owned();
            text = folder_name.replace_all(&text, "$1/").into_owned();
            // The kernel pads its columns: a longer number leaves fewer spaces.
            text = spaces.replace_all(&text, " ").into_owned();
            // What is marked as changed follows from the values.
            text = marked.replace_all(&text, "<$1$2>").into_owned();
            text = text.replace("</mark></td>", "</td>");
            for pattern in &left_out {
                text = pattern.replace_all(&text, "").into_owned();
            }
            // What the search reads is compared where it stands, on the pages.
            if name.contains("/texts-") {
                text = String::new();
            }
            files.insert(hash.replace_all(&name, "-HASH.").into_owned().into(), text);
        }
    }
    files
}

/// What depends on the page cache of this moment differs now and then; a
/// difference between the two ways of building is there each time.
#[test]
fn the_pages_are_the_same() {
    let found: Vec<String> = (0..3).map_while(|_| pages_differ()).collect();
    assert!(found.len() < 3, "{}", found.join("\n\n"));
}

fn pages_differ() -> Option<String> {
    let folder = repository().join("target/tests/same-pages");
    let (ours, plain) = (folder.join("ours"), folder.join("plain"));
    build(&tool("xtask"), &["build"], &ours);
    build(&mdbook(), &["build"], &plain);
    let records = [&ours, &plain].map(|side| all_differing(&side.join("records")));
    let pairs = exchangeable(&records);
    let (ours, plain) = (files(&ours.join("book")), files(&plain.join("book")));
    assert!(ours.contains_key(Path::new("first-contact/anonymous-memory.html")));
    assert_eq!(
        ours.keys().collect::<Vec<_>>(),
        plain.keys().collect::<Vec<_>>()
    );
    // The page to print repeats the others.
    for (name, text) in ours
        .iter()
        .filter(|(name, _)| name.as_path() != Path::new("print.html"))
    {
        if let Some(difference) = difference(text, &plain[name], &pairs) {
            return Some(format!("{}: {difference}", name.display()));
        }
    }
    None
}

/// The first place at which two texts differ in more than such pairs.
fn difference(ours: &str, plain: &str, pairs: &BTreeSet<(String, String)>) -> Option<String> {
    if ours.contains("cargo run -p shm-server") {
        return other_order(ours, plain);
    }
    let mut before = String::new();
    let (mut ours, mut plain) = (words(ours), words(plain));
    loop {
        let (a, b) = match (ours.next(), plain.next()) {
            (None, None) => return None,
            (a, b) => (a.unwrap_or_default(), b.unwrap_or_default()),
        };
        if a != b && !pairs.contains(&(a.to_owned(), b.to_owned())) {
            let tail: String = before.chars().rev().take(80).collect();
            let tail: String = tail.chars().rev().collect();
            return Some(format!("ours has `{a}`, plain `{b}`, behind\n{tail}"));
        }
        before.push_str(a);
    }
}

/// Which of several clients comes first, and how much gets lost without a lock, is
/// another matter in each run: there, the lines are compared in whatever order,
/// without their numbers.
fn other_order(ours: &str, plain: &str) -> Option<String> {
    let sorted = |text: &str| {
        let number = |word: &str| word.chars().all(|c| c.is_ascii_hexdigit());
        let known = |line: &str| -> String {
            let words = words(line).map(|word| if number(word) { "?" } else { word });
            words.collect()
        };
        let mut lines: Vec<String> = text.lines().map(known).collect();
        lines.sort_unstable();
        lines
    };
    let both = sorted(ours).into_iter().zip(sorted(plain));
    let mut both = both.filter(|(a, b)| a != b);
    both.next()
        .map(|(a, b)| format!("ours has the line\n{a}\nplain\n{b}"))
}

/// mdBook takes tools that do not compile for tools that do not support html,
/// unless book.toml names the renderers.
#[test]
fn tools_that_do_not_compile_fail_the_build() {
    let ours = fs::read_to_string(repository().join("book.toml")).expect("book.toml");
    let command = Regex::new("(?m)^command = .*$").expect("a pattern");
    let broken = "command = \"cargo run --manifest-path broken/Cargo.toml\"";
    let book = Book::named("broken-tools")
        .chapter("one.md", "# One\n\n<!-- cmdrun -0 echo 1 -->\n")
        .file(
            "broken/Cargo.toml",
            "[package]\nname = \"broken\"\nedition = \"2024\"\n[workspace]\n",
        )
        .file("broken/src/main.rs", "fn main() { this is no Rust }\n")
        .file("theme/captures.css", "")
        .file("book.toml", &command.replace(&ours, broken));
    book.has_an_old_book();
    book.build_with_mdbook()
        .failed()
        .with("could not compile `broken`");
    assert!(book.kept_the_old_book());
}

#[test]
fn an_older_mdbook_is_told_what_is_needed() {
    let input =
        r#"[{"root":"/","config":{},"renderer":"html","mdbook_version":"0.4.52"},{"sections":[]}]"#;
    let book = Book::named("older-mdbook").file("input.json", input);
    let shell = format!("{} < input.json", tool("cmdrun").display());
    book.start_program(Path::new("sh"), &["-c", &shell]).wait().failed().with(
        "this book needs mdBook 0.5, and this is mdBook 0.4.52: install it with `cargo install --locked mdbook@0.5.4`, or run `cargo xtask serve`",
    );
}

/// `capture` by hand, through mdbook-cmdrun as it is, writes what the build
/// writes for every directive of this book.
#[test]
fn by_hand_and_in_the_build_a_directive_says_the_same() {
    use clap::Parser as _;
    let folder = repository().join("target/tests/by-hand");
    build(&tool("xtask"), &["build"], &folder);
    let records = folder.join("records");
    let directive = Regex::new(r"<!-- cmdrun -0 (capture .*?) -->").expect("a pattern");
    let tools = tool("capture").parent().expect("a folder").to_owned();
    let mut count = 0;
    for chapter in ["before-you-start", "anonymous-memory"] {
        let text = fs::read_to_string(repository().join(format!("src/first-contact/{chapter}.md")));
        for found in directive.captures_iter(&text.expect("a chapter")) {
            let words = shlex::split(&found[1]).expect("quotes are closed");
            let verb = capture::Cli::try_parse_from(words)
                .expect("well formed")
                .verb;
            let read = capture::Records::read(&records, &verb.wants()).expect("recorded");
            let in_build = capture::answer(&verb, &read, capture::Format::Html).expect("answered");
            let command = format!(
                "-0 PATH='{}':$PATH CAPTURE_RECORDS='{}' {}",
                tools.display(),
                records.display(),
                &found[1]
            );
            let by_hand = mdbook_cmdrun::CmdRun::run_cmdrun(command, "/", false).expect("run");
            assert_eq!(by_hand, in_build, "{}", &found[1]);
            count += 1;
        }
    }
    assert!(count > 20, "{count} directives were found");
}

/// A longer line is cut off on a page.
#[test]
fn the_lines_of_a_listing_fit_a_page() {
    let listings = capture::Listings::of(&repository()).expect("listings");
    for listing in listings.iter() {
        let text = fs::read_to_string(listing.folder.join("src/main.rs")).expect("a program");
        for (number, line) in text.lines().enumerate() {
            let columns = line.chars().count();
            assert!(
                columns <= 76,
                "{}:{}: {columns} columns",
                listing.name,
                number + 1
            );
        }
    }
}

/// Running a listing needs libc and nothing else.
#[test]
fn a_listing_needs_libc_and_nothing_else() {
    let mut cargo = Command::new("cargo");
    cargo
        .args([
            "tree",
            "--quiet",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "-p",
            "mmap-anon-interactive",
        ])
        .current_dir(repository());
    let printed = Running::start(cargo).wait().succeeded().printed;
    let names: Vec<&str> = printed
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(names, ["mmap-anon-interactive", "libc"], "{printed}");
}

#[test]
fn a_plain_build_runs_the_gate() {
    let book = Book::named("plain-gate")
        .listing("maps", &listing(MAPS_MEMORY))
        .chapter(
            "one.md",
            "# One\n\n<!-- cmdrun -0 capture run maps --expect 'Rss@touched == 9 pages' -->\n",
        );
    book.has_an_old_book();
    book.build_with_mdbook()
        .failed()
        .with("src/one.md:3: the claim `Rss@touched == 9 pages` does not hold");
    assert!(book.kept_the_old_book());
}
