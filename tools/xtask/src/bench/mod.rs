//! `cargo xtask bench`: how fast the book is built, beside mdBook alone.
//!
//! All contenders run in one call, in turns, so that whatever else the machine
//! does meets each of them. Every figure is a ratio of medians; absolute times
//! are for information. All of it happens in `target/bench`.

mod builds;
mod cold;
mod contenders;
mod figures;
mod floor;
mod generated;
mod growth;
mod plot;
mod room;
mod run;
mod serving;
mod stock;
mod table;

use std::fs;
use std::path::Path;

use contenders::Contenders;

pub use floor::write as write_floor;

/// How often each contender runs.
const ROUNDS: usize = 5;

/// Measures everything and writes `target/bench/bench.md` and `bench.svg`. `warm`
/// leaves out what compiles from nothing, which takes minutes.
pub fn bench(root: &Path, warm: bool) -> anyhow::Result<()> {
    let before = machine();
    let contenders = Contenders::prepare(root)?;
    let (mut rows, note) = builds::measure(&contenders)?;
    let mut notes = vec![note];
    table::print(&rows);
    rows.extend(growth::measure(&contenders)?);
    if !warm {
        table::print(&rows);
        rows.extend(cold::measure(&contenders)?);
        table::print(&rows);
        notes.push(stock::measure(&contenders)?);
    }
    let text = table::markdown(&before, &rows, &notes);
    fs::write(contenders.folder.join("bench.md"), &text)?;
    fs::write(contenders.folder.join("bench.svg"), plot::svg(&rows))?;
    println!("\n{text}\nin target/bench/bench.md, as a picture in target/bench/bench.svg");
    Ok(())
}

/// The machine, in a line.
fn machine() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown");
    format!(
        "F is mdBook 0.5.4 alone, on the same book with its captures pasted in. Medians of {ROUNDS} runs, in turns, on Linux {}, {processors} processors; at the start the load was {load}.",
        rustix::system::uname().release().to_string_lossy()
    )
}

fn step(what: &str) {
    println!("== {what}");
}

fn middle(values: &[f64]) -> f64 {
    figures::median(values).unwrap_or(f64::NAN)
}

fn milliseconds(seconds: f64) -> String {
    format!("{:.0} ms", seconds * 1e3)
}
