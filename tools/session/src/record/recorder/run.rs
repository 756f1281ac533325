//! A session under way: from checkpoint to checkpoint, to its end.

use std::ffi::OsString;
use std::io::Write;
use std::iter::once;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Instant;

use super::failure::{so_far, tame};
use super::named::{MOST_NAMES, Named, too_many};
use super::waiting::started_by;
use super::{Order, SessionFailure, lines};
use crate::compile::readers_environment;
use crate::keeper::{Ending, Event, Kept, Program};
use crate::record::page_text::page_text_from;
use crate::record::{END, Moment, Record, printed};
use text::nearest;

/// A session under way.
pub struct Run<'a> {
    pub(super) kept: Kept,
    pub(super) order: &'a Order<'a>,
    pub(super) folder: &'a Path,
    /// Every byte printed so far, and how many of them were read as lines.
    output: Vec<u8>,
    read: usize,
    lines: usize,
    /// What it leaves.
    pub(super) record: Record,
    pub(super) named: Named,
    pub(super) companions: Vec<(String, JoinHandle<Result<Record, SessionFailure>>)>,
    /// What it left running.
    left: Vec<String>,
    pub(super) ending: Option<Ending>,
    /// When it ended, if that was at a checkpoint.
    gone: Option<String>,
    /// How much of the kernel's files the checkpoints hold.
    pub(super) kept_bytes: usize,
}

impl<'a> Run<'a> {
    /// Starts the program in a folder.
    pub fn start(order: &'a Order, folder: &'a Path) -> Result<Self, SessionFailure> {
        let arguments = order.session.arguments.iter().map(OsString::from);
        let program = Program {
            words: once(order.program.into()).chain(arguments).collect(),
            folder: Some(folder.to_owned()),
            environment: readers_environment(),
        };
        let kept = Kept::start(program, true)
            .map_err(|error| format!("cannot start the session: {error}"))?;
        Ok(Self {
            order,
            folder,
            record: Record {
                pid: kept.pid,
                ..order.record()
            },
            kept,
            output: Vec::new(),
            read: 0,
            lines: 0,
            named: Named::default(),
            companions: Vec::new(),
            left: Vec::new(),
            ending: None,
            gone: None,
            kept_bytes: 0,
        })
    }

    /// Drives it to its end.
    pub fn record(mut self) -> Result<Record, SessionFailure> {
        let mut failures = Vec::new();
        match self.drive() {
            Ok((ending, skipped)) => {
                self.record.ending = ending;
                self.record.skipped = skipped;
            }
            Err(failure) => failures.push(failure),
        }
        // Where a companion failed, the rest may be a consequence.
        failures.extend(self.await_companions());
        self.record.values = self.named.values;
        SessionFailure::all(failures).map_or(Ok(self.record), Err)
    }

    fn drive(&mut self) -> Result<(Ending, Option<String>), SessionFailure> {
        let mut deadline = self.deadline();
        let ending = loop {
            if let Some(ending) = self.ending {
                break ending;
            }
            let event = self.next(deadline)?;
            if matches!(event, Event::TimedOut) {
                return Err(self.timed_out());
            }
            // A long line may come byte by byte: it is not looked at before its end.
            let ends = !matches!(&event, Event::Printed(bytes) if !bytes.contains(&b'\n'));
            self.take(event);
            if ends && self.take_lines()? {
                deadline = self.deadline();
            }
        };
        let skipped = self.judge(ending)?;
        Ok((ending, skipped))
    }

    /// What happens next, by then.
    pub(super) fn next(&mut self, deadline: Instant) -> Result<Event, SessionFailure> {
        let next = self.kept.next(deadline);
        next.map_err(|error| self.printing(error.to_string()))
    }

    /// Takes note of what happened.
    pub(super) fn take(&mut self, event: Event) {
        match event {
            Event::Printed(bytes) => self.output.extend(bytes),
            Event::Left(pid, name) => {
                self.left.push(format!("`{}` (process {pid})", tame(&name)));
            }
            Event::Ended(how) => {
                self.ending = Some(how);
                if !self.output.ends_with(b"\n") && !self.output.is_empty() {
                    self.output.push(b'\n');
                }
            }
            Event::TimedOut => {}
        }
    }

    /// Whether it has printed more than was read as lines.
    pub(super) fn prints_on(&self) -> bool {
        self.output.len() > self.read
    }

    /// Reads the lines that are complete; tells whether one was a checkpoint.
    fn take_lines(&mut self) -> Result<bool, SessionFailure> {
        let mut reached = false;
        while let Some(length) = self.output[self.read..].iter().position(|b| *b == b'\n') {
            let end = self.read + length;
            let line = self.output[self.read..end].to_vec();
            self.lines += 1;
            self.read = end + 1;
            let line = page_text_from(self.lines, line)
                .map_err(|why| format!("{why}; a listing prints plain text"))?;
            self.record.transcript.push(Moment::Printed(line.clone()));
            if let Some(pid) = self.named.take(&line)?
                && !started_by(self.kept.pid, pid)
            {
                return Err(not_started(&line, pid));
            }
            if let Some((name, next)) = lines::checkpoint(&line) {
                self.checkpoint(name, next)?;
                reached = true;
            }
        }
        Ok(reached)
    }

    fn checkpoint(&mut self, name: &str, next: &str) -> Result<(), SessionFailure> {
        if name == END {
            let what = "calls a checkpoint `end`, which is what claims call the time after its end; give it another name";
            return Err(what.to_owned().into());
        }
        if self.record.at(name).is_ok() {
            return Err(format!("reached the checkpoint `{name}` twice; each checkpoint of a listing has a name of its own").into());
        }
        if self.record.checkpoints.len() == MOST_NAMES {
            return Err(too_many().into());
        }
        self.pressed_in_vain()?;
        // What has ended cannot be looked at.
        if self.gone.is_some() {
            return Ok(());
        }
        if let Some(when) = self.look(name, next)? {
            self.gone = Some(format!("{when} the checkpoint `{name}`"));
            return Ok(());
        }
        self.named.seen();
        self.start_companions(name);
        let stdin = self.kept.stdin.as_mut();
        if stdin.is_none_or(|stdin| stdin.write_all(b"\n").is_err()) {
            return Err(not_waiting(name));
        }
        self.record
            .transcript
            .push(Moment::Pressed(name.to_owned()));
        Ok(())
    }

    /// A Return that was pressed, and that nobody has read.
    fn pressed_in_vain(&self) -> Result<(), SessionFailure> {
        let unread = self.kept.stdin.as_ref().map(rustix::io::ioctl_fionread);
        match (unread, self.record.checkpoints.last()) {
            (Some(Ok(1..)), Some(last)) => Err(not_waiting(&last.name)),
            _ => Ok(()),
        }
    }

    /// Whether it ended as it should; why it did nothing, if it says so.
    fn judge(&self, ending: Ending) -> Result<Option<String>, SessionFailure> {
        let expected = self.order.session.expected_ending();
        let skipped = self.skipped(ending)?;
        if ending != expected && skipped.is_none() {
            let whence = match (&self.gone, self.record.checkpoints.last()) {
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
        let mut rest = printed(&self.record).skip_while(|line| !line.starts_with("skipped:"));
        let Some(line) = rest.next() else {
            return Ok(None);
        };
        let reason = line.trim_start_matches("skipped:").trim();
        let wrong = if let Some(first) = self.record.checkpoints.first() {
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
        if let Some((at, does)) = wanted.find(|(at, _)| self.record.at(at).is_err()) {
            let near = nearest(at, self.record.checkpoints.iter().map(|c| &c.name[..]));
            return Err(
                format!("{does} at the checkpoint `{at}`, which it did not reach{near}").into(),
            );
        }
        let checkpoints = &self.record.checkpoints;
        for end in checkpoints.first().into_iter().chain(checkpoints.last()) {
            self.named.differ_from(&end.proc)?;
        }
        Ok(())
    }

    fn timed_out(&self) -> SessionFailure {
        let commands = self.order.commands.keys();
        let waiting_for = match commands.clone().find(|name| self.record.at(name).is_err()) {
            Some(name) => format!("the checkpoint `{name}`"),
            None => "the next checkpoint or the end".to_owned(),
        };
        let last = self.record.checkpoints.last();
        let after = last.map_or(String::new(), |last| format!(" after `{}`", last.name));
        self.printing(format!(
            "timed out after {} s, waiting for {waiting_for}{after}; a checkpoint is a whole line such as `mapped: press Return to write one byte`, and `seconds = N` in its session allows more time",
            self.order.session.time_limit().as_secs()
        ))
    }

    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.order.session.time_limit()
    }

    /// A failure that what it has printed may explain.
    fn printing(&self, what: String) -> SessionFailure {
        (what + &so_far(&self.output)).into()
    }
}

pub(super) fn not_started(line: &str, pid: u32) -> SessionFailure {
    format!(
        "prints `{line}`, but process {pid} is none that it has started and that is still there"
    )
    .into()
}

pub(super) fn not_waiting(checkpoint: &str) -> SessionFailure {
    format!("did not wait at the checkpoint `{checkpoint}`: there it reads one line of standard input, and prints and does nothing until Return is pressed").into()
}
