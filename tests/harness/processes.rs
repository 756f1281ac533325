//! Nothing is left running: this process is a subreaper, so that whatever a
//! build leaves behind becomes its child, however far it ran away.

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Signal, WaitOptions, kill_process, kill_process_group, set_child_subreaper, waitpid,
};

/// Children that a test started itself and waits for.
static KNOWN: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Makes this process a subreaper; prctl(2), `PR_SET_CHILD_SUBREAPER`.
pub fn is_alone() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        set_child_subreaper(Some(rustix::process::getpid())).expect("a process may be a subreaper");
    });
}

/// Starts a child and knows it, in one step: another test may be looking for
/// strangers just then.
pub fn know(start: impl FnOnce() -> std::process::Child) -> std::process::Child {
    let mut known = KNOWN.lock().expect("no test panics in here");
    let child = start();
    known.insert(child.id());
    child
}

pub fn forget(pid: u32) {
    KNOWN.lock().expect("no test panics in here").remove(&pid);
}

/// Processes that a build left, and that do not end by themselves within a few
/// seconds: those that keep others have to notice first that the build is gone.
pub fn children_left() -> Vec<String> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let strangers = strangers();
        if strangers.is_empty() || Instant::now() > deadline {
            return strangers.into_iter().map(|(_, name)| name).collect();
        }
        for (pid, _) in strangers {
            if let Some(pid) = as_pid(pid) {
                let _ = waitpid(Some(pid), WaitOptions::NOHANG);
            }
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Living or dead children that no test started.
fn strangers() -> Vec<(u32, String)> {
    let known = KNOWN.lock().expect("no test panics in here");
    let mut children = children(std::process::id());
    children.retain(|(pid, _)| !known.contains(pid));
    children
}

/// The children of a process, living or dead, with their names.
pub fn children(of: u32) -> Vec<(u32, String)> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (name, rest) = stat.rsplit_once(") ")?;
        let parent = rest.split(' ').nth(1)?;
        (parent == of.to_string()).then(|| (pid, name.to_owned()))
    })
    .collect()
}

/// Whether a process lives: a zombie does not.
pub fn exists(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.chars().next());
    state.is_some_and(|state| state != 'Z')
}

/// Sends a signal to a process that the test started.
pub fn end_by(pid: u32, signal: Signal) {
    let pid = as_pid(pid).expect("a process id is positive");
    kill_process(pid, signal).expect("a test may end what it started");
}

/// The same, for its whole process group, as a terminal does.
pub fn end_group_by(pid: u32, signal: Signal) {
    let pid = as_pid(pid).expect("a process id is positive");
    kill_process_group(pid, signal).expect("a test may end what it started");
}

fn as_pid(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}
