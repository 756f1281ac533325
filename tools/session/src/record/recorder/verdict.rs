//! What is to be said of a session at its end.

use super::run::Run;
use super::{Order, SessionFailure};
use crate::keeper::Ending;
use crate::record::Moment;

impl Run<'_> {
    /// Whether it ended as it should; why it did nothing, if it says so.
    pub(super) fn judge(&self, ending: Ending) -> Result<Option<String>, SessionFailure> {
        let expected = self.order.session.expected_ending();
        let skipped = self.skipped(ending)?;
        if ending != expected && skipped.is_none() {
            return Err(SessionFailure::WrongEnding {
                ending,
                expected,
                whence: match (&self.gone, self.checkpoints.last()) {
                    (Some(when), _) => when.clone(),
                    (None, Some(last)) => format!("after the checkpoint `{}`", last.name),
                    (None, None) => "before any checkpoint".to_owned(),
                },
                output: self.printed(),
            });
        }
        if let Some(when) = &self.gone {
            return Err(SessionFailure::EndedWaiting(when.clone()));
        }
        self.pressed_in_vain()?;
        if !self.left.is_empty() {
            return Err(SessionFailure::LeftProcesses {
                processes: self.left.clone(),
                output: self.printed(),
            });
        }
        if skipped.is_none() {
            self.used_all()?;
        }
        Ok(skipped)
    }

    /// The reason that a listing gave for doing nothing here: its first verdict, and
    /// its last word.
    fn skipped(&self, ending: Ending) -> Result<Option<String>, SessionFailure> {
        let printed = self.transcript.iter().filter_map(|moment| match moment {
            Moment::Printed(line) => Some(line.as_str()),
            Moment::Pressed(_) => None,
        });
        let mut rest = printed.skip_while(|line| !line.starts_with("skipped:"));
        let Some(line) = rest.next() else {
            return Ok(None);
        };
        let reason = line.trim_start_matches("skipped:").trim();
        let wrong = if let Some(first) = self.checkpoints.first() {
            format!(
                "after the checkpoint `{}`; it finds out before the first",
                first.name
            )
        } else if rest.next().is_some() {
            "and goes on; this is its last word".to_owned()
        } else if ending != Ending::Exit(0) {
            format!("and ends with {ending}; then its exit status is 0")
        } else if !self.order.session.needs.allow(reason) {
            "which its session does not name; a reason is `needs …`, and begins with what stands in `needs.other`".to_owned()
        } else {
            return Ok(Some(reason.to_owned()));
        };
        let line = line.to_owned();
        Err(SessionFailure::Skipped { line, wrong })
    }

    /// What a session names has come to pass.
    fn used_all(&self) -> Result<(), SessionFailure> {
        let Order {
            session,
            companions,
            ..
        } = self.order;
        let starts = companions
            .iter()
            .map(|each| (&each.at, "starts a companion"));
        let commands = session.commands.keys().map(|at| (at, "has commands"));
        let mut wanted = starts.chain(commands);
        if let Some((at, does)) = wanted.find(|(at, _)| !self.reached(at)) {
            let known = self.checkpoints.iter().map(|c| c.name.clone()).collect();
            let wanted = at.clone();
            return Err(SessionFailure::NeverReached {
                wanted,
                does,
                known,
            });
        }
        for end in [self.checkpoints.first(), self.checkpoints.last()] {
            end.map_or(Ok(()), |checkpoint| {
                self.named.differ_from(&checkpoint.proc)
            })?;
        }
        Ok(())
    }

    pub(super) fn timed_out(&self) -> SessionFailure {
        let mut unreached = self
            .order
            .commands
            .keys()
            .filter(|name| !self.reached(name));
        let after = match self.checkpoints.last() {
            Some(last) => format!(" after `{}`", last.name),
            None => String::new(),
        };
        SessionFailure::TimedOut {
            seconds: self.order.session.time_limit().as_secs(),
            waiting_for: match unreached.next() {
                Some(name) => format!("the checkpoint `{name}`{after}"),
                None => format!("the next checkpoint or the end{after}"),
            },
            output: self.printed(),
        }
    }
}
