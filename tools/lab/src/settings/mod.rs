//! `cargo lab settings`: whether the book is true under other settings
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

use all::{Proof, SETTINGS, Setting};
use report::Row;
use trial::{Outcome, Workplace};

use xtask::{needs, say};

/// Who is not root.
const ORDINARY: &str = "ordinary";

/// What makes a setting.
const PROGRAMS: &str =
    "git mount prlimit=util-linux setarch=util-linux unshare=util-linux xargs=findutils";

/// Tries the settings of these names, or all.
pub fn settings(root: &Path, system: bool, names: &[String]) -> anyhow::Result<()> {
    let chosen = crate::named("setting", SETTINGS, |setting| setting.name, names)?;
    needs::programs(root, PROGRAMS)?;
    let place = Workplace::prepare(root)?;
    let (mut all, mut failed, mut not_tried) = (0, 0, 0);
    for setting in chosen {
        for row in rows(setting, system, &place) {
            say(&row.line());
            all += 1;
            failed += u32::from(row.fails());
            not_tried += u32::from(matches!(row.outcome, Outcome::NotTried(_)));
        }
    }
    say(&format!(
        "\n{all} rows: {failed} fail, {not_tried} not tried here"
    ));
    if failed > 0 {
        bail!("{failed} of the settings fail");
    }
    Ok(())
}

/// One row for each user; none of it ends the whole. By root, sessions are run as an
/// ordinary user as well.
fn rows(setting: &'static Setting, system: bool, place: &Workplace) -> Vec<Row> {
    let is_root = rustix::process::geteuid().is_root();
    let user = if is_root { "root" } else { ORDINARY };
    let row = |user, outcome| Row {
        setting,
        user,
        outcome,
    };
    let made = match make::make(&setting.make, system, place) {
        Ok(made) => made,
        Err(reason) => return vec![row(user, Outcome::NotTried(format!("{reason:#}")))],
    };
    let prove = |as_nobody| place.prove(&setting.proof, &made, as_nobody);
    let mut rows = vec![row(user, prove(false))];
    if is_root && matches!(setting.proof, Proof::Claims) {
        rows.push(row(ORDINARY, prove(true)));
    }
    if let Err(error) = made.undo() {
        rows.push(row(user, Outcome::Fails(format!("{error:#}"))));
    }
    rows
}
