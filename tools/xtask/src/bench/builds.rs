//! Full builds, one edit while serving, and memory: in turns with the floor.

use std::fs;

use anyhow::bail;

use super::contenders::Contenders;
use super::run::{Cost, own_memory};
use super::serving::Serving;
use super::table::Row;
use super::{ROUNDS, middle, milliseconds, step};

/// What was measured, round by round.
#[derive(Default)]
struct Rounds {
    floor: Vec<Cost>,
    release: Vec<Cost>,
    default: Vec<Cost>,
    with_search: Vec<Cost>,
    given_records: Vec<Cost>,
    /// Seconds of the longest session.
    longest: Vec<f64>,
    /// Seconds from the save of a file to the page.
    edits: Vec<f64>,
    edits_release: Vec<f64>,
}

/// The rows, and what they would be with another floor.
pub fn measure(contenders: &Contenders) -> anyhow::Result<(Vec<Row>, String)> {
    let rounds = rounds(contenders)?;
    let floor = times(&rounds.floor);
    let (release, default) = (times(&rounds.release), times(&rounds.default));
    let with_search = times(&rounds.with_search);
    let longest = middle(&rounds.longest);
    let edit = middle(&rounds.edits);
    let edit_release = middle(&rounds.edits_release);
    let full = |figure: &str, time: f64, goal: f64| Row {
        figure: figure.to_owned(),
        measured: (time - longest) / floor,
        goal,
        unit: "× F",
        note: format!(
            "{}, of which the longest session, {}, is not counted; F {}",
            milliseconds(time),
            milliseconds(longest),
            milliseconds(floor)
        ),
    };
    let edited = |figure: &str, time: f64| Row {
        figure: figure.to_owned(),
        measured: time / floor,
        goal: 0.8 + 0.05 / floor,
        unit: "× F",
        note: format!("{}; the goal is 0.8 F + 50 ms", milliseconds(time)),
    };
    let rows = vec![
        full("full build, tools in release", release, 1.3),
        full("full build, as `cargo xtask build`", default, 1.5),
        edited("one edit while serving, tools in release", edit_release),
        edited("one edit, as `cargo xtask serve`", edit),
        memory_row(&rounds)?,
    ];
    let note = format!(
        "With mdBook's own search index, which this book does not use, mdBook alone takes {}: {:.2} × F. Of that, our builds are {:.2} × and {:.2} ×, the edits {:.2} × and {:.2} ×.",
        milliseconds(with_search),
        with_search / floor,
        (release - longest) / with_search,
        (default - longest) / with_search,
        edit_release / with_search,
        edit / with_search
    );
    Ok((rows, note))
}

fn rounds(contenders: &Contenders) -> anyhow::Result<Rounds> {
    let mut serving = Serving::start(&contenders.default, &contenders.room)?;
    let mut rounds = Rounds::default();
    // The first round warms up.
    for round in 0..=ROUNDS {
        step(&format!("builds, round {round} of {ROUNDS}"));
        if round == 1 {
            rounds = Rounds::default();
        }
        let alone = contenders.alone(&contenders.floor());
        rounds.floor.push(contenders.run(alone, "alone")?);
        let ours = contenders.ours(&contenders.release);
        rounds.release.push(contenders.run(ours, "ours")?);
        let printed = fs::read_to_string(contenders.folder.join("ours.log"))?;
        rounds.longest.push(longest_session(&printed));
        let typed = contenders.run(contenders.typed(), "typed")?;
        rounds.default.push(typed);
        let search = contenders.alone(&contenders.floor_with_search());
        rounds.with_search.push(contenders.run(search, "search")?);
        let given = contenders.run(contenders.given_records(), "given")?;
        rounds.given_records.push(given);
        rounds.edits.push(serving.edit()?.as_secs_f64());
    }
    // One after the other: both would build at each edit.
    drop(serving);
    step("edits, tools in release");
    let mut serving = Serving::start(&contenders.release, &contenders.room)?;
    serving.edit()?;
    for _ in 0..ROUNDS {
        rounds.edits_release.push(serving.edit()?.as_secs_f64());
    }
    Ok(rounds)
}

fn memory_row(rounds: &Rounds) -> anyhow::Result<Row> {
    let memory = |costs: &[Cost]| {
        let all: Vec<f64> = costs.iter().map(|cost| cost.memory as f64).collect();
        middle(&all) / 1024.0
    };
    let [floor, ours, whole] =
        [&rounds.floor, &rounds.given_records, &rounds.release].map(|costs| memory(costs));
    let own = own_memory() as f64 / 1024.0;
    if own >= floor {
        bail!("the bench itself has {own:.0} MiB, so that F's {floor:.0} MiB cannot be measured");
    }
    Ok(Row {
        figure: "peak memory, of the tools".to_owned(),
        measured: ours / floor,
        goal: 1.1,
        unit: "× F",
        note: format!(
            "{ours:.0} MiB, F {floor:.0} MiB; with cargo and the listings, the largest process has {whole:.0} MiB"
        ),
    })
}

fn times(costs: &[Cost]) -> f64 {
    let all: Vec<f64> = costs.iter().map(|cost| cost.time.as_secs_f64()).collect();
    middle(&all)
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
        let printed = "  compiled the listings in 900 ms\n  recorded a in 12 ms\n  \
                       recorded b-in in 705 ms\n  skipped c: recorded in 9999 ms\n";
        assert!((super::longest_session(printed) - 0.705).abs() < 1e-9);
    }
}
