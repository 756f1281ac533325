use super::*;

fn site(files: &[&str]) -> Site {
    let folders = files.iter().flat_map(|file| {
        let parents = Path::new(file).ancestors().skip(1);
        parents.map(|parent| parent.to_string_lossy().into_owned())
    });
    Site {
        folders: folders.collect(),
        files: files.iter().map(ToString::to_string).collect(),
        pages: Known::new(),
    }
}

#[test]
fn paths_are_walked_from_the_folder() {
    let site = site(&["index.html", "a/x.html", "a/b/y.html", "c/index.html"]);
    for (folder, path, place) in [
        ("", "a/x.html", Ok("a/x.html")),
        ("a", "x.html", Ok("a/x.html")),
        ("a", "./b//y.html", Ok("a/b/y.html")),
        ("a/b", "../x.html", Ok("a/x.html")),
        ("a/b", "../..", Ok("index.html")),
        ("", ".", Ok("index.html")),
        ("", "c", Ok("c/index.html")),
        ("a", "../c/", Ok("c/index.html")),
        ("", "a/", Err("leads to the folder \"a\"")),
        ("", "a/x.html/", Err("leads to \"a/x.html\"")),
        ("", "A/x.html", Err("leads to \"A/x.html\"")),
        ("a", "../../index.html", Err("leads out of the book")),
    ] {
        match (site.file(folder, path), place) {
            (Ok(file), place) => assert_eq!(Ok(&*file), place, "{folder} {path}"),
            (Err(told), Err(why)) => assert!(told.starts_with(why), "{told}"),
            (Err(told), Ok(_)) => panic!("{folder} {path}: {told}"),
        }
    }
}

#[test]
fn a_base_moves_the_start() {
    for (base, folder) in [
        (None, "a/b"),
        (Some(""), "a/b"),
        (Some("/"), ""),
        (Some("/book/"), ""),
        (Some("https://example.org/book/"), ""),
        (Some("../"), "a/b/.."),
    ] {
        let base = base.map(str::to_owned);
        let page = Page {
            base,
            ..Page::default()
        };
        assert_eq!(folder_of_links("a/b/x.html", &page), folder);
    }
}

#[test]
fn the_nearest_file_has_the_same_name_or_a_similar_one() {
    let site = site(&["deep/down/there/chapter.html", "chapters.html", "x.html"]);
    let nearest = |target| site.nearest_file(target).unwrap_or_default();
    assert_eq!(
        nearest("chapter.html"),
        "; did you mean `deep/down/there/chapter.html`?"
    );
    assert_eq!(nearest("chaptres.html"), "; did you mean `chapters.html`?");
    assert_eq!(nearest("something-else.png"), "");
}
