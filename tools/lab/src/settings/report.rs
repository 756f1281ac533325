//! What came of a setting, in words.

use std::fmt::Write;

use capture::Verdict;

use super::all::Setting;
use super::trial::{Outcome, User};

/// What came of a setting, for one user.
pub struct Row {
    pub setting: &'static Setting,
    pub user: User,
    pub outcome: Outcome,
}

impl Row {
    /// For a terminal.
    pub fn line(&self) -> String {
        let Setting { name, says, .. } = self.setting;
        let user = self.user.name();
        let mut text = format!("{name:<16} {user:<8} {} ({says})", self.verdict());
        for detail in self.details() {
            let _ = write!(text, "\n    {}", detail.replace('\n', "\n    "));
        }
        text
    }

    fn verdict(&self) -> String {
        match &self.outcome {
            Outcome::Holds => "holds".to_owned(),
            Outcome::Fails(_) => "FAILS".to_owned(),
            Outcome::NotTried(reason) => format!("not tried here: {reason}"),
            Outcome::Listings(verdicts) => {
                let count = |which: fn(&Verdict) -> bool| {
                    verdicts.values().filter(|each| which(each)).count()
                };
                let parts = [
                    (count(|each| *each == Verdict::Holds), "hold"),
                    (count(|each| matches!(each, Verdict::Skipped(_))), "skipped"),
                    (count(|each| matches!(each, Verdict::Fails(_))), "FAIL"),
                ];
                let parts = parts.iter().filter(|(count, _)| *count > 0);
                let parts: Vec<String> = parts
                    .map(|(count, what)| format!("{count} {what}"))
                    .collect();
                parts.join(", ")
            }
        }
    }

    pub fn fails(&self) -> bool {
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
                vec![shown.join("\n")]
            }
            Outcome::Holds | Outcome::NotTried(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::all::SETTINGS;

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
        let listings = row(Outcome::Listings(verdicts.into()));
        assert!(listings.fails());
        assert_eq!(
            listings.line(),
            "as-it-is         root     1 hold, 1 skipped, 1 FAIL (the machine as it is)\n    \
             `b` skipped: needs root\n    `c` FAILS: src/c.md:1: false"
        );
        let not_tried = row(Outcome::NotTried("needs --system".to_owned()));
        assert!(!not_tried.fails());
        assert!(not_tried.line().contains("not tried here: needs --system"));
        let fails = row(Outcome::Fails("panicked at\n".to_owned()));
        assert!(
            fails.fails()
                && fails
                    .line()
                    .ends_with("FAILS (the machine as it is)\n    panicked at")
        );
    }

    #[test]
    fn no_verdict_at_all_is_none_that_holds() {
        assert!(row(Outcome::Listings(capture::Verdicts::new())).fails());
    }
}
