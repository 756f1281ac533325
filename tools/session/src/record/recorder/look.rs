//! All that a second terminal sees while a listing waits.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::command::{differs_from_raw, execute};
use super::run::{Run, not_started, not_waiting};
use super::waiting::{is_alive, reads_input, started_by, wait_until_asleep};
use super::{Order, SessionFailure};
use crate::environment::Environment;
use crate::keeper::Event;
use crate::record::snapshot::{ProcFiles, page_states};
use crate::record::{Checkpoint, Process, Record};
use crate::session::{Companion, Session};

/// How often a checkpoint is looked at, if the raw files and the commands, which
/// are read one after the other, do not agree: a processor may note on its own
/// that a page was used (`Referenced`), and a thread may not be at rest yet.
const LOOKS: u32 = 3;

/// The most that a record may hold of the kernel's files, in bytes.
const RECORD_LIMIT: usize = 256 << 20;

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
                Ok(_) => drop(self.record.checkpoints.pop()),
                // What is gone cannot be looked at; its ending tells the rest.
                Err(_) if !is_alive(self.kept.pid) => return Ok(gone),
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
            while self.ending.is_none() {
                match self.next(Instant::now())? {
                    Event::TimedOut => break,
                    event => self.take(event),
                }
            }
            if self.ending.is_some() && !self.prints_on() {
                return Ok(false);
            }
            let pid = self.kept.pid;
            // Where nothing says what it waits for, that it sleeps must do, and that
            // what is pressed is read.
            let asleep = || wait_until_asleep(pid, Duration::ZERO).unwrap_or(false);
            let reads = reads_input(pid).unwrap_or_else(asleep);
            if self.prints_on() || Instant::now() > deadline {
                return Err(not_waiting(name));
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
        let own = self.process(self.kept.pid)?;
        let processes = others
            .into_iter()
            .map(|(name, pid)| Ok((name, self.process(pid)?)))
            .collect::<Result<BTreeMap<_, _>, String>>()?;
        let all = || processes.values().chain([&own]);
        self.kept_bytes += all().map(Process::size).sum::<usize>();
        if self.kept_bytes > RECORD_LIMIT {
            return Err(format!(
                "left more than {} MiB of the kernel's files by the checkpoint `{name}`; give the listing fewer mappings, or fewer checkpoints",
                RECORD_LIMIT >> 20
            )
            .into());
        }
        let smaps: Vec<_> = all().map(|process| &process.proc.smaps[..]).collect();
        let values = self.values();
        let limit = self.order.session.time_limit();
        let of_session = self.order.session.commands.get(name).into_iter().flatten();
        let of_session = of_session.map(|command| command.get_ref());
        let of_chapters = self.order.commands.get(name).into_iter().flatten();
        let wanted: BTreeSet<&String> = of_session.chain(of_chapters).collect();
        let mut same = true;
        let mut commands = Vec::new();
        for text in wanted {
            let mut command = execute(text, &values, self.folder, limit);
            let output = command.output.as_deref().unwrap_or_default();
            if let Some(difference) = differs_from_raw(output, &smaps) {
                command.output = Err(difference);
                same = false;
            }
            commands.push(command);
        }
        self.record.checkpoints.push(Checkpoint {
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

    /// What the listing named, as variables of a shell.
    fn values(&self) -> Vec<(&str, String)> {
        // As maps prints them: at least eight digits.
        let addresses = self.named.addresses.iter();
        let addresses = addresses.map(|(name, address)| (&name[..], format!("{address:08x}")));
        let processes = self.named.processes.iter();
        let processes = processes.map(|(name, pid)| (&name[..], pid.to_string()));
        let own = [("PID", self.kept.pid.to_string())];
        addresses.chain(processes).chain(own).collect()
    }

    /// The processes that the listing named and that still live, once they wait.
    fn others_that_wait(&self, at: &str) -> Result<Vec<(String, u32)>, SessionFailure> {
        let mut waiting = Vec::new();
        for (name, pid) in &self.named.processes {
            if !is_alive(*pid) {
                continue;
            }
            if !started_by(self.kept.pid, *pid) {
                return Err(not_started(&format!("{name} is process {pid}"), *pid));
            }
            if !wait_until_asleep(*pid, self.order.session.time_limit())? {
                return Err(format!("waits at `{at}:{name}`, but that process goes on running; let it wait, too, or name it later").into());
            }
            waiting.push((name.clone(), *pid));
        }
        Ok(waiting)
    }

    /// A process that waits: the kernel's files, and its pages at the addresses
    /// that the listing printed.
    fn process(&self, pid: u32) -> Result<Process, String> {
        let proc = ProcFiles::read(pid)?;
        let page_size = self.order.environment.page_size;
        let pages = page_states(pid, &self.named.addresses, &proc.smaps, page_size)?;
        Ok(Process { pid, proc, pages })
    }

    /// Starts the programs that run beside this one from here on.
    pub(super) fn start_companions(&mut self, at: &str) {
        let here = self
            .order
            .companions
            .iter()
            .filter(|(each, _)| each.at == at);
        for (companion, program) in here.cloned() {
            let name = companion.name.clone();
            let environment = self.order.environment.clone();
            let folder = self.folder.to_owned();
            let work = move || record_beside(companion, &program, &environment, &folder);
            self.companions.push((name, thread::spawn(work)));
        }
    }

    /// Waits for the programs that ran beside this one, and tells which failed.
    pub(super) fn await_companions(&mut self) -> Vec<SessionFailure> {
        let mut failed = Vec::new();
        for (name, running) in self.companions.drain(..) {
            match running.join() {
                Ok(Ok(record)) => drop(self.record.companions.insert(name, record)),
                Ok(Err(failure)) => failed.push(failure.of_companion(&name)),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        failed
    }
}

/// The session of a companion, in the folder of the other: Return is pressed at each
/// checkpoint.
fn record_beside(
    companion: Companion,
    program: &Path,
    environment: &Environment,
    folder: &Path,
) -> Result<Record, SessionFailure> {
    let session = Session {
        arguments: companion.arguments,
        seconds: companion.seconds,
        ..Session::default()
    };
    let order = Order {
        listing: &companion.listing,
        program,
        session: &session,
        environment,
        commands: &BTreeMap::new(),
        companions: Vec::new(),
    };
    Run::start(&order, folder)?.record()
}
