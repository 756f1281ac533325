//! A session under way: from checkpoint to checkpoint.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::failure::tame;
use super::{Order, SessionFailure, command, lines};
use crate::compile::readers_environment;
use crate::keeper::{Ending, Event, Kept};
use crate::record::page_text::page_text_from;
use crate::record::snapshot::{ProcError, ProcFiles, is_alive, page_states, wait_until_asleep};
use crate::record::{Checkpoint, Moment, Process, Record};

/// How often a checkpoint is looked at, if the raw files and the commands, which
/// are read one after the other, do not agree: a processor may note on its own
/// that a page was used (`Referenced`), and a thread may not be at rest yet.
const LOOKS: u32 = 3;

/// The most addresses, values, processes and checkpoints that a listing may
/// name: more than a page can tell of, and a bound for a program that floods.
pub const MOST_NAMES: usize = 64;

/// The most that a record may hold of the kernel's files, in bytes.
pub const RECORD_LIMIT: usize = 256 << 20;

/// A session under way.
pub struct Run<'a> {
    kept: Kept,
    order: &'a Order<'a>,
    folder: &'a Path,
    pid: u32,
    /// Every byte printed so far, and how many of them were read as lines.
    output: Vec<u8>,
    read: usize,
    lines: usize,
    transcript: Vec<Moment>,
    addresses: BTreeMap<String, u64>,
    values: BTreeMap<String, String>,
    processes: BTreeMap<String, u32>,
    companions: Vec<(String, JoinHandle<Result<Record, SessionFailure>>)>,
    checkpoints: Vec<Checkpoint>,
    left: Vec<String>,
    /// How much of the kernel's files the checkpoints hold.
    kept_bytes: usize,
}

impl<'a> Run<'a> {
    /// Starts the program in a folder.
    pub fn start(order: &'a Order, folder: &'a Path) -> Result<Self, SessionFailure> {
        let mut program = Command::new(order.program);
        program.args(&order.session.arguments).current_dir(folder);
        readers_environment(&mut program);
        let kept = Kept::start(&program, true)?;
        Ok(Self {
            order,
            folder,
            pid: kept.pid,
            kept,
            output: Vec::new(),
            read: 0,
            lines: 0,
            transcript: Vec::new(),
            addresses: BTreeMap::new(),
            values: BTreeMap::new(),
            processes: BTreeMap::new(),
            companions: Vec::new(),
            checkpoints: Vec::new(),
            left: Vec::new(),
            kept_bytes: 0,
        })
    }

    /// Drives it to its end.
    pub fn record(mut self) -> Result<Record, SessionFailure> {
        let outcome = self.drive();
        // Where a companion failed, the rest is a consequence.
        let companions = self.await_companions()?;
        let ending = outcome?;
        Ok(Record {
            listing: self.order.listing.to_owned(),
            environment: self.order.environment.clone(),
            arguments: self.order.session.arguments.clone(),
            pid: self.pid,
            skipped: self.skipped(ending),
            stored: None,
            transcript: self.transcript,
            checkpoints: self.checkpoints,
            values: self.values,
            companions,
            ending,
        })
    }

    fn drive(&mut self) -> Result<Ending, SessionFailure> {
        let mut deadline = self.deadline();
        let mut ending = None;
        let mut closed = false;
        while !(closed && ending.is_some()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.kept.next(left)? {
                Event::Printed(bytes) => {
                    // A long line may come byte by byte: it is not looked at
                    // before its end.
                    let ends = bytes.contains(&b'\n');
                    self.output.extend(bytes);
                    if ends && self.take_lines()? {
                        deadline = self.deadline();
                    }
                }
                Event::OutputClosed => {
                    closed = true;
                    if !self.output.ends_with(b"\n") && !self.output.is_empty() {
                        self.output.push(b'\n');
                        self.take_lines()?;
                    }
                }
                Event::Flooded => {
                    return Err(SessionFailure::Flooded {
                        output: self.printed(),
                    });
                }
                Event::Left(pid, name) => {
                    self.left.push(format!("`{}` (process {pid})", tame(&name)));
                }
                Event::Ended(how) => ending = Some(how),
                Event::KeeperGone if ending.is_some() => {}
                Event::KeeperGone => return Err(SessionFailure::KeeperGone),
                Event::TimedOut => return Err(self.timed_out()),
            }
        }
        let ending = ending.ok_or(SessionFailure::KeeperGone)?;
        self.judge(ending)?;
        Ok(ending)
    }

    fn judge(&self, ending: Ending) -> Result<(), SessionFailure> {
        let expected = self.order.session.expected_ending();
        if ending != expected && self.skipped(ending).is_none() {
            return Err(SessionFailure::WrongEnding {
                ending,
                expected,
                whence: match self.checkpoints.last() {
                    Some(last) => format!("after the checkpoint `{}`", last.name),
                    None => "before any checkpoint".to_owned(),
                },
                output: self.printed(),
            });
        }
        if !self.left.is_empty() {
            return Err(SessionFailure::LeftProcesses {
                processes: self.left.clone(),
                output: self.printed(),
            });
        }
        Ok(())
    }

    /// The reason that a listing gave for doing nothing here.
    fn skipped(&self, ending: Ending) -> Option<String> {
        if ending != Ending::Exit(0) {
            return None;
        }
        self.transcript.iter().find_map(|moment| match moment {
            Moment::Printed(line) => line.strip_prefix("skipped: ").map(str::to_owned),
            Moment::Pressed(_) => None,
        })
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
            if let Some((name, address)) = lines::address(&line) {
                self.addresses.insert(name.to_owned(), address);
            }
            if let Some((name, value)) = lines::value(&line) {
                self.values.insert(name.to_owned(), value.to_owned());
            }
            if let Some((name, pid)) = lines::process(&line) {
                self.processes.insert(name.to_owned(), pid);
            }
            let named = [
                self.addresses.len(),
                self.values.len(),
                self.processes.len(),
                self.checkpoints.len(),
            ];
            if named.into_iter().any(|count| count > MOST_NAMES) {
                return Err(SessionFailure::TooManyNames);
            }
            if let Some((name, next)) = lines::checkpoint(&line) {
                self.look(name, next)?;
                self.press(name);
                reached = true;
            }
        }
        Ok(reached)
    }

    /// All that a second terminal sees while the listing waits.
    fn look(&mut self, name: &str, next: &str) -> Result<(), SessionFailure> {
        if self.checkpoints.iter().any(|reached| reached.name == name) {
            return Err(SessionFailure::TwiceReached(name.to_owned()));
        }
        if !wait_until_asleep(self.pid, self.order.session.time_limit())? {
            return Err(SessionFailure::NotWaiting(name.to_owned()));
        }
        let mut looks = 1;
        while !self.look_once(name, next)? && looks < LOOKS {
            self.checkpoints.pop();
            looks += 1;
        }
        self.start_companions(name);
        Ok(())
    }

    /// Reads the raw files and runs the commands; tells whether both saw the
    /// same.
    fn look_once(&mut self, name: &str, next: &str) -> Result<bool, SessionFailure> {
        // What another does until then may change this one's numbers, too.
        let others = self.others_that_wait(name)?;
        let own = self.process(self.pid)?;
        let processes = others
            .into_iter()
            .map(|(name, pid)| Ok((name, self.process(pid)?)))
            .collect::<Result<BTreeMap<_, _>, SessionFailure>>()?;
        self.kept_bytes += processes
            .values()
            .chain([&own])
            .map(Process::size)
            .sum::<usize>();
        if self.kept_bytes > RECORD_LIMIT {
            return Err(SessionFailure::TooLarge {
                checkpoint: name.to_owned(),
            });
        }
        let second_terminal = command::SecondTerminal {
            pid: self.pid,
            processes: &self.processes,
            addresses: &self.addresses,
            folder: self.folder,
            limit: self.order.session.time_limit(),
            smaps: std::iter::once(&own)
                .chain(processes.values())
                .map(|process| process.proc.smaps.as_str())
                .collect(),
        };
        let of_session = self.order.session.commands.get(name).into_iter().flatten();
        let of_chapters = self.order.commands.get(name).into_iter().flatten();
        let all: BTreeSet<&String> = of_session.chain(of_chapters).collect();
        let mut same = true;
        let mut commands = Vec::new();
        for text in all {
            let mut command = second_terminal.run(text);
            let output = command.output.as_deref().unwrap_or_default();
            if let Some(difference) = second_terminal.differs_from_raw(output) {
                command.output = Err(difference);
                same = false;
            }
            commands.push(command);
        }
        self.checkpoints.push(Checkpoint {
            name: name.to_owned(),
            next: next.to_owned(),
            addresses: self.addresses.clone(),
            values: self.values.clone(),
            proc: own.proc,
            processes,
            pages: own.pages,
            commands,
        });
        Ok(same)
    }

    /// The processes that the listing named and that still live, once they wait.
    fn others_that_wait(&self, at: &str) -> Result<Vec<(String, u32)>, SessionFailure> {
        let mut waiting = Vec::new();
        for (name, pid) in &self.processes {
            if !is_alive(*pid) {
                continue;
            }
            if !wait_until_asleep(*pid, self.order.session.time_limit())? {
                return Err(SessionFailure::NotWaiting(format!("{at}:{name}")));
            }
            waiting.push((name.clone(), *pid));
        }
        Ok(waiting)
    }

    /// A process that waits: the kernel's files, and its pages at the addresses
    /// that the listing printed.
    fn process(&self, pid: u32) -> Result<Process, ProcError> {
        let proc = ProcFiles::read(pid)?;
        let page_size = self.order.environment.page_size;
        let pages = page_states(pid, &self.addresses, &proc.smaps, page_size)?;
        Ok(Process { pid, proc, pages })
    }

    /// Starts the programs that run beside this one from here on.
    fn start_companions(&mut self, at: &str) {
        let here = self.order.companions.iter().filter(|each| each.at == at);
        for companion in here.cloned() {
            let name = companion.name.clone();
            let environment = self.order.environment.clone();
            let folder = self.folder.to_owned();
            let running = thread::spawn(move || companion.record(&environment, &folder));
            self.companions.push((name, running));
        }
    }

    /// Waits for the programs that ran beside this one.
    fn await_companions(&mut self) -> Result<BTreeMap<String, Record>, SessionFailure> {
        let mut records = BTreeMap::new();
        for (name, running) in self.companions.drain(..) {
            match running.join() {
                Ok(Ok(record)) => {
                    records.insert(name, record);
                }
                Ok(Err(failure)) => {
                    let failure = Box::new(failure);
                    return Err(SessionFailure::Companion { name, failure });
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(records)
    }

    fn press(&mut self, checkpoint: &str) {
        // A listing that has ended cannot read it: its ending tells the rest.
        if let Some(stdin) = &mut self.kept.stdin
            && stdin.write_all(b"\n").is_ok()
        {
            self.transcript.push(Moment::Pressed(checkpoint.to_owned()));
        }
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.order.session.time_limit()
    }

    fn timed_out(&self) -> SessionFailure {
        let reached = |name: &String| self.checkpoints.iter().any(|c| c.name == *name);
        let mut unreached = self.order.commands.keys().filter(|name| !reached(name));
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
