//! What came of the settings, as a table.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::Context;
use reading::Verdict;

use super::all::{Proof, Setting};
use super::trial::{Outcome, User};

/// What came of a setting, for one user.
pub struct Row {
    pub setting: &'static Setting,
    pub user: User,
    pub outcome: Outcome,
}

/// All rows, in the order in which they were tried.
#[derive(Default)]
pub struct Report {
    pub rows: Vec<Row>,
}

impl Report {
    /// How many rows fail.
    pub fn failed(&self) -> usize {
        self.rows.iter().filter(|row| row.fails()).count()
    }

    pub fn summary(&self) -> String {
        let not_tried = |row: &&Row| matches!(row.outcome, Outcome::NotTried(_));
        format!(
            "{} rows: {} fail, {} not tried here",
            self.rows.len(),
            self.failed(),
            self.rows.iter().filter(not_tried).count()
        )
    }

    /// The table, in Markdown.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        fs::write(path, self.markdown()).with_context(|| format!("cannot write {}", path.display()))
    }

    fn markdown(&self) -> String {
        let machine = rustix::system::uname();
        let mut text = format!(
            "# What holds under which setting\n\nLinux {}, {}.\n\n\
             | Setting | Name | Proved by | User | Verdict |\n|---|---|---|---|---|\n",
            machine.release().to_string_lossy(),
            machine.machine().to_string_lossy()
        );
        for row in &self.rows {
            let _ = writeln!(
                text,
                "| {} | `{}` | {} | {} | {} |",
                row.setting.says,
                row.setting.name,
                row.proof(),
                row.user.name(),
                row.verdict()
            );
        }
        let _ = writeln!(text, "\n{}.", self.summary());
        text + &self.details()
    }

    /// Everything that does not plainly hold, and where: most of it does not in
    /// many settings.
    fn details(&self) -> String {
        let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in &self.rows {
            let place = format!("`{}` ({})", row.setting.name, row.user.name());
            for detail in row.details() {
                places.entry(detail).or_default().push(place.clone());
            }
        }
        let asked = |row: &&Row| matches!(row.outcome, Outcome::Listings(_));
        let all = self.rows.iter().filter(asked).count();
        let mut text = String::new();
        for (detail, places) in places {
            let places = match places.len() {
                count if count == all && all > 1 => "everywhere".to_owned(),
                _ => places.join(", "),
            };
            let _ = write!(text, "\n{detail}\n\nIn: {places}.\n");
        }
        text
    }
}

impl Row {
    /// For a terminal.
    pub fn line(&self) -> String {
        let (name, user) = (self.setting.name, self.user.name());
        let mut text = format!("{name:<16} {user:<8} {}", self.verdict());
        for detail in self.details() {
            let _ = write!(text, "\n    {}", detail.replace('\n', "\n    "));
        }
        text
    }

    fn proof(&self) -> String {
        match self.setting.proof {
            Proof::Claims => "sessions and claims".to_owned(),
            Proof::Succeeds(words) => format!("`cargo xtask {}`", words.join(" ")),
            Proof::Tells(words, what) => {
                format!("`cargo xtask {}`, which must say: {what}", words.join(" "))
            }
        }
    }

    fn verdict(&self) -> String {
        match &self.outcome {
            Outcome::Holds => "holds".to_owned(),
            Outcome::Fails(_) => "**FAILS**".to_owned(),
            Outcome::NotTried(reason) => format!("not tried here: {reason}"),
            Outcome::Listings(verdicts) => {
                let count = |which: fn(&Verdict) -> bool| {
                    verdicts.values().filter(|each| which(each)).count()
                };
                let parts = [
                    (count(|each| *each == Verdict::Holds), "hold"),
                    (count(|each| matches!(each, Verdict::Skipped(_))), "skipped"),
                    (count(|each| matches!(each, Verdict::Fails(_))), "**FAIL**"),
                ];
                let parts = parts.iter().filter(|(count, _)| *count > 0);
                let parts: Vec<String> = parts
                    .map(|(count, what)| format!("{count} {what}"))
                    .collect();
                parts.join(", ")
            }
        }
    }

    fn fails(&self) -> bool {
        match &self.outcome {
            Outcome::Fails(_) => true,
            Outcome::Listings(verdicts) => {
                verdicts.is_empty()
                    || verdicts
                        .values()
                        .any(|each| matches!(each, Verdict::Fails(_)))
            }
            Outcome::Holds | Outcome::NotTried(_) => false,
        }
    }

    /// Everything that does not plainly hold.
    fn details(&self) -> Vec<String> {
        match &self.outcome {
            Outcome::Listings(verdicts) => verdicts
                .iter()
                .flat_map(|(listing, verdict)| match verdict {
                    Verdict::Holds => Vec::new(),
                    Verdict::Skipped(reason) => vec![format!("`{listing}` skipped: {reason}")],
                    Verdict::Fails(messages) => messages
                        .iter()
                        .map(|message| format!("`{listing}` FAILS: {message}"))
                        .collect(),
                })
                .collect(),
            Outcome::Fails(printed) => {
                let lines: Vec<&str> = printed.trim_end().lines().collect();
                let shown = &lines[lines.len().saturating_sub(20)..];
                vec![format!("```text\n{}\n```", shown.join("\n"))]
            }
            Outcome::Holds | Outcome::NotTried(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::settings::all::SETTINGS;

    fn row(outcome: Outcome) -> Row {
        Row {
            setting: &SETTINGS[0],
            user: User::Root,
            outcome,
        }
    }

    #[test]
    fn what_does_not_plainly_hold_is_told() {
        let verdicts = [
            ("a", Verdict::Holds),
            ("b", Verdict::Skipped("needs root".to_owned())),
            ("c", Verdict::Fails(vec!["src/c.md:1: false".to_owned()])),
        ];
        let verdicts = verdicts.map(|(name, verdict)| (name.to_owned(), verdict));
        let report = Report {
            rows: vec![
                row(Outcome::Listings(verdicts.into())),
                row(Outcome::NotTried("needs --system".to_owned())),
                row(Outcome::Fails("panicked at".to_owned())),
            ],
        };
        let text = report.markdown();
        for part in [
            "| root | 1 hold, 1 skipped, 1 **FAIL** |",
            "| root | not tried here: needs --system |",
            "| root | **FAILS** |",
            "\n3 rows: 2 fail, 1 not tried here.\n",
            "\n`b` skipped: needs root\n\nIn: `as-it-is` (root).\n",
            "\n`c` FAILS: src/c.md:1: false\n\nIn: `as-it-is` (root).\n",
            "```text\npanicked at\n```",
        ] {
            assert!(text.contains(part), "no {part:?} in:\n{text}");
        }
    }

    #[test]
    fn no_verdict_at_all_is_none_that_holds() {
        assert!(row(Outcome::Listings(reading::Verdicts::new())).fails());
    }
}
