//! Books of any number of chapters, for the growth.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::Context;

/// The program of each chapter: that of a new listing.
const PROGRAM: &str = include_str!("../new/main.rs.in");

/// Writes a book of that many chapters. Each has three captures, of a listing of
/// its own, so that each causes a session. `room` gives the theme and the
/// settings.
pub fn write(folder: &Path, room: &Path, chapters: usize) -> anyhow::Result<()> {
    let mut summary = String::from("# Summary\n\n");
    for number in 1..=chapters {
        let name = format!("listing-{number}");
        let listing = format!("listings/generated/{name}");
        put(
            &folder.join(&listing).join("Cargo.toml"),
            &format!(
                "[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies]\nlibc.workspace = true\n"
            ),
        )?;
        let program = PROGRAM.replace("LISTING", &name);
        put(&folder.join(&listing).join("src/main.rs"), &program)?;
        put(
            &folder.join(format!("src/chapter-{number}.md")),
            &chapter(number, &name),
        )?;
        writeln!(summary, "- [Chapter {number}](chapter-{number}.md)")?;
    }
    put(&folder.join("src/SUMMARY.md"), &summary)?;
    put(
        &folder.join("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"listings/*/*\"]\n[workspace.dependencies]\nlibc = \"0.2.186\"\n",
    )?;
    for file in ["book.toml", "Cargo.lock"] {
        let text = fs::read_to_string(room.join(file)).with_context(|| format!("no {file}"))?;
        put(&folder.join(file), &text)?;
    }
    // As in our book: so mdBook copies the sources, to be downloaded.
    let linked = folder.join("src/listings");
    if !linked.exists() {
        symlink("../listings", linked)?;
    }
    crate::copy::copy(&room.join("theme"), &folder.join("theme"))
}

/// About as much prose as a page of the book has between its captures.
fn chapter(number: usize, listing: &str) -> String {
    let prose = "The kernel allocates a page when a program first writes to it.\n".repeat(20);
    format!(
        "# Chapter {number}\n\nWhat does the kernel count?\n\n\
         ```rust\n{{{{#include ../listings/generated/{listing}/src/main.rs}}}}\n```\n\n\
         1. The mapping is one page long.\n2. This write is the only access.\n\n\
         <!-- cmdrun -0 capture run {listing} -->\n\n{prose}\n\
         <!-- cmdrun -0 capture show {listing} --at touched --expect 'Rss == 1 page' -- 'sed -n \"/^$memory-/,/^VmFlags/p\" /proc/$PID/smaps' -->\n\n\
         {prose}\n\
         Before the write, `Rss` was <!-- cmdrun -0 capture value {listing} Rss --at mapped -->.\n"
    )
}

/// Writes a file, unless it has that text: nothing is compiled twice.
fn put(path: &Path, text: &str) -> anyhow::Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let write = || {
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        fs::write(path, text)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_chapter_has_a_listing_of_its_own_and_three_captures() {
        let folder = tempfile::tempdir().expect("a folder");
        let room = folder.path().join("room");
        for file in ["book.toml", "Cargo.lock", "theme/index.hbs"] {
            put(&room.join(file), "").expect("written");
        }
        let book = folder.path().join("book");
        write(&book, &room, 3).expect("written");
        for number in 1..=3 {
            let text = fs::read_to_string(book.join(format!("src/chapter-{number}.md")));
            let text = text.expect("a chapter");
            assert_eq!(text.matches("<!-- cmdrun -0 capture").count(), 3);
            let own = format!("listing-{number}");
            assert_eq!(text.matches(&own).count(), text.matches("listing-").count());
            assert!(
                book.join("listings/generated")
                    .join(&own)
                    .join("src/main.rs")
                    .exists()
            );
        }
    }
}
