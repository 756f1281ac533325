//! What a guest reports on its serial line.

use std::collections::BTreeMap;

use reading::{Verdict, Verdicts};

/// A guest's report: its lines that begin with `matrix`.
#[derive(Debug, Default)]
pub struct Report {
    /// The guest, in its own words.
    pub machine: String,
    /// By the user that the listings ran as: root and others.
    pub users: BTreeMap<String, Verdicts>,
    /// The records that pages may show elsewhere, as text, by listing.
    pub records: BTreeMap<String, String>,
    ended: bool,
    /// Everything else that it printed: why it did not finish.
    pub others: String,
}

/// Who asks in a guest.
const USERS: [&str; 2] = ["root", "others"];

impl Report {
    pub fn of(printed: &str) -> Self {
        let mut report = Self::default();
        for line in printed.lines().map(str::trim_end) {
            let words: Vec<&str> = line.splitn(4, ' ').collect();
            match words[..] {
                ["matrix", "machine", ..] => {
                    line.trim_start_matches("matrix machine ")
                        .clone_into(&mut report.machine);
                }
                ["matrix", "end"] => report.ended = true,
                ["matrix", "record", listing, record] => {
                    report.records.insert(listing.to_owned(), record.to_owned());
                }
                ["matrix", "verdicts", user, verdicts] => match serde_json::from_str(verdicts) {
                    Ok(verdicts) => drop(report.users.insert(user.to_owned(), verdicts)),
                    Err(_) => report.others += &format!("{line}\n"),
                },
                _ => report.others += &format!("{line}\n"),
            }
        }
        report
    }

    /// Whether the guest came to its end with a verdict of both users.
    pub fn is_complete(&self) -> bool {
        self.ended && USERS.iter().all(|user| self.users.contains_key(*user))
    }

    /// What root and others say of a listing.
    pub fn verdicts(&self, listing: &str) -> [Option<&Verdict>; 2] {
        USERS.map(|user| self.users.get(user)?.get(listing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_guest_are_its_report() {
        let report = Report::of(
            "[    0.1] Linux\r\n\
             matrix machine Linux 6.1.0-38-amd64, x86_64, 4 KiB pages, on 2026-11-24\r\n\
             matrix verdicts root {\"a\":\"Holds\"}\r\n\
             matrix verdicts others {\"a\":{\"Skipped\":\"needs the rights of root\"}}\r\n\
             matrix record a {\"Ok\": {}}\r\n\
             matrix end\r\n",
        );
        assert!(report.is_complete());
        assert_eq!(report.records["a"], "{\"Ok\": {}}");
        assert_eq!(
            report.machine,
            "Linux 6.1.0-38-amd64, x86_64, 4 KiB pages, on 2026-11-24"
        );
        let skipped = Verdict::Skipped("needs the rights of root".to_owned());
        let both = [&Verdict::Holds, &skipped].map(Some);
        assert_eq!(report.verdicts("a"), both);
    }

    #[test]
    fn a_guest_that_stops_early_is_not_complete() {
        let report = Report::of("matrix verdicts root {\"a\":\"Holds\"}\nKernel panic");
        assert!(!report.is_complete());
        assert_eq!(report.others, "Kernel panic\n");
        assert!(!Report::of("matrix end").is_complete());
    }

    #[test]
    fn verdicts_that_are_cut_off_are_shown_as_they_are() {
        let report = Report::of("matrix verdicts root {\"a\":\nmatrix end");
        assert_eq!(report.others, "matrix verdicts root {\"a\":\n");
        assert!(!report.is_complete());
    }
}
