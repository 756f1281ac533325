//! A reader's own mdBook 0.5 gives the same pages.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use book_tests::{Book, MAPS_MEMORY, Running, listing, repository, tool};
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

/// What may differ between two builds, from the records of one: process ids,
/// addresses and the day, each with the name that stands for it.
fn differing(records: &Path) -> Vec<(Regex, String)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(records).expect("records") {
        let text = fs::read_to_string(entry.expect("a record").path()).expect("a record");
        let record: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let record = &record["Ok"];
        let listing = record["listing"].as_str().expect("a name");
        if let Some(pid) = record["pid"].as_u64() {
            found.insert(pid.to_string(), format!("PID-of-{listing}"));
        }
        let date = record["environment"]["date"].as_str().expect("a day");
        found.insert(date.to_owned(), "THE-DAY".to_owned());
        for checkpoint in record["checkpoints"].as_array().expect("checkpoints") {
            let maps = checkpoint["proc"]["maps"].as_str().expect("maps");
            for line in maps.lines().filter(|line| line.contains("/session-")) {
                let inode = line.split_ascii_whitespace().nth(4).expect("an inode");
                found.insert(inode.to_owned(), "INODE".to_owned());
            }
            let bounds = maps.lines().filter_map(|line| line.split(' ').next());
            for (number, bound) in bounds.flat_map(|range| range.split('-')).enumerate() {
                let name = format!("BOUND-{number}-of-{listing}-at-{}", checkpoint["name"]);
                found.entry(bound.to_owned()).or_insert(name);
            }
        }
    }
    let whole = |value: String| Regex::new(&format!(r"\b(0x)?{value}\b")).expect("a pattern");
    found
        .into_iter()
        .map(|(value, name)| (whole(value), name))
        .collect()
}

/// Every file of a book, with what may differ replaced by its name. The hash in
/// a file's name is that of its content.
fn files(book: &Path, differing: &[(Regex, String)]) -> BTreeMap<PathBuf, Vec<u8>> {
    let hash = Regex::new(r"-[0-9a-f]{8}\.").expect("a pattern");
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
            let mut content = fs::read(&path).expect("a file");
            if let Ok(text) = String::from_utf8(content.clone()) {
                let mut text = hash.replace_all(&text, "-HASH.").into_owned();
                if name.starts_with("searchindex") {
                    text = searched(&text);
                }
                for (value, name) in differing {
                    text = value.replace_all(&text, name).into_owned();
                }
                content = text.into_bytes();
            }
            files.insert(
                hash.replace_all(&name, "-HASH.").into_owned().into(),
                content,
            );
        }
    }
    files
}

/// What the search index is made of. The rest of it is a tree of the letters of
/// these words, in an order that differs from build to build.
fn searched(script: &str) -> String {
    let (_, json) = script
        .split_once("JSON.parse('")
        .expect("mdBook's search index");
    let (json, _) = json.rsplit_once("'))").expect("mdBook's search index");
    let json = json.replace(r"\\", r"\").replace(r"\'", "'");
    let index: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let docs = index["index"]["documentStore"]["docs"]
        .as_object()
        .expect("documents");
    let texts = docs.values().map(|doc| {
        let part = |name: &str| doc[name].as_str().unwrap_or_default().to_owned();
        [part("title"), part("breadcrumbs"), part("body")].join("\n")
    });
    format!(
        "{}\n{}",
        index["doc_urls"],
        texts.collect::<Vec<_>>().join("\n")
    )
}

#[test]
fn the_pages_are_the_same() {
    let folder = repository().join("target/tests/same-pages");
    let (ours, plain) = (folder.join("ours"), folder.join("plain"));
    build(&tool("xtask"), &["build"], &ours);
    build(&mdbook(), &["build"], &plain);
    let of = |side: &Path| files(&side.join("book"), &differing(&side.join("records")));
    let (ours, plain) = (of(&ours), of(&plain));
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&ours), names(&plain));
    for (name, content) in &ours {
        assert!(
            *content == plain[name],
            "{}:\n{}",
            name.display(),
            difference(content, &plain[name])
        );
    }
    assert!(ours.contains_key(Path::new("first-contact/anonymous-memory.html")));
}

/// The first line in which two files differ.
fn difference(ours: &[u8], plain: &[u8]) -> String {
    let (ours, plain) = (
        String::from_utf8_lossy(ours),
        String::from_utf8_lossy(plain),
    );
    let mut lines = ours.lines().zip(plain.lines());
    lines
        .find(|(a, b)| a != b)
        .map_or("one is longer".to_owned(), |(ours, plain)| {
            let at = ours
                .bytes()
                .zip(plain.bytes())
                .take_while(|(a, b)| a == b)
                .count();
            let part = |line: &str| {
                let bytes = &line.as_bytes()[at.saturating_sub(60)..(at + 60).min(line.len())];
                String::from_utf8_lossy(bytes).into_owned()
            };
            format!("ours:  {}\nplain: {}", part(ours), part(plain))
        })
}

fn mdbook() -> PathBuf {
    repository().join("target/tools/bin/mdbook")
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

/// Running a listing needs libc and nothing else.
#[test]
fn a_listing_needs_libc_and_nothing_else() {
    let mut cargo = Command::new("cargo");
    cargo
        .args([
            "tree",
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
