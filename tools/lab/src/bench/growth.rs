//! How the time of a build grows with the chapters, in books of generated ones.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use xtask::copy::{copy, settings};
use xtask::new::{MANIFEST, PROGRAM};
use xtask::say;

use super::{Place, ROUNDS, median, row};

/// The numbers of chapters.
const SIZES: [u16; 2] = [10, 160];

/// The exponent `b` of `time = a * chapters^b` between the two.
pub fn measure(place: &Place) -> anyhow::Result<String> {
    let books = SIZES.map(|size| place.folder.join(format!("generated-{size}")));
    let build = |book: &Path| place.seconds(place.build(Command::new(&place.release), book));
    for (size, book) in SIZES.iter().zip(&books) {
        say(&format!("== a generated book of {size} chapters"));
        write(book, &place.room, *size)?;
        // Compiles the listings.
        build(book)?;
    }
    let mut times = [const { Vec::new() }; SIZES.len()];
    for _ in 0..ROUNDS {
        for (book, times) in books.iter().zip(&mut times) {
            times.push(build(book)?);
        }
    }
    let [few, many] = times.map(median);
    let [of_few, of_many] = SIZES.map(f64::from);
    let note = format!("{of_few} chapters: {few:.3} s, {of_many}: {many:.3} s");
    let exponent = (many / few).ln() / (of_many / of_few).ln();
    Ok(row(
        "growth with the chapters, exponent",
        exponent,
        0.95,
        "",
        &note,
    ))
}

/// Writes a book. Each chapter has three captures of a listing of its own, so that
/// each causes a session. `room` gives the theme and the settings.
fn write(folder: &Path, room: &Path, chapters: u16) -> anyhow::Result<()> {
    let put = |file: &str, text: &str| {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    let mut summary = String::from("# Summary\n\n");
    for number in 1..=chapters {
        let name = format!("listing-{number}");
        let listing = format!("listings/generated/{name}");
        let fill = |text: &str| {
            text.replace("LISTING", &name)
                .replace("DESCRIPTION", "\"\"")
        };
        put(&format!("{listing}/Cargo.toml"), &fill(MANIFEST))?;
        put(&format!("{listing}/src/main.rs"), &fill(PROGRAM))?;
        put(&format!("src/{name}.md"), &chapter(number, &name))?;
        summary += &format!("- [Chapter {number}]({name}.md)\n");
    }
    put("src/SUMMARY.md", &summary)?;
    let link = folder.join("src/listings");
    if !link.is_symlink() {
        symlink("../listings", link)?;
    }
    put("book.toml", &settings(room)?)?;
    for made_of in ["Cargo.toml", "Cargo.lock", "theme"] {
        copy(&room.join(made_of), &folder.join(made_of))?;
    }
    Ok(())
}

/// About as much prose as a page of the book has between its captures.
fn chapter(number: u16, listing: &str) -> String {
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
