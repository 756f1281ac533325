//! What came of a setting, in words.

use super::all::Setting;
use super::trial::Outcome;
use crate::verdicts::{details, failures, summary};

/// What came of a setting, for one user.
pub struct Row {
    pub setting: &'static Setting,
    pub user: &'static str,
    pub outcome: Outcome,
}

impl Row {
    /// For a terminal.
    pub fn line(&self) -> String {
        let Setting { name, says, .. } = self.setting;
        let (verdict, details) = match &self.outcome {
            Outcome::Holds => ("holds".to_owned(), Vec::new()),
            Outcome::NotTried(reason) => (format!("not tried here: {reason}"), Vec::new()),
            Outcome::Listings(verdicts) => (summary(verdicts), details(verdicts)),
            Outcome::Fails(printed) => {
                let lines: Vec<&str> = printed.trim_end().lines().collect();
                let shown = &lines[lines.len().saturating_sub(20)..];
                ("FAILS".to_owned(), vec![shown.join("\n")])
            }
        };
        let mut text = format!("{name:<16} {:<8} {verdict} ({says})", self.user);
        for detail in details {
            text.push_str(&format!("\n    {}", detail.replace('\n', "\n    ")));
        }
        text
    }

    pub fn fails(&self) -> bool {
        match &self.outcome {
            Outcome::Fails(_) => true,
            Outcome::Listings(verdicts) => verdicts.is_empty() || failures(verdicts) > 0,
            Outcome::Holds | Outcome::NotTried(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use reading::{Verdict, Verdicts};

    use super::*;
    use crate::settings::ORDINARY;
    use crate::settings::all::SETTINGS;

    fn row(outcome: Outcome) -> Row {
        Row {
            setting: &SETTINGS[0],
            user: ORDINARY,
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
            "as-it-is         ordinary 1 hold, 1 skipped, 1 FAIL (the machine as it is)\n    \
             `b` skipped: needs root\n    `c` FAILS: src/c.md:1: false"
        );
        let not_tried = row(Outcome::NotTried("needs --system".to_owned()));
        assert!(!not_tried.fails());
        assert!(not_tried.line().contains("not tried here: needs --system"));
        let fails = row(Outcome::Fails("panicked at\n".to_owned()));
        assert!(fails.fails());
        let line = fails.line();
        assert!(
            line.ends_with("FAILS (the machine as it is)\n    panicked at"),
            "{line}"
        );
    }

    #[test]
    fn no_verdict_at_all_is_none_that_holds() {
        assert!(row(Outcome::Listings(Verdicts::new())).fails());
        let holds = Verdicts::from([("a".to_owned(), Verdict::Holds)]);
        assert!(!row(Outcome::Listings(holds)).fails());
    }
}
