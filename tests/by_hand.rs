//! `capture` as a command says what it says in a build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use book_tests::{Running, repository, tool};
use clap::Parser as _;
use mdbook_cmdrun::CmdRun;
use regex::Regex;

/// Every directive of the book through mdbook-cmdrun, which starts the command,
/// and in this process, as the build does: of the same records, both say the same
/// bytes.
#[test]
fn every_directive_says_the_same_by_hand_and_in_the_build() {
    let records = records();
    let tools = tool("capture").parent().expect("a folder").to_owned();
    let directive = Regex::new(r"<!-- cmdrun -0 (capture .*?) -->").expect("a pattern");
    let mut count = 0;
    for chapter in chapters(&repository().join("src")) {
        let text = fs::read_to_string(&chapter).expect("a chapter");
        for found in directive.captures_iter(&text) {
            let words = shlex::split(&found[1]).expect("quotes are closed");
            let cli = reading::Cli::try_parse_from(words).expect("well formed");
            let read = session::Records::read(&records, &cli.verb.wants()).expect("recorded");
            let in_build = reading::answer(&cli.verb, &read);
            // mdbook-cmdrun makes several spaces of a command one; the build, too,
            // hands it scripts.
            let command = format!(
                "PATH='{}':$PATH CAPTURE_RECORDS='{}' {}",
                tools.display(),
                records.display(),
                &found[1]
            );
            let script = records.with_file_name("directive.sh");
            fs::write(&script, command).expect("written");
            let command = format!("-0 sh '{}'", script.display());
            let by_hand = CmdRun::run_cmdrun(command, "/", false).expect("run");
            let in_build = in_build.expect("answered").html;
            assert_eq!(by_hand, in_build, "{}: {}", chapter.display(), &found[1]);
            count += 1;
        }
    }
    assert!(count > 200, "{count} directives were found");
}

/// The records of one build of the book.
fn records() -> PathBuf {
    let folder = repository().join("target/tests/by-hand");
    let records = folder.join("records");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&records).expect("made");
    let mut build = Command::new(tool("xtask"));
    build
        .arg("build")
        .current_dir(repository())
        .env("MDBOOK_BUILD__BUILD_DIR", folder.join("book"))
        .env("CAPTURE_KEEP_RECORDS", &records);
    Running::start(build).wait().succeeded();
    records
}

/// The chapters below a folder. The listings hold none.
fn chapters(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let kind = entry.file_type().expect("a kind");
        if kind.is_dir() {
            found.extend(chapters(&entry.path()));
        } else if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "md")
        {
            found.push(entry.path());
        }
    }
    found
}
