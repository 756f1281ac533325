//! What is to be said of a session at its end.

use super::SessionFailure;
use super::run::Run;
use crate::keeper::Ending;
use crate::record::Moment;
use text::nearest;

impl Run<'_> {
    /// Whether it ended as it should; why it did nothing, if it says so.
    pub(super) fn judge(&self, ending: Ending) -> Result<Option<String>, SessionFailure> {
        let expected = self.order.session.expected_ending();
        let skipped = self.skipped(ending)?;
        if ending != expected && skipped.is_none() {
            let whence = match (&self.gone, self.checkpoints.last()) {
                (Some(when), _) => when.clone(),
                (None, Some(last)) => format!("after the checkpoint `{}`", last.name),
                (None, None) => "before any checkpoint".to_owned(),
            };
            let mut failure = self.printing(format!("ended with {ending} instead of {expected}, {whence}; if that is meant, its session says so with `exit-status = N` or `signal = \"SIG…\"`"));
            failure.death = matches!(ending, Ending::Signal(_));
            return Err(failure);
        }
        if let Some(when) = &self.gone {
            return Err(format!("ended {when}; it must wait for Return there, itself and not in a process that it leaves behind").into());
        }
        self.pressed_in_vain()?;
        if !self.left.is_empty() {
            return Err(self.printing(format!(
                "left {} running when it ended; a listing waits for what it starts",
                self.left.join(", ")
            )));
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
        Err(format!("prints `{line}` {wrong}").into())
    }

    /// What a session names has come to pass.
    fn used_all(&self) -> Result<(), SessionFailure> {
        let session = self.order.session;
        let starts = session
            .companions
            .iter()
            .map(|each| (&each.at, "starts a companion"));
        let commands = session.commands.keys().map(|at| (at, "has commands"));
        let mut wanted = starts.chain(commands);
        if let Some((at, does)) = wanted.find(|(at, _)| !self.reached(at)) {
            let near = nearest(at, self.checkpoints.iter().map(|c| &c.name[..]));
            return Err(
                format!("{does} at the checkpoint `{at}`, which it did not reach{near}").into(),
            );
        }
        for end in [self.checkpoints.first(), self.checkpoints.last()] {
            end.map_or(Ok(()), |checkpoint| {
                self.named.differ_from(&checkpoint.proc)
            })?;
        }
        Ok(())
    }

    pub(super) fn timed_out(&self) -> SessionFailure {
        let commands = self.order.commands.keys();
        let waiting_for = match commands.clone().find(|name| !self.reached(name)) {
            Some(name) => format!("the checkpoint `{name}`"),
            None => "the next checkpoint or the end".to_owned(),
        };
        let last = self.checkpoints.last();
        let after = last.map_or(String::new(), |last| format!(" after `{}`", last.name));
        self.printing(format!(
            "timed out after {} s, waiting for {waiting_for}{after}; a checkpoint is a whole line such as `mapped: press Return to write one byte`, and `seconds = N` in its session allows more time",
            self.order.session.time_limit().as_secs()
        ))
    }
}
