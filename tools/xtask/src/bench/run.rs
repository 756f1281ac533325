//! Runs one contender, and measures it from outside.

use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// What one run cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub time: Duration,
    /// Peak resident memory of the largest process, in KiB.
    pub memory: u64,
}

/// Runs a command to its end, which must be a good one. What it prints is shown
/// only if it is not.
pub fn run(mut command: Command, log: &Path) -> anyhow::Result<Cost> {
    let output =
        fs::File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    command
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output);
    let start = Instant::now();
    let child = command
        .spawn()
        .with_context(|| format!("cannot start {:?}", command.get_program()))?;
    let (status, memory) = wait(child.id())?;
    let time = start.elapsed();
    if status != 0 {
        let printed = fs::read_to_string(log).unwrap_or_default();
        let lines: Vec<&str> = printed.lines().collect();
        let last = &lines[lines.len().saturating_sub(30)..];
        bail!(
            "{command:?} did not end well; it printed:\n{}",
            last.join("\n")
        );
    }
    Ok(Cost { time, memory })
}

/// Waits for a child, and tells its raw status and what wait4(2) has as the peak
/// memory of it, or of the largest of the processes that it waited for.
fn wait(child: u32) -> io::Result<(i32, u64)> {
    let pid = i32::try_from(child).map_err(io::Error::other)?;
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    loop {
        // SAFETY: both pointers are valid for the whole call.
        let waited = unsafe { libc::wait4(pid, &raw mut status, 0, usage.as_mut_ptr()) };
        if waited == pid {
            // SAFETY: wait4 has filled it in; all zeros would be valid as well.
            let usage = unsafe { usage.assume_init() };
            return Ok((status, u64::try_from(usage.ru_maxrss).unwrap_or(0)));
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// The peak memory of this process itself, in KiB. A child starts out with it,
/// so that nothing smaller can be measured.
pub fn own_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = peak.and_then(|text| text.split_whitespace().next());
    number.and_then(|text| text.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> anyhow::Result<Cost> {
        let folder = tempfile::tempdir()?;
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        run(command, &folder.path().join("log"))
    }

    #[test]
    fn a_run_is_measured_and_a_failure_told() {
        let cost = shell("sleep 0.05").expect("runs");
        assert!(cost.time >= Duration::from_millis(50));
        assert!(cost.memory > 0);
        let error = shell("echo gone wrong; exit 3").expect_err("fails");
        assert!(error.to_string().contains("gone wrong"), "{error}");
    }

    #[test]
    fn memory_is_that_of_the_largest_process() {
        // 256 MiB, in a grandchild that its parent waits for: more than this
        // process has, which every child starts out with.
        let large =
            shell("sh -c 'head -c 268435456 /dev/zero | tail -c 268435456 > /dev/null'; true");
        let large = large.expect("runs").memory;
        assert!(large >= 262_144, "{large}");
    }
}
