//! `cargo xtask matrix settings`: whether the book is true under other settings
//! of this machine.
//!
//! A setting is made for one process and what it starts, wherever Linux has a
//! way (`make`); what the whole system must be changed for is restored by a
//! guardian, whatever happens (`guardian`). In each setting, all sessions are
//! run and all claims checked, or the book is built (`trial`).

mod all;
mod guardian;
mod make;
mod report;
mod trial;

use std::path::Path;

use anyhow::bail;

use all::{SETTINGS, Setting};
use report::{Report, Row};
use trial::{Outcome, User, Workplace};

use crate::say;
use crate::test::needs;

/// What makes a setting, and the Debian and Ubuntu package that it comes in.
const PROGRAMS: &[(&str, &str)] = &[
    ("git", "git"),
    ("mount", "mount"),
    ("prlimit", "util-linux"),
    ("setarch", "util-linux"),
    ("unshare", "util-linux"),
    ("xargs", "findutils"),
];

/// Tries the settings of these names, or all.
pub fn settings(root: &Path, system: bool, names: &[String]) -> anyhow::Result<()> {
    let chosen = named(names)?;
    needs::install_programs(PROGRAMS)?;
    let place = Workplace::prepare(root)?;
    let mut report = Report::default();
    for setting in chosen {
        for row in rows(setting, system, &place) {
            say(&row.line());
            report.rows.push(row);
        }
    }
    say(&format!("\n{}", report.summary()));
    // The table is of all settings.
    if names.is_empty() {
        let path = place.folder.with_extension("md");
        report.write(&path)?;
        say(&format!("wrote {}", path.display()));
    }
    match report.failed() {
        0 => Ok(()),
        failed => bail!("{failed} of the settings fail"),
    }
}

fn named(names: &[String]) -> anyhow::Result<Vec<&'static Setting>> {
    if names.is_empty() {
        return Ok(SETTINGS.iter().collect());
    }
    let find = |name: &String| SETTINGS.iter().find(|setting| setting.name == name);
    names
        .iter()
        .map(|name| match find(name) {
            Some(setting) => Ok(setting),
            None => {
                let all: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
                bail!(
                    "no setting is named `{name}`; there are: {}",
                    all.join(", ")
                )
            }
        })
        .collect()
}

/// One row for each user; none of it ends the whole.
fn rows(setting: &'static Setting, system: bool, place: &Workplace) -> Vec<Row> {
    let row = |user, outcome| Row {
        setting,
        user,
        outcome,
    };
    let made = match make::make(&setting.make, system, place) {
        Ok(made) => made,
        Err(reason) => return vec![row(User::me(), Outcome::NotTried(reason))],
    };
    let mut rows: Vec<Row> = trial::users(&setting.proof)
        .into_iter()
        .map(|user| row(user, trial::run(setting, user, &made, place)))
        .collect();
    if let Err(error) = made.undo() {
        rows.push(row(User::me(), Outcome::Fails(format!("{error:#}"))));
    }
    rows
}
