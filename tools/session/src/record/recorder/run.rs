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
use crate::keeper::{self, Ending, Event, Kept, Program};
use crate::record::page_text::page_text_from;
use crate::record::{Checkpoint, END, Moment, Record};

/// A session under way.
pub struct Run<'a> {
    pub(super) kept: Kept,
    pub(super) order: &'a Order<'a>,
    pub(super) folder: &'a Path,
    /// Every byte printed so far, and how many of them were read as lines.
    output: Vec<u8>,
    read: usize,
    lines: usize,
    pub(super) transcript: Vec<Moment>,
    pub(super) named: Named,
    pub(super) companions: Vec<(String, JoinHandle<Result<Record, SessionFailure>>)>,
    pub(super) checkpoints: Vec<Checkpoint>,
    /// What it left running.
    pub(super) left: Vec<String>,
    pub(super) ending: Option<Ending>,
    /// When it ended, if that was at a checkpoint.
    pub(super) gone: Option<String>,
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
        let kept = Kept::start(program, true)?;
        Ok(Self {
            order,
            folder,
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
            gone: None,
            kept_bytes: 0,
        })
    }

    /// Drives it to its end.
    pub fn record(mut self) -> Result<Record, SessionFailure> {
        let outcome = self.drive();
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
            pid: self.kept.pid,
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
            if let Some(ending) = self.ending {
                break ending;
            }
            let event = self.kept.next(deadline)?;
            if matches!(event, Event::TimedOut) {
                return Err(self.timed_out());
            }
            // A long line may come byte by byte: it is not looked at before its end.
            let ends = !matches!(&event, Event::Printed(bytes) if !bytes.contains(&b'\n'));
            self.take(event)?;
            if ends && self.take_lines()? {
                deadline = self.deadline();
            }
        };
        let skipped = self.judge(ending)?;
        Ok((ending, skipped))
    }

    /// Takes note of what happened.
    pub(super) fn take(&mut self, event: Event) -> Result<(), SessionFailure> {
        match event {
            Event::Printed(bytes) => self.output.extend(bytes),
            Event::Flooded => {
                return Err(self.printing(format!(
                    "printed more than {} bytes; a listing prints a few lines a reader can follow",
                    keeper::OUTPUT_LIMIT
                )));
            }
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
            Event::KeeperGone => {
                return Err(format!("did not end by itself: {}", keeper::KILLED).into());
            }
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
            let line = page_text_from(self.lines, line)
                .map_err(|why| format!("{why}; a listing prints plain text"))?;
            self.transcript.push(Moment::Printed(line.clone()));
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
        if self.reached(name) {
            return Err(format!("reached the checkpoint `{name}` twice; each checkpoint of a listing has a name of its own").into());
        }
        if self.checkpoints.len() == MOST_NAMES {
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
        self.press(name)
    }

    fn press(&mut self, checkpoint: &str) -> Result<(), SessionFailure> {
        let pressed = self.kept.stdin.as_mut().map(|stdin| stdin.write_all(b"\n"));
        match pressed {
            Some(Ok(())) => {
                self.transcript.push(Moment::Pressed(checkpoint.to_owned()));
                Ok(())
            }
            _ => Err(not_waiting(checkpoint)),
        }
    }

    /// A Return that was pressed, and that nobody has read.
    pub(super) fn pressed_in_vain(&self) -> Result<(), SessionFailure> {
        let unread = self.kept.stdin.as_ref().map(rustix::io::ioctl_fionread);
        match (unread, self.checkpoints.last()) {
            (Some(Ok(1..)), Some(last)) => Err(not_waiting(&last.name)),
            _ => Ok(()),
        }
    }

    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.order.session.time_limit()
    }

    /// A failure that what it has printed may explain.
    pub(super) fn printing(&self, what: String) -> SessionFailure {
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
