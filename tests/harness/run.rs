//! Programs that a test starts, and how they end.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::processes::{forget, know};
use crate::repository;

/// How long anything in a test may take: far more than it does, on a machine
/// that is busy with other things.
const LIMIT: Duration = Duration::from_secs(120);

/// One of the tools of this repository, compiled as it is now.
pub fn tool(name: &str) -> PathBuf {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(compile);
    FOLDER.join(name)
}

/// Compiles the tools once for all tests, and tells where they are: beside the
/// folder of this test.
fn compile() -> PathBuf {
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--bins", "--manifest-path"])
        .arg(repository().join("tools/Cargo.toml"))
        .status()
        .expect("cargo starts");
    assert!(status.success(), "the tools do not compile");
    let test = env::current_exe().expect("a test has a program");
    let deps = test.parent().expect("a program is in a folder");
    deps.parent().expect("deps/ is in a folder").to_owned()
}

/// A program that a test started.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    printed: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

/// A program that has ended.
pub struct Finished {
    pub status: ExitStatus,
    /// All that it printed, on standard output and standard error.
    pub printed: String,
}

impl Running {
    pub fn start(mut command: Command) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = know(|| command.spawn().expect("a program of a test starts"));
        let printed = Arc::new(Mutex::new(String::new()));
        let (tell, lines) = mpsc::channel();
        let read = |pipe: Box<dyn Read + Send>| {
            let (printed, tell) = (Arc::clone(&printed), tell.clone());
            thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    if let Ok(mut printed) = printed.lock() {
                        printed.push_str(&line);
                        printed.push('\n');
                    }
                    let _ = tell.send(line);
                }
            })
        };
        let readers = vec![
            read(Box::new(child.stdout.take().expect("a pipe"))),
            read(Box::new(child.stderr.take().expect("a pipe"))),
        ];
        Self {
            child,
            lines,
            printed,
            readers,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line with these words, and returns it.
    pub fn line_with(&self, words: &str) -> String {
        let deadline = Instant::now() + LIMIT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if line.contains(words) => return line,
                Ok(_) => {}
                Err(_) => panic!("no line with `{words}`; printed:\n{}", self.printed()),
            }
        }
    }

    pub fn printed(&self) -> String {
        self.printed
            .lock()
            .map(|text| text.clone())
            .unwrap_or_default()
    }

    /// Waits for the end.
    pub fn wait(mut self) -> Finished {
        let deadline = Instant::now() + LIMIT;
        let status = loop {
            match self.child.try_wait().expect("a child can be waited for") {
                Some(status) => break status,
                None if Instant::now() > deadline => {
                    panic!(
                        "still running after {LIMIT:?}; printed:\n{}",
                        self.printed()
                    );
                }
                None => thread::sleep(Duration::from_millis(5)),
            }
        };
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        let printed = self.printed();
        Finished { status, printed }
    }
}

/// A test that fails leaves no server behind.
impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        forget(self.child.id());
    }
}

impl Finished {
    /// It did what it should.
    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert!(
            self.status.success(),
            "{}; printed:\n{}",
            self.status,
            self.printed
        );
        self
    }

    /// It failed, with an exit status.
    #[track_caller]
    pub fn failed(self) -> Self {
        let code = self.status.code();
        assert!(
            code.is_some_and(|code| code != 0),
            "{} instead of a failure; printed:\n{}",
            self.status,
            self.printed
        );
        self
    }

    /// It printed these words.
    #[track_caller]
    pub fn with(self, words: &str) -> Self {
        assert!(
            self.printed.contains(words),
            "not printed: {words}\nbut:\n{}",
            self.printed
        );
        self
    }
}
