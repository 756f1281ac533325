use super::*;

fn site(files: &[&str]) -> Site {
    let folders = files.iter().flat_map(|file| {
        let parents = Path::new(file).ancestors().skip(1);
        parents.map(|parent| parent.to_string_lossy().into_owned())
    });
    Site {
        folders: folders.collect(),
        files: files.iter().map(ToString::to_string).collect(),
        pages: BTreeMap::new(),
    }
}

fn file(name: &str) -> Place {
    Place::File(name.to_owned())
}

#[test]
fn paths_are_walked_from_the_folder() {
    let site = site(&["index.html", "a/x.html", "a/b/y.html", "c/index.html"]);
    for (folder, path, place) in [
        ("", "a/x.html", file("a/x.html")),
        ("a", "x.html", file("a/x.html")),
        ("a", "./b//y.html", file("a/b/y.html")),
        ("a/b", "../x.html", file("a/x.html")),
        ("a/b", "../..", file("index.html")),
        ("", ".", file("index.html")),
        ("", "c", file("c/index.html")),
        ("a", "../c/", file("c/index.html")),
        ("", "a/", Place::FolderWithoutIndex("a".into())),
        ("", "a/x.html/", Place::Missing("a/x.html".into())),
        ("", "A/x.html", Place::Missing("A/x.html".into())),
        ("a", "../../index.html", Place::Outside),
    ] {
        assert_eq!(site.place(folder, path), place, "{folder} {path}");
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
    let nearest = |target| site.nearest_file(target);
    assert_eq!(
        nearest("chapter.html"),
        "; did you mean `deep/down/there/chapter.html`?"
    );
    assert_eq!(nearest("chaptres.html"), "; did you mean `chapters.html`?");
    assert_eq!(nearest("something-else.png"), "");
}
