//! What a guest reports on its serial line.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use reading::{Verdict, Verdicts};

/// The guest, in its own words.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Machine {
    pub release: String,
    pub architecture: String,
    pub page_size: u64,
    /// The day, as `2026-11-24`.
    pub date: String,
}

impl Machine {
    fn parse(words: &str) -> Option<Self> {
        let mut words = words.split_whitespace().map(str::to_owned);
        Some(Self {
            release: words.next()?,
            architecture: words.next()?,
            page_size: words.next()?.parse().ok()?,
            date: words.next()?,
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Linux {}, {}, {} KiB pages",
            self.release,
            self.architecture,
            self.page_size / 1024
        )
    }
}

/// A guest's report: its lines that begin with `matrix`.
#[derive(Debug, Default)]
pub struct Report {
    pub machine: Machine,
    /// When the first session began, after the start of QEMU.
    pub booted: Duration,
    /// When the guest had done all.
    pub done: Duration,
    /// By the uid that the listings ran as.
    pub root: Option<Verdicts>,
    pub ordinary: Option<Verdicts>,
    /// The records that pages may show elsewhere, as text, by listing.
    pub records: BTreeMap<String, String>,
    ended: bool,
    /// Everything else that it printed.
    others: Vec<String>,
}

impl Report {
    /// Takes the next line, with the time since the start of QEMU.
    pub fn take(&mut self, line: &str, at: Duration) {
        let line = line.trim_end();
        let Some(words) = line.strip_prefix("matrix ") else {
            if !line.is_empty() {
                self.others.push(line.to_owned());
            }
            return;
        };
        let (kind, rest) = words.split_once(' ').unwrap_or((words, ""));
        match kind {
            "machine" => {
                self.machine = Machine::parse(rest).unwrap_or_default();
                self.booted = at;
            }
            "verdicts" => {
                let (user, text) = rest.split_once(' ').unwrap_or((rest, ""));
                match (user, serde_json::from_str(text)) {
                    ("0", Ok(verdicts)) => self.root = Some(verdicts),
                    ("65534", Ok(verdicts)) => self.ordinary = Some(verdicts),
                    _ => self.others.push(line.to_owned()),
                }
            }
            "record" => {
                if let Some((listing, text)) = rest.split_once(' ') {
                    self.records.insert(listing.to_owned(), text.to_owned());
                }
            }
            "end" => {
                self.ended = true;
                self.done = at;
            }
            _ => {}
        }
    }

    /// Whether the guest came to its end with a verdict of both users.
    pub fn is_complete(&self) -> bool {
        self.ended && self.root.is_some() && self.ordinary.is_some()
    }

    /// The verdicts, by who asked.
    pub fn users(&self) -> impl Iterator<Item = (&'static str, &Verdicts)> {
        let users = [("root", &self.root), ("an ordinary user", &self.ordinary)];
        users
            .into_iter()
            .filter_map(|(user, verdicts)| Some((user, verdicts.as_ref()?)))
    }

    /// How many listings fail, for root or for others.
    pub fn failures(&self) -> usize {
        self.users()
            .flat_map(|(_, verdicts)| verdicts.values())
            .filter(|verdict| matches!(verdict, Verdict::Fails(_)))
            .count()
    }

    /// The last lines that are no report: why a guest did not finish.
    pub fn tail(&self) -> String {
        let start = self.others.len().saturating_sub(20);
        self.others[start..].join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(lines: &[&str]) -> Report {
        let mut report = Report::default();
        for (second, line) in (1..).zip(lines) {
            report.take(line, Duration::from_secs(second));
        }
        report
    }

    #[test]
    fn the_lines_of_a_guest_are_its_report() {
        let report = report(&[
            "[    0.1] Linux\r",
            "matrix machine 6.1.0-38-amd64 x86_64 4096 2026-11-24\r",
            "matrix begin 0\r",
            "matrix verdicts 0 {\"a\":\"Holds\"}\r",
            "matrix verdicts 65534 {\"a\":{\"Skipped\":\"needs the rights of root\"}}\r",
            "matrix record a {\"Ok\":{}}\r",
            "matrix end\r",
        ]);
        assert!(report.is_complete());
        assert_eq!(report.records["a"], "{\"Ok\":{}}");
        assert_eq!(
            report.machine.to_string(),
            "Linux 6.1.0-38-amd64, x86_64, 4 KiB pages"
        );
        assert_eq!(report.machine.date, "2026-11-24");
        assert_eq!((report.booted.as_secs(), report.done.as_secs()), (2, 7));
        let ordinary = report.ordinary.expect("is there");
        let skipped = Verdict::Skipped("needs the rights of root".to_owned());
        assert_eq!(ordinary.get("a"), Some(&skipped));
    }

    #[test]
    fn a_guest_that_stops_early_is_not_complete() {
        let report = report(&["matrix verdicts 0 {\"a\":\"Holds\"}", "Kernel panic"]);
        assert!(!report.is_complete());
        assert_eq!(report.tail(), "Kernel panic");
        assert!(!self::report(&["matrix end"]).is_complete());
    }

    #[test]
    fn verdicts_that_are_cut_off_are_shown_as_they_are() {
        let report = report(&["matrix verdicts 0 {\"a\":", "matrix end"]);
        assert_eq!(report.tail(), "matrix verdicts 0 {\"a\":");
    }
}
