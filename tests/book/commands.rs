//! What building a book runs can be read before.

use book_tests::{Book, MAPS_MEMORY, listing};

#[test]
fn what_a_build_runs_is_listed_and_not_run() {
    let book = Book::named("commands");
    let trace = book.path("trace");
    let _ = std::fs::remove_file(&trace);
    let leaves = |what: &str| format!("touch {}", trace.display()) + what;
    let book = book
        .listing("maps", &listing(MAPS_MEMORY))
        .listing("unused", &listing(MAPS_MEMORY))
        .session(
            "maps",
            &format!(
                "arguments = [\"a b\"]\nneeds = {{ kernel = \"6.7\", other = [\"swap\"] }}\n\
                 commands.touched = [\n  \"true\",\n  \"{}\",\n]\n",
                leaves(" session")
            ),
        )
        .chapter(
            "one.md",
            &format!(
                "# One\n\n<!-- cmdrun -0 {}\u{1b}[2K\u{202e} -->\n\n\
                 Rss is <!-- cmdrun -0 capture value maps Rss --at touched -->.\n\n\
                 <!-- cmdrun -0 capture show maps --at touched -- '{}' -->\n",
                leaves(" page"),
                leaves(" show")
            ),
        );
    let config = book.read("book.toml");
    book.write(
        "book.toml",
        &format!(
            "{config}\n[preprocessor.other]\ncommand = \"{}\"\n",
            leaves(" other")
        ),
    );
    let listed = book.start("xtask", &["commands"]).wait().succeeded();
    let waits = "  (while `maps` waits at `touched`)";
    for line in [
        "Cargo.toml:1: cargo build --bins ".to_owned(),
        format!("book.toml:14: {}\n", leaves(" other")),
        format!("src/one.md:3: {}\\u{{1b}}[2K\\u{{202e}}\n", leaves(" page")),
        format!("src/one.md:7: {}{waits}\n", leaves(" show")),
        "listings/fixtures/maps/src/main.rs:1: maps \"a b\"  (only where there is Linux 6.7, swap)\n".to_owned(),
        format!("listings/fixtures/maps/Cargo.toml:9: true{waits}\n"),
        format!("listings/fixtures/maps/Cargo.toml:10: {}{waits}\n", leaves(" session")),
    ] {
        assert!(listed.printed.contains(&line), "{line}\nis not in:\n{}", listed.printed);
    }
    assert!(!listed.printed.contains("unused"), "{}", listed.printed);
    assert!(!trace.exists() && !book.path("target").exists());
}
