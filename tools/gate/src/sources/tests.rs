use super::*;

fn book(summary: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    for (file, text) in [
        ("SUMMARY.md", summary),
        ("one.md", ""),
        ("part/two words.md", ""),
        ("part/lazy-allocation.md", ""),
    ] {
        let path = root.path().join("src").join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
    root
}

#[test]
fn a_chapter_without_its_file_is_told_with_its_line_and_a_near_name() {
    let right =
        "# Summary\n\n[One](one.md)\n\n# Part\n\n- [Draft]()\n  - [Two](<part/two words.md>)\n";
    for (line, meant) in [
        (
            "- [x](part/lazy-alocation.md)",
            "; did you mean `part/lazy-allocation.md`?",
        ),
        (
            "- [x](lazy-allocation.md)",
            "; did you mean `part/lazy-allocation.md`?",
        ),
        (
            "  - [x](part/Lazy-Allocation.md)",
            "; did you mean `part/lazy-allocation.md`?",
        ),
        (
            "- [x](part/lazy-allocation)",
            "; did you mean `part/lazy-allocation.md`?",
        ),
        (
            "- [x](https://example.org/)",
            "; write it, or correct the path",
        ),
        ("- [x](listings)", "; write it, or correct the path"),
        (
            "\n---\n\n[x](nothing-of-the-kind.md)",
            "; write it, or correct the path",
        ),
    ] {
        let summary = format!("{right}{line}\n");
        let root = book(&summary);
        let told = check_summary(root.path(), Path::new("src"))
            .expect_err(line)
            .to_string();
        let at = summary.trim_end().lines().count();
        assert!(
            told.starts_with(&format!("src/SUMMARY.md:{at}: there is no chapter `")),
            "{told}"
        );
        assert!(told.contains(meant), "{told}");
    }
    let root = book(&right.replace("two words", "two%20words"));
    assert_eq!(check_summary(root.path(), Path::new("src")), Ok(()));
}

#[test]
fn the_first_chapter_stands_at_the_top() {
    let root = book("# Summary\n\n- [x](part/one.md)\n");
    let first = |chapters: &[&str]| {
        let chapters: Vec<_> = chapters
            .iter()
            .map(|path| Path::new("src").join(path))
            .collect();
        first(root.path(), Path::new("src"), &chapters)
    };
    for right in [
        &[][..],
        &["one.md", "part/two.md"],
        &["part/one.md", "index.md"],
        &["part/one.md", "README.md"],
    ] {
        assert_eq!(first(right), None, "{right:?}");
    }
    for wrong in [
        &["part/one.md"][..],
        &["part/index.md", "part/README.md", "two.md"],
        &["a/b/one.md", "one.md"],
    ] {
        let told = first(wrong).expect("a failure");
        assert_eq!(told.line, 3);
        assert!(told.message.contains(wrong[0]), "{}", told.message);
    }
}

#[test]
fn what_editors_leave_is_no_source() {
    for name in [
        ".#one.md",
        "#one.md#",
        "one.md~",
        ".one.md.swp",
        ".one.md.swx",
        "4913",
        ".DS_Store",
        "one.md___jb_tmp___",
        ".one.md.kate-swp",
        ".goutputstream-X1Y2Z3",
        ".~lock.one.odt#",
        "one.md.bak",
        "Thumbs.db",
        ".nfs000000000123",
    ] {
        assert!(
            is_leaving(name.as_ref()) && !is_secret(name.as_ref()),
            "{name}"
        );
    }
    for name in [".env", ".git", ".ssh", ".netrc", ".sw"] {
        assert!(
            is_leaving(name.as_ref()) && is_secret(name.as_ref()),
            "{name}"
        );
    }
    for name in [
        "one.md",
        "#1.md",
        "swp",
        "figure.swf",
        "tmp",
        "env",
        "4913.md",
        ".well-known",
    ] {
        assert!(
            !is_leaving(name.as_ref()) && !is_secret(name.as_ref()),
            "{name}"
        );
    }
}

#[test]
fn what_is_hidden_and_no_editors_is_told_wherever_it_lies() {
    let root = tempfile::tempdir().expect("a folder");
    for file in [
        ".env",
        ".git/config",
        "part/.netrc",
        "old.bak/.env",
        ".x.swp",
        "one.md",
        "part/.hidden.md",
    ] {
        let path = root.path().join("src").join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, "").expect("written");
    }
    let config = mdbook_core::config::Config::default();
    let context = PreprocessorContext::new(root.path().to_owned(), config, "html".to_owned());
    let told = format!("{:?}", refuse_secrets(&context));
    for file in [
        ".env",
        ".git",
        "part/.netrc",
        "old.bak/.env",
        "part/.hidden.md",
    ] {
        assert!(told.contains(&format!("\"src/{file}\"")), "{file}: {told}");
    }
    assert!(!told.contains("config\"") && !told.contains(".swp") && !told.contains("one.md\""));
    let strays = strays(root.path(), Path::new("src"), &[]);
    let strays: Vec<_> = strays.iter().map(|each| each.place()).collect();
    assert_eq!(strays, ["src/one.md"]);
}
