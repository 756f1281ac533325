//! A reader's own mdBook 0.5 gives the same pages.

use std::fs;
use std::path::Path;
use std::process::Command;

use book_tests::{
    Book, MAPS_MEMORY, Running, assert_same_files, listing, mdbook, repository, tool,
};
use regex::Regex;

/// Builds the book of this repository into a folder.
fn build(program: &Path, out: &Path, (variable, records): (&str, &Path)) {
    let mut command = Command::new(program);
    command
        .arg("build")
        .current_dir(repository())
        .env("MDBOOK_BUILD__BUILD_DIR", out)
        .env(variable, records);
    Running::start(command).wait().succeeded();
}

/// Of the same records, both ways of building make the same bytes.
#[test]
fn the_pages_are_the_same() {
    let folder = repository().join("target/tests/same-pages");
    let [records, ours, plain] = ["records", "ours", "plain"].map(|name| folder.join(name));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&records).expect("made");
    build(&tool("xtask"), &ours, ("CAPTURE_KEEP_RECORDS", &records));
    build(&mdbook(), &plain, ("CAPTURE_RECORDS", &records));
    assert!(ours.join("first-contact/anonymous-memory.html").is_file());
    assert_same_files(&ours, &plain);
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
    let shell = format!("{} < input.json", tool("gate").display());
    book.start_program(Path::new("sh"), &["-c", &shell]).wait().failed().with(
        "this book needs mdBook 0.5, and this is mdBook 0.4.52: install it with `cargo install --locked mdbook@0.5.4`, or run `cargo xtask serve`",
    );
}

/// A longer line is cut off on a page.
#[test]
fn the_lines_of_a_listing_fit_a_page() {
    let listings = session::Listings::of(&repository()).expect("listings");
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
