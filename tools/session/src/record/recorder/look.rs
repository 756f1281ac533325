//! All that a second terminal sees while a listing waits.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use super::failure::TimedFailure;
use super::run::Run;
use super::waiting::{reads_input, started_by};
use super::{SessionFailure, command};
use crate::keeper::Event;
use crate::record::snapshot::{ProcError, ProcFiles, is_alive, page_states, wait_until_asleep};
use crate::record::{Checkpoint, Process, Record};

/// How often a checkpoint is looked at, if the raw files and the commands, which
/// are read one after the other, do not agree: a processor may note on its own
/// that a page was used (`Referenced`), and a thread may not be at rest yet.
const LOOKS: u32 = 3;

/// The most that a record may hold of the kernel's files, in bytes.
pub const RECORD_LIMIT: usize = 256 << 20;

impl Run<'_> {
    /// Looks at a listing that waits; tells when it has ended instead.
    pub(super) fn look(
        &mut self,
        name: &str,
        next: &str,
    ) -> Result<Option<&'static str>, SessionFailure> {
        if !self.waits(name)? {
            return Ok(Some("while it announced"));
        }
        let gone = Some("while it waited at");
        for look in 1.. {
            match self.look_once(name, next) {
                Ok(same) if same || look == LOOKS => break,
                Ok(_) => drop(self.checkpoints.pop()),
                // What is gone cannot be looked at; its ending tells the rest.
                Err(_) if !is_alive(self.pid) => return Ok(gone),
                Err(failure) => return Err(failure),
            }
        }
        let waits = self.waits(name)?;
        Ok(gone.filter(|_| !waits))
    }

    /// Waits until the listing reads its standard input: between its last line and
    /// that read it may still touch memory.
    fn waits(&mut self, name: &str) -> Result<bool, SessionFailure> {
        let deadline = self.deadline();
        loop {
            loop {
                match self.kept.next(Duration::ZERO)? {
                    Event::TimedOut => break,
                    event => self.take(event)?,
                }
            }
            if self.ending.is_some() && !self.prints_on() {
                return Ok(false);
            }
            let reads = match reads_input(self.pid) {
                Some(reads) => reads,
                // Where nothing says what it waits for, that it sleeps must do, and
                // that what is pressed is read.
                None => wait_until_asleep(self.pid, Duration::ZERO).unwrap_or(false),
            };
            if self.prints_on() || Instant::now() > deadline {
                return Err(SessionFailure::NotWaiting(name.to_owned()));
            }
            if reads {
                return Ok(true);
            }
            thread::sleep(Duration::from_micros(200));
        }
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
            processes: &self.named.processes,
            addresses: &self.named.addresses,
            folder: self.folder,
            limit: self.order.session.time_limit(),
            smaps: std::iter::once(&own)
                .chain(processes.values())
                .map(|process| process.proc.smaps.as_str())
                .collect(),
        };
        let of_session = self.order.session.commands.get(name).into_iter().flatten();
        let of_session = of_session.map(|command| command.get_ref());
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
            addresses: self.named.addresses.clone(),
            values: self.named.values.clone(),
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
        for (name, pid) in &self.named.processes {
            if !is_alive(*pid) {
                continue;
            }
            if !started_by(self.pid, *pid) {
                let (line, pid) = (format!("{name} is process {pid}"), *pid);
                return Err(SessionFailure::NotStarted { line, pid });
            }
            if !wait_until_asleep(*pid, self.order.session.time_limit())? {
                return Err(SessionFailure::NotAtRest(format!("{at}:{name}")));
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
        let pages = page_states(pid, &self.named.addresses, &proc.smaps, page_size)?;
        Ok(Process { pid, proc, pages })
    }

    /// Starts the programs that run beside this one from here on.
    pub(super) fn start_companions(&mut self, at: &str) {
        let here = self.order.companions.iter().filter(|each| each.at == at);
        for companion in here.cloned() {
            let name = companion.name.clone();
            let environment = self.order.environment.clone();
            let folder = self.folder.to_owned();
            let running = thread::spawn(move || companion.record(&environment, &folder));
            self.companions.push((name, running));
        }
    }

    /// Waits for the programs that ran beside this one. Where several failed, tells
    /// what came first.
    pub(super) fn await_companions(&mut self) -> Result<BTreeMap<String, Record>, TimedFailure> {
        let mut records = BTreeMap::new();
        let mut failed: Option<TimedFailure> = None;
        for (name, running) in self.companions.drain(..) {
            match running.join() {
                Ok(Ok(record)) => drop(records.insert(name, record)),
                Ok(Err(beside)) => {
                    let beside = beside.of_companion(name);
                    failed = Some(match failed {
                        Some(first) => first.or_earlier(beside).0,
                        None => beside,
                    });
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        failed.map_or(Ok(records), Err)
    }
}
