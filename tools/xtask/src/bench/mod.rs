//! `cargo xtask bench`: how fast the book is built, beside mdBook alone.
//!
//! All contenders run in one call, in turns, so that whatever else the machine
//! does meets each of them. Every figure is a ratio of medians; absolute times
//! are for information. What runs is written by `floor`, `generated` and `room`,
//! in `target/bench`.

mod cold;
mod figures;
mod floor;
mod generated;
mod plot;
mod room;
mod run;
mod serving;
mod stock;
mod table;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::test::install_mdbook;
use figures::{exponent, median};
use run::{Cost, own_memory, run};
use serving::Serving;
use table::Row;

/// How often each contender runs.
const ROUNDS: usize = 5;
/// The sizes of the generated books.
const SIZES: [usize; 5] = [10, 20, 40, 80, 160];

/// Measures everything and writes `target/bench/bench.md` and `bench.svg`. `warm`
/// leaves out what compiles from nothing, which takes minutes.
pub fn bench(root: &Path, warm: bool) -> anyhow::Result<()> {
    let bench = Bench::prepare(root)?;
    let mut rows = Vec::new();
    let mut notes = Vec::new();
    bench.builds(&mut rows)?;
    bench.growth(&mut rows)?;
    if !warm {
        bench.cold(&mut rows)?;
        notes.push(bench.stock()?);
    }
    let text = table::markdown(&bench.machine(), &rows, &notes);
    fs::write(bench.folder.join("bench.md"), &text)?;
    fs::write(bench.folder.join("bench.svg"), plot::svg(&rows))?;
    println!("\n{text}\nin target/bench/bench.md, as a picture in target/bench/bench.svg");
    Ok(())
}

/// The hidden part of the command, in a process of its own: the measuring one
/// must stay small.
pub fn write_floor(root: &Path, folder: &Path) -> anyhow::Result<()> {
    floor::write(root, folder)
}

struct Bench {
    root: PathBuf,
    folder: PathBuf,
    /// A copy of the repository, in which the book is built.
    room: PathBuf,
    mdbook: PathBuf,
    release: PathBuf,
    default: PathBuf,
}

impl Bench {
    fn prepare(root: &Path) -> anyhow::Result<Self> {
        step("mdBook, and the tools in release");
        install_mdbook(root)?;
        let mut build = cargo(root);
        build.args(["build", "--release", "--bin", "xtask", "--manifest-path"]);
        build.arg("tools/Cargo.toml");
        let folder = root.join("target/bench");
        fs::create_dir_all(&folder)?;
        run(build, &folder.join("release.log"))?;
        let bench = Self {
            room: folder.join("room"),
            mdbook: root.join("target/tools/bin/mdbook"),
            release: root.join("tools/target/release/xtask"),
            default: env::current_exe()?,
            root: root.to_owned(),
            folder,
        };
        step("a copy of the book, and the floor");
        room::copy(root, &bench.room)?;
        bench.floor()?;
        Ok(bench)
    }

    /// Builds the book and keeps its records; makes the floor of these; and
    /// compares the pages.
    fn floor(&self) -> anyhow::Result<()> {
        let records = self.folder.join("records");
        let _ = fs::remove_dir_all(&records);
        fs::create_dir_all(&records)?;
        let mut ours = self.ours(&self.default);
        ours.env("CAPTURE_KEEP_RECORDS", &records);
        self.log(ours, "first")?;
        let floor = self.folder.join("floor");
        let mut write = Command::new(&self.default);
        write.args(["bench", "--floor"]).arg(&floor);
        write
            .current_dir(&self.room)
            .env("CAPTURE_RECORDS", &records);
        self.log(write, "floor")?;
        self.log(self.alone(&floor), "alone")?;
        floor::compare(&self.folder.join("ours"), &floor.join("book"))
    }

    fn log(&self, command: Command, name: &str) -> anyhow::Result<Cost> {
        run(command, &self.folder.join(format!("{name}.log")))
    }

    /// mdBook alone.
    fn alone(&self, book: &Path) -> Command {
        let mut command = Command::new(&self.mdbook);
        command.arg("build").current_dir(book);
        command
    }

    /// Our build of the room's book.
    fn ours(&self, xtask: &Path) -> Command {
        let mut command = Command::new(xtask);
        command.arg("build").current_dir(&self.room);
        command.env("MDBOOK_BUILD__BUILD_DIR", self.folder.join("ours"));
        command
    }

    /// `cargo xtask build`, as it is typed: with cargo's own start.
    fn typed(&self) -> Command {
        let mut command = cargo(&self.room);
        command.args(["run", "--bin", "xtask", "--manifest-path"]);
        command.arg(self.root.join("tools/Cargo.toml"));
        command.args(["--", "build"]);
        command.env("MDBOOK_BUILD__BUILD_DIR", self.folder.join("ours"));
        command
    }

    fn builds(&self, rows: &mut Vec<Row>) -> anyhow::Result<()> {
        let floor = self.folder.join("floor");
        let mut serving = Serving::start(&self.default, &self.room)?;
        let (mut alone, mut release, mut typed) = (Vec::new(), Vec::new(), Vec::new());
        let (mut longest, mut edits) = (Vec::new(), Vec::new());
        // The first round warms up.
        for round in 0..=ROUNDS {
            step(&format!("builds, round {round} of {ROUNDS}"));
            let costs = [
                self.log(self.alone(&floor), "alone")?,
                self.log(self.ours(&self.release), "ours")?,
                self.log(self.typed(), "typed")?,
            ];
            let session = longest_session(&fs::read_to_string(self.folder.join("ours.log"))?);
            let edit = serving.edit()?.as_secs_f64();
            if round > 0 {
                alone.push(costs[0]);
                release.push(costs[1]);
                typed.push(costs[2]);
                longest.push(session);
                edits.push(edit);
            }
        }
        drop(serving);
        let times = |costs: &[Cost]| -> Vec<f64> {
            costs.iter().map(|cost| cost.time.as_secs_f64()).collect()
        };
        let [floor, ours, default] = [&alone, &release, &typed].map(|costs| middle(&times(costs)));
        let (longest, edit) = (middle(&longest), middle(&edits));
        let apart = format!(
            "the longest session, {}, not counted",
            milliseconds(longest)
        );
        let full = |figure: &str, time: f64, goal: f64| Row {
            figure: figure.to_owned(),
            measured: (time - longest) / floor,
            goal,
            unit: "× F",
            note: format!("{}; {apart}; F {}", milliseconds(time), milliseconds(floor)),
        };
        rows.push(full("full build, tools in release", ours, 1.3));
        rows.push(full("full build, as `cargo xtask build`", default, 1.5));
        rows.push(Row {
            figure: "one edit while serving".to_owned(),
            measured: edit / floor,
            goal: 0.8 + 0.05 / floor,
            unit: "× F",
            note: format!("{}; the goal is 0.8 F + 50 ms", milliseconds(edit)),
        });
        let memory = |costs: &[Cost]| -> Vec<f64> {
            costs
                .iter()
                .map(|cost| cost.memory as f64 / 1024.0)
                .collect()
        };
        let [floor, ours, default] = [&alone, &release, &typed].map(|costs| middle(&memory(costs)));
        let own = own_memory() as f64 / 1024.0;
        if own >= floor {
            bail!(
                "the bench itself has {own:.0} MiB, so that F's {floor:.0} MiB cannot be measured"
            );
        }
        rows.push(Row {
            figure: "peak memory of the largest process".to_owned(),
            measured: ours / floor,
            goal: 1.1,
            unit: "× F",
            note: format!("{ours:.0} MiB, by default {default:.0} MiB; F {floor:.0} MiB"),
        });
        Ok(())
    }

    fn growth(&self, rows: &mut Vec<Row>) -> anyhow::Result<()> {
        let books: Vec<_> = SIZES
            .iter()
            .map(|size| (*size, self.folder.join(format!("generated-{size}"))))
            .collect();
        let build = |book: &Path| {
            let mut command = Command::new(&self.release);
            command.arg("build").current_dir(book);
            self.log(command, "growth")
        };
        for (size, book) in &books {
            step(&format!("a generated book of {size} chapters"));
            generated::write(book, &self.room, *size)?;
            // Compiles the listings.
            build(book)?;
        }
        let mut times = vec![Vec::new(); books.len()];
        for round in 1..=ROUNDS {
            step(&format!("growth, round {round} of {ROUNDS}"));
            for ((_, book), times) in books.iter().zip(&mut times) {
                times.push(build(book)?.time.as_secs_f64());
            }
        }
        let medians: Vec<f64> = times.iter().map(|times| middle(times)).collect();
        let sizes = SIZES.iter().map(|size| *size as f64);
        let points: Vec<(f64, f64)> = sizes.zip(medians.iter().copied()).collect();
        let note: Vec<String> = SIZES
            .iter()
            .zip(&medians)
            .map(|(size, time)| format!("{size}: {}", milliseconds(*time)))
            .collect();
        rows.push(Row {
            figure: "growth with the chapters, exponent".to_owned(),
            measured: exponent(&points).context("no exponent")?,
            goal: 0.95,
            unit: "",
            note: note.join(", "),
        });
        Ok(())
    }

    fn cold(&self, rows: &mut Vec<Row>) -> anyhow::Result<()> {
        step("compiling everything from nothing; this takes minutes");
        let cold = cold::measure(&self.root, &self.folder)?;
        let [ours, released, listing] =
            [cold.ours, cold.released, cold.listing].map(|cost| cost.time.as_secs_f64());
        rows.push(Row {
            figure: "cold `cargo xtask build`".to_owned(),
            measured: ours / released,
            goal: 0.25,
            unit: "× install",
            note: format!("{ours:.0} s; cargo install of mdbook and mdbook-cmdrun {released:.0} s"),
        });
        rows.push(Row {
            figure: "cold `cargo run -p LISTING`".to_owned(),
            measured: listing,
            goal: 5.0,
            unit: "s",
            note: "on a fresh clone".to_owned(),
        });
        Ok(())
    }

    fn stock(&self) -> anyhow::Result<String> {
        step("mdBook 0.4.52 with mdbook-cmdrun 0.7.3");
        let floor = self.log(self.alone(&self.folder.join("floor")), "alone")?;
        let tools = self.default.parent().unwrap_or(&self.root);
        let stock = stock::measure(&self.root, &self.room, &self.folder, tools)?;
        let [stock_time, floor] = [stock.cost, floor].map(|cost| cost.time.as_secs_f64());
        Ok(format!(
            "mdBook 0.4.52 with mdbook-cmdrun 0.7.3, each directive by `capture`, run once: {:.1} × F, {stock_time:.1} s; {} directives ended in an error on the page.",
            stock_time / floor,
            stock.failed
        ))
    }

    /// The machine, in a line.
    fn machine(&self) -> String {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().unwrap_or("unknown").to_owned();
        let kernel = rustix::system::uname();
        format!(
            "F is mdBook 0.5.4 alone, on the same book with its captures pasted in. Medians of {ROUNDS} runs, in turns, on Linux {}, {processors} processors, load {load}.",
            kernel.release().to_string_lossy()
        )
    }
}

/// Cargo, without what it told this process of its own package.
fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(folder);
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_") && name != "CARGO_HOME" {
            cargo.env_remove(name);
        }
    }
    cargo
}

fn step(what: &str) {
    println!("== {what}");
}

fn middle(values: &[f64]) -> f64 {
    median(values).unwrap_or(f64::NAN)
}

fn milliseconds(seconds: f64) -> String {
    format!("{:.0} ms", seconds * 1e3)
}

/// The time of the longest session in what a build printed, in seconds:
/// `  recorded LISTING in 12 ms`.
fn longest_session(printed: &str) -> f64 {
    let times = printed.lines().filter_map(|line| {
        let (_, time) = line.trim().strip_prefix("recorded ")?.rsplit_once(" in ")?;
        time.strip_suffix(" ms")?.parse::<f64>().ok()
    });
    times.fold(0.0, f64::max) / 1e3
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_longest_session_is_found() {
        let printed = "  compiled the listings in 900 ms\n  recorded a in 12 ms\n  recorded b-in in 705 ms\n  skipped c: recorded in 9999 ms\n";
        assert_eq!(super::longest_session(printed), 0.705);
    }
}
