//! `cargo lab bench`: how fast the book is built.
//!
//! L is the least that a build of this book can take: every listing run bare, two
//! at a time (`bare`), and then F, mdBook alone on the finished text (`finished`).
//! What is compared runs in turns, so that whatever else the machine does meets
//! each of them; a figure is made of medians. All of it happens in `target/bench`.

mod bare;
mod cold;
mod finished;
mod growth;
mod serving;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};
use session::{cargo_build, forget_the_outer_cargo};
use xtask::{must_succeed, needs, say};

use bare::Bare;
use serving::Serving;

/// How often each is measured.
const ROUNDS: usize = 5;

/// Where it happens, and the programs that are measured.
struct Place {
    root: PathBuf,
    folder: PathBuf,
    /// A copy of the repository, in which the book is built.
    room: PathBuf,
    /// `xtask` in release, and as `cargo xtask` compiles it.
    release: PathBuf,
    default: PathBuf,
}

/// One figure as a row of the table: what was measured, its goal, which is what it
/// should be at the most, the unit of both, and what it is made of.
fn row(figure: &str, measured: f64, goal: f64, unit: &str, note: &str) -> String {
    let not = if measured <= goal { "" } else { "**not** " };
    format!("| {figure} | {measured:.2} {unit} | ≤ {goal:.2} {unit}, {not}met | {note} |")
}

/// Measures everything and prints a table. `cold` compiles everything from
/// nothing, too.
pub fn bench(root: &Path, cold: bool) -> anyhow::Result<()> {
    let place = Place::prepare(root)?;
    let mut rows = builds(&place)?;
    rows.push(growth::measure(&place)?);
    if cold {
        rows.push(cold::measure(&place)?);
    }
    say(&format!(
        "\nMedians of {ROUNDS} rounds.\n\n| Figure | measured | goal | made of |\n|---|---|---|---|"
    ));
    for row in rows {
        say(&row);
    }
    Ok(())
}

/// Full builds and one edit while serving, in turns with L.
fn builds(place: &Place) -> anyhow::Result<Vec<String>> {
    let listings = Bare::of(&place.room)?;
    let floor = place.folder.join("finished");
    finished::write(&place.room, &floor)?;
    let mut serving = Serving::start(&place.default, &place.room)?;
    let mut times = [const { Vec::new() }; 5];
    // The first round warms up.
    for round in 0..=ROUNDS {
        say(&format!("== builds, round {round} of {ROUNDS}"));
        let mdbook = place.root.join("target/tools/bin/mdbook");
        let mut typed = cargo(&place.room);
        typed.args(["run", "--bin", "xtask", "--manifest-path"]);
        typed.arg(place.root.join("tools/Cargo.toml")).arg("--");
        let measured = [
            listings.seconds()?,
            place.seconds(finished::mdbook(&mdbook, &floor))?,
            place.seconds(place.build(Command::new(&place.release), &place.room))?,
            place.seconds(place.build(typed, &place.room))?,
            serving.edit()?,
        ];
        for (times, one) in times.iter_mut().zip(measured).filter(|_| round > 0) {
            times.push(one);
        }
    }
    finished::compare(&place.folder.join("book"), &floor.join("book"))?;
    let [bare, alone, release, default, edit] = times.map(median);
    let least = bare + alone;
    let full = |figure, time: f64, goal| {
        let note = format!("{time:.3} s; L {least:.3} s: listings {bare:.3} s, F {alone:.3} s");
        row(figure, time / least, goal, "× L", &note)
    };
    let figure = "an edit of prose, as `cargo xtask serve`";
    Ok(vec![
        full("full build, tools in release", release, 1.6),
        full("full build, as `cargo xtask build`", default, 2.5),
        row(
            figure,
            edit * 1e3,
            120.0,
            "ms",
            "from the save to the reload",
        ),
    ])
}

impl Place {
    fn prepare(root: &Path) -> anyhow::Result<Self> {
        needs::for_bench(root)?;
        let folder = root.join("target/bench");
        let tools = cargo_build(&root.join("tools"), Some(&["xtask"]), None)?;
        let default = tools.program("xtask").map_err(anyhow::Error::msg)?;
        let place = Self {
            root: root.to_owned(),
            room: folder.join("room"),
            release: root.join("tools/target/release/xtask"),
            default: default.to_owned(),
            folder,
        };
        copy_repository(root, &place.room)?;
        say("== compiling the tools in release");
        let mut release = cargo(root);
        release.args(["build", "--release", "--bin", "xtask"]);
        release.args(["--manifest-path", "tools/Cargo.toml"]);
        place.seconds(release)?;
        Ok(place)
    }

    /// A program, as `cargo xtask build` in a book.
    fn build(&self, mut program: Command, book: &Path) -> Command {
        program.arg("build").current_dir(book);
        program.env("MDBOOK_BUILD__BUILD_DIR", self.folder.join("book"));
        program
    }

    /// Runs a command to its end, which must be a good one.
    fn seconds(&self, mut command: Command) -> anyhow::Result<f64> {
        let log = self.folder.join("log");
        let output = fs::File::create(&log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?);
        let start = Instant::now();
        let status = command.stderr(output).status();
        let time = start.elapsed().as_secs_f64();
        let status = status.with_context(|| format!("cannot start {command:?}"))?;
        if !status.success() {
            let printed = fs::read_to_string(&log)?;
            bail!("{command:?} ended with {status}; it printed:\n{printed}");
        }
        Ok(time)
    }
}

/// Makes a folder a copy of the repository as it is now, without what git ignores.
/// What is compiled there stays.
fn copy_repository(root: &Path, to: &Path) -> anyhow::Result<()> {
    let script = r#"mkdir -p "$0" && find "$0" -mindepth 1 -maxdepth 1 ! -name target -exec rm -r {} + &&
        git ls-files -z --cached --others --exclude-standard | xargs -0 cp -a --parents -t "$0""#;
    let mut copy = Command::new("sh");
    copy.args(["-c", script]).arg(to).current_dir(root);
    must_succeed(&mut copy)
}

/// Cargo, without what it told this process of its own package.
fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    forget_the_outer_cargo(&mut cargo);
    cargo.current_dir(folder).env_remove("CARGO_TARGET_DIR");
    cargo
}

/// The middle of an odd number of measurements.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert!((median(vec![3.0, 100.0, 1.0]) - 3.0).abs() < 1e-9);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn a_row_tells_whether_its_goal_is_met() {
        let row = |measured| row("full build", measured, 1.6, "× L", "0.2 s");
        assert_eq!(
            row(1.6),
            "| full build | 1.60 × L | ≤ 1.60 × L, met | 0.2 s |"
        );
        assert!(row(1.7).contains("**not** met"));
        assert!(row(f64::NAN).contains("**not** met"));
    }

    #[test]
    fn a_command_that_fails_is_no_measurement() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place {
            root: PathBuf::new(),
            room: PathBuf::new(),
            release: PathBuf::new(),
            default: PathBuf::new(),
            folder: folder.path().to_owned(),
        };
        let run = |script| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            place.seconds(command)
        };
        assert!(run("sleep 0.05").expect("runs") >= 0.05);
        let error = run("echo gone wrong; exit 3").expect_err("fails");
        assert!(error.to_string().contains("gone wrong"), "{error}");
    }

    #[test]
    fn a_copy_has_what_git_knows_and_keeps_what_is_compiled() {
        let folder = tempfile::tempdir().expect("a folder");
        let (root, room) = (folder.path().join("root"), folder.path().join("room"));
        for path in ["root/src", "room/target", "room/old"] {
            fs::create_dir_all(folder.path().join(path)).expect("made");
        }
        let write = |path: PathBuf, text: &str| fs::write(path, text).expect("written");
        write(root.join("src/one.md"), "one");
        write(root.join(".gitignore"), "/left.md\n");
        write(root.join("left.md"), "ignored");
        write(room.join("target/program"), "compiled");
        write(room.join("old/two.md"), "of yesterday");
        let mut git = Command::new("git");
        let git = git.args(["init", "-q"]).current_dir(&root).status();
        assert!(git.expect("git starts").success());

        copy_repository(&root, &room).expect("copied");
        let read = |name: &str| fs::read_to_string(room.join(name)).ok();
        assert_eq!(read("src/one.md").as_deref(), Some("one"));
        assert_eq!(read("target/program").as_deref(), Some("compiled"));
        assert_eq!((read("left.md"), read("old/two.md")), (None, None));
    }
}
