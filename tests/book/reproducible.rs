//! Two reproducible builds make the same bytes.

use std::fs;
use std::process::Command;

use book_tests::{Book, Running, assert_same_files, listing, repository, tool};

#[test]
fn two_builds_of_this_book_are_equal() {
    let folder = repository().join("target/tests/reproducible");
    let _ = fs::remove_dir_all(&folder);
    let books = ["one", "other"].map(|name| folder.join(name));
    for book in &books {
        let mut command = Command::new(tool("xtask"));
        command
            .args(["build", "--reproducible"])
            .current_dir(repository())
            .env("MDBOOK_BUILD__BUILD_DIR", book);
        Running::start(command).wait().succeeded();
    }
    let [one, other] = books;
    assert!(one.join("first-contact/fork.html").is_file());
    assert_same_files(&one, &other);
}

/// What a claim is about is the record, and not what stands for it.
#[test]
fn claims_are_checked_on_the_record() {
    let book = Book::named("reproducible-claims")
        .listing("counts", &listing(r#"    println!("left = 40 pages");"#))
        .session("counts", "varies = [\"left\"]\n")
        .chapter(
            "one.md",
            "# One\n\n<!-- cmdrun -0 capture run counts --expect 'left@end == 40 pages' -->\n",
        );
    book.start("xtask", &["build", "--reproducible"])
        .wait()
        .succeeded();
    assert!(book.read("book/one.html").contains("left = 1 pages"));
}
