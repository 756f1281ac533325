//! A session under way: from checkpoint to checkpoint, to its end.

use std::io::Write;
use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::thread::JoinHandle;
use std::time::Instant;

use super::failure::{TimedFailure, tame};
use super::named::{MOST_NAMES, Named};
use super::waiting::started_by;
use super::{Order, SessionFailure, lines};
use crate::compile::readers_environment;
use crate::keeper::{self, Ending, Event, Kept, Word};
use crate::record::page_text::page_text_from;
use crate::record::{Checkpoint, END, Moment, Record};

/// A session under way.
pub struct Run<'a> {
    pub(super) kept: Kept,
    pub(super) order: &'a Order<'a>,
    pub(super) folder: &'a Path,
    pub(super) pid: u32,
    /// Every byte printed so far, and how many of them were read as lines.
    output: Vec<u8>,
    read: usize,
    lines: usize,
    transcript: Vec<Moment>,
    pub(super) named: Named,
    pub(super) companions: Vec<(String, JoinHandle<Result<Record, TimedFailure>>)>,
    pub(super) checkpoints: Vec<Checkpoint>,
    /// What it left running.
    left: Vec<String>,
    /// How it ended, and whether nobody can print any more.
    pub(super) ending: Option<Ending>,
    closed: bool,
    /// The checkpoint at which it ended instead of waiting.
    gone: Option<String>,
    /// How much of the kernel's files the checkpoints hold.
    pub(super) kept_bytes: usize,
}

impl<'a> Run<'a> {
    /// Starts the program in a folder, which is removed at its end if it is the
    /// program's own.
    pub fn start(order: &'a Order, folder: &'a Path, own: bool) -> Result<Self, SessionFailure> {
        let mut like = keeper::command();
        like.current_dir(folder);
        readers_environment(&mut like);
        let arguments = &order.session.arguments;
        let program = order.program.as_os_str();
        let kept = Kept::start(like, program, arguments, own.then_some(folder), true)?;
        Ok(Self {
            order,
            folder,
            pid: kept.pid,
            kept,
            output: Vec::new(),
            read: 0,
            lines: 0,
            transcript: Vec::new(),
            named: Named::default(),
            companions: Vec::new(),
            checkpoints: Vec::new(),
            left: Vec::new(),
            ending: None,
            closed: false,
            gone: None,
            kept_bytes: 0,
        })
    }

    /// Drives it to its end.
    pub fn record(mut self) -> Result<Record, TimedFailure> {
        let outcome = self.drive().map_err(TimedFailure::now);
        // Where a companion failed, the rest may be a consequence.
        let companions = self.await_companions();
        let ((ending, skipped), companions) = match (outcome, companions) {
            (Ok(outcome), Ok(companions)) => (outcome, companions),
            (Err(failure), Ok(_)) | (Ok(_), Err(failure)) => return Err(failure),
            (Err(own), Err(beside)) => return Err(own.with(beside)),
        };
        Ok(Record {
            listing: self.order.listing.to_owned(),
            environment: self.order.environment.clone(),
            arguments: self.order.session.arguments.clone(),
            pid: self.pid,
            skipped,
            stored: None,
            transcript: self.transcript,
            checkpoints: self.checkpoints,
            values: self.named.values,
            companions,
            ending,
        })
    }

    fn drive(&mut self) -> Result<(Ending, Option<String>), SessionFailure> {
        let mut deadline = self.deadline();
        let ending = loop {
            if let (Some(ending), true) = (self.ending, self.closed) {
                break ending;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.kept.events.recv_timeout(left) {
                Ok(event) => {
                    // A long line may come byte by byte: it is not looked at
                    // before its end.
                    let ends = !matches!(&event, Event::Printed(bytes) if !bytes.contains(&b'\n'));
                    self.take(event)?;
                    if ends && self.take_lines()? {
                        deadline = self.deadline();
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Err(SessionFailure::KeeperGone),
                Err(RecvTimeoutError::Timeout) => return Err(self.timed_out()),
            }
        };
        let skipped = self.judge(ending)?;
        Ok((ending, skipped))
    }

    /// Takes note of what happened.
    pub(super) fn take(&mut self, event: Event) -> Result<(), SessionFailure> {
        match event {
            Event::Printed(bytes) => self.output.extend(bytes),
            Event::OutputClosed => {
                self.closed = true;
                if !self.output.ends_with(b"\n") && !self.output.is_empty() {
                    self.output.push(b'\n');
                }
            }
            Event::Flooded => {
                return Err(SessionFailure::Flooded {
                    output: self.printed(),
                });
            }
            Event::Keeper(Word::Started(_) | Word::NotStarted(_)) => {}
            Event::Keeper(Word::Left(pid, name)) => {
                self.left.push(format!("`{}` (process {pid})", tame(&name)));
            }
            Event::Keeper(Word::Ended(how)) => self.ending = Some(how),
            Event::KeeperGone if self.ending.is_some() => {}
            Event::KeeperGone => return Err(SessionFailure::KeeperGone),
        }
        Ok(())
    }

    /// Whether it ended as it should; why it did nothing, if it says so.
    fn judge(&self, ending: Ending) -> Result<Option<String>, SessionFailure> {
        let expected = self.order.session.expected_ending();
        let skipped = self.skipped(ending)?;
        if ending != expected && skipped.is_none() {
            return Err(SessionFailure::WrongEnding {
                ending,
                expected,
                whence: match (&self.gone, self.checkpoints.last()) {
                    (Some(name), _) => format!("while it announced the checkpoint `{name}`"),
                    (None, Some(last)) => format!("after the checkpoint `{}`", last.name),
                    (None, None) => "before any checkpoint".to_owned(),
                },
                output: self.printed(),
            });
        }
        if let Some(name) = &self.gone {
            return Err(SessionFailure::EndedAt(name.clone()));
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

    pub(super) fn reached(&self, checkpoint: &str) -> bool {
        self.checkpoints
            .iter()
            .any(|reached| reached.name == checkpoint)
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
            let line = page_text_from(self.lines, line)?;
            self.transcript.push(Moment::Printed(line.clone()));
            if let Some(pid) = self.named.take(&line)?
                && !started_by(self.pid, pid)
            {
                return Err(SessionFailure::NotStarted { line, pid });
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
            return Err(SessionFailure::CalledEnd);
        }
        if self.reached(name) {
            return Err(SessionFailure::TwiceReached(name.to_owned()));
        }
        if self.checkpoints.len() == MOST_NAMES {
            return Err(SessionFailure::TooManyNames);
        }
        self.pressed_in_vain()?;
        if self.gone.is_none() && self.look(name, next)? {
            self.named.seen();
            self.start_companions(name);
            self.press(name)
        } else {
            self.gone.get_or_insert(name.to_owned());
            Ok(())
        }
    }

    fn press(&mut self, checkpoint: &str) -> Result<(), SessionFailure> {
        let pressed = self.kept.stdin.as_mut().map(|stdin| stdin.write_all(b"\n"));
        match pressed {
            Some(Ok(())) => {
                self.transcript.push(Moment::Pressed(checkpoint.to_owned()));
                Ok(())
            }
            _ => Err(SessionFailure::NotWaiting(checkpoint.to_owned())),
        }
    }

    /// A Return that was pressed, and that nobody has read.
    fn pressed_in_vain(&self) -> Result<(), SessionFailure> {
        let unread = self.kept.stdin.as_ref().map(rustix::io::ioctl_fionread);
        match (unread, self.checkpoints.last()) {
            (Some(Ok(1..)), Some(last)) => Err(SessionFailure::NotWaiting(last.name.clone())),
            _ => Ok(()),
        }
    }

    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.order.session.time_limit()
    }

    fn timed_out(&self) -> SessionFailure {
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

    fn printed(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }
}
