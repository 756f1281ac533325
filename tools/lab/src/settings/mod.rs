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
mod trial;

use std::path::Path;

use anyhow::{Error, bail};
use reading::{Verdict, Verdicts};

use all::{Make, Proof, SETTINGS, Setting};
use guardian::Guardian;
use trial::Workplace;

use crate::verdicts::{failures, told};
use xtask::{needs, say};

/// What makes a setting.
const PROGRAMS: &str =
    "git mount prlimit=util-linux setarch=util-linux unshare=util-linux xargs=findutils";

/// Who runs the sessions.
const ROOT: &str = "root";
const ORDINARY: &str = "ordinary";

/// The names of all settings.
pub fn names() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().map(|setting| setting.name)
}

/// Tries the settings of these names, or all, each so many times.
pub fn settings(root: &Path, system: bool, times: u32, names: &[String]) -> anyhow::Result<()> {
    needs::programs(root, PROGRAMS)?;
    let place = Workplace::prepare(root)?;
    let (mut rows, mut failed, mut not_tried) = (0, 0, 0);
    let meant = SETTINGS
        .iter()
        .filter(|each| crate::is_meant(each.name, names));
    for setting in meant.flat_map(|each| (0..times).map(move |_| each)) {
        let Setting { name, says, .. } = setting;
        for (user, verdicts) in verdicts(setting, system, &place) {
            say(&format!("{name:<16} {user:<8} {says}: {}", told(&verdicts)));
            rows += 1;
            failed += u32::from(failures(&verdicts) > 0);
            // A verdict on the setting itself.
            not_tried += u32::from(matches!(verdicts.get(*name), Some(Verdict::Skipped(_))));
        }
    }
    say(&format!(
        "\n{rows} rows: {failed} fail, {not_tried} not tried here"
    ));
    if failed > 0 {
        bail!("{failed} of the settings fail");
    }
    Ok(())
}

/// What comes of it for each user; none of it ends the whole. By root, sessions are
/// run as an ordinary user as well.
fn verdicts(setting: &Setting, system: bool, place: &Workplace) -> Vec<(&'static str, Verdicts)> {
    let alone = |verdict| Verdicts::from([(setting.name.to_owned(), verdict)]);
    let not_tried = |reason: Error| alone(Verdict::Skipped(format!("not tried here: {reason:#}")));
    let user = if is_root() { ROOT } else { ORDINARY };
    let guardian = match guardian(&setting.make, system, &place.root) {
        Ok(guardian) => guardian,
        Err(reason) => return vec![(user, not_tried(reason))],
    };
    let prove = |as_nobody| {
        let verdicts = place.prove(setting, as_nobody);
        verdicts.unwrap_or_else(not_tried)
    };
    let mut rows = vec![(user, prove(false))];
    if is_root() && matches!(setting.proof, Proof::Claims) {
        rows.push((ORDINARY, prove(true)));
    }
    if let Some(Err(error)) = guardian.map(Guardian::restore) {
        let fails = Verdict::Fails(vec![format!("{error:#}")]);
        rows.push((user, alone(fails)));
    }
    rows
}

/// Changes the system, if that makes the setting. The error is the reason why it is not
/// tried here.
fn guardian(make: &Make, system: bool, root: &Path) -> anyhow::Result<Option<Guardian>> {
    match make {
        Make::ByRoot(_) if !is_root() => bail!("needs the rights of root"),
        Make::OfSystem(..) if !system => bail!("--system changes it for the time being"),
        Make::OfSystem(script, file, value) => {
            Guardian::start(script, &root.join(file), value).map(Some)
        }
        _ => Ok(None),
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
