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

/// The values of a record that may differ from one run to the next, by names that
/// are the same in each: process ids, addresses, the day, the numbers of files,
/// and what was counted or measured.
fn differing(record: &serde_json::Value, prefix: &str, values: &mut BTreeMap<String, String>) {
    let mut put = |name: String, value: String| values.insert(format!("{prefix}{name}"), value);
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
            // How much of a program is resident depends on the page cache.
            for field in ["VmRSS:", "VmHWM:"] {
                let status = proc["status"].as_str().unwrap_or_default();
                let line = status.lines().find_map(|line| line.strip_prefix(field));
                put(
                    format!("{at} {name} {field}"),
                    line.unwrap_or_default().trim().to_owned(),
                );
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

/// For one of two builds: each value that the other has otherwise, as a pattern,
/// with the name that stands for it. What is the same must be the same.
fn substitutions(
    values: &BTreeMap<String, String>,
    other: &BTreeMap<String, String>,
) -> Vec<(Regex, String)> {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, value) in values {
        if !value.is_empty() && other.get(name) != Some(value) {
            names.entry(value).or_insert(name);
        }
    }
    let mut found: Vec<_> = names.into_iter().collect();
    // A longer one may hold a shorter one.
    found.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    let pattern = |name: &str, value: &str| {
        let words = regex::escape(value).replace(' ', r"(?: |\u{a0})");
        // A small number stands in many places that it does not mean.
        let pattern = match name.rsplit_once("value ") {
            Some((_, printed)) if value.len() < 8 => {
                format!(r#"(\b{printed} = |<span class="captured">){words}\b"#)
            }
            _ => format!(r"(\b|0x){words}\b"),
        };
        Regex::new(&pattern).expect("a pattern")
    };
    let named = |(value, name): (&str, &str)| (pattern(name, value), format!("[{name}]"));
    found.into_iter().map(named).collect()
}

/// Every file of a book, with what may differ replaced by its name. The hash in
/// a file's name is that of its content.
fn files(book: &Path, differing: &[(Regex, String)]) -> BTreeMap<PathBuf, Vec<u8>> {
    let hash = Regex::new(r"-[0-9a-f]{8}\.").expect("a pattern");
    // A distribution is a picture of times.
    let timed = Regex::new(r#"(?s)<figure class="drawing drawing-distribution".*?</figure>"#);
    let timed = timed.expect("a pattern");
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
                text = timed.replace_all(&text, "").into_owned();
                for (value, name) in differing {
                    text = value.replace_all(&text, regex::NoExpand(name)).into_owned();
                }
                if text.contains("cargo run -p shm-server") {
                    // Which client comes first is another matter in each run.
                    let mut lines: Vec<&str> = text.lines().collect();
                    lines.sort_unstable();
                    text = lines.join("\n");
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
        // The numbers in it are compared where they stand on the pages.
        let body: String = part("body")
            .chars()
            .filter(|c| !c.is_ascii_hexdigit())
            .collect();
        [part("title"), part("breadcrumbs"), body].join("\n")
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
    let values = |side: &Path| all_differing(&side.join("records"));
    let (our_values, plain_values) = (values(&ours), values(&plain));
    let ours = files(
        &ours.join("book"),
        &substitutions(&our_values, &plain_values),
    );
    let plain = files(
        &plain.join("book"),
        &substitutions(&plain_values, &our_values),
    );
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
