//! How the time of a build grows with the chapters.

use std::path::Path;

use anyhow::Context;

use super::contenders::Contenders;
use super::figures::exponent;
use super::table::Row;
use super::{ROUNDS, generated, middle, milliseconds, step};

/// The numbers of chapters.
const SIZES: [usize; 5] = [10, 20, 40, 80, 160];

pub fn measure(contenders: &Contenders) -> anyhow::Result<Vec<Row>> {
    let build = |book: &Path| {
        let mut command = contenders.ours(&contenders.release);
        command.current_dir(book);
        contenders.run(command, "growth")
    };
    let books = SIZES.map(|size| contenders.folder.join(format!("generated-{size}")));
    for (size, book) in SIZES.iter().zip(&books) {
        step(&format!("a generated book of {size} chapters"));
        generated::write(book, &contenders.room, *size)?;
        // Compiles the listings.
        build(book)?;
    }
    let mut times = SIZES.map(|_| Vec::new());
    for round in 1..=ROUNDS {
        step(&format!("growth, round {round} of {ROUNDS}"));
        for (book, times) in books.iter().zip(&mut times) {
            times.push(build(book)?.time.as_secs_f64());
        }
    }
    let points = SIZES.iter().zip(&times);
    let points: Vec<(f64, f64)> = points
        .map(|(size, times)| (*size as f64, middle(times)))
        .collect();
    let note: Vec<String> = points
        .iter()
        .map(|(size, time)| format!("{size} chapters: {}", milliseconds(*time)))
        .collect();
    Ok(vec![Row {
        figure: "growth with the chapters, exponent".to_owned(),
        measured: exponent(&points).context("two sizes are needed")?,
        goal: 0.95,
        unit: "",
        note: note.join(", "),
    }])
}
