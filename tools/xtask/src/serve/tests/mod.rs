//! What a reader's browser sees, asked over a real connection. `serving` is
//! about files, `connecting` about connections, `live` about building and
//! telling, `watching` about what starts a build.

mod connecting;
mod live;
mod serving;
mod watching;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{Built, Options, Say, listen, serve};

/// Long enough for a loaded machine; nothing waits for it unless it fails.
const AT_MOST: Duration = Duration::from_secs(60);

/// A book's repository with `src/page.md`, `theme/` and `book.toml`.
fn repository() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("src")).unwrap();
    fs::create_dir(dir.path().join("theme")).unwrap();
    fs::write(dir.path().join("src/page.md"), "first").unwrap();
    fs::write(dir.path().join("book.toml"), "").unwrap();
    dir
}

/// Replaces the book by one whose page is `src/page.md`, by renames, as the
/// real build does; fails with the page's text if that starts with `FAIL`.
fn build_page(root: &Path) -> Result<(), String> {
    let text = fs::read_to_string(root.join("src/page.md")).map_err(|error| error.to_string())?;
    if text.starts_with("FAIL") {
        return Err(text);
    }
    let aside = tempfile::tempdir_in(root).unwrap();
    let (new, old) = (aside.path().join("new"), aside.path().join("old"));
    fs::create_dir(&new).unwrap();
    fs::write(new.join("index.html"), page(&text)).unwrap();
    let book = root.join("book");
    if book.exists() {
        fs::rename(&book, old).unwrap();
    }
    fs::rename(new, book).unwrap();
    Ok(())
}

/// A build that has read and run nothing else.
fn built(outcome: Result<(), String>) -> Built {
    Built {
        outcome,
        read: Vec::new(),
        ran: Vec::new(),
    }
}

fn page(text: &str) -> String {
    format!("<!DOCTYPE html><html><body><p>{text}</p></body></html>")
}

/// A running server, which ends with this.
struct Server {
    dir: TempDir,
    address: SocketAddr,
    builds: Arc<AtomicUsize>,
    lines: Arc<Mutex<Vec<String>>>,
    stop: Option<UnixStream>,
    thread: Option<JoinHandle<anyhow::Result<()>>>,
}

impl Server {
    /// Serves the repository `dir`, building with `build`.
    fn start(
        dir: TempDir,
        mut build: impl FnMut(&Path) -> Result<(), String> + Send + 'static,
    ) -> Self {
        Self::start_with(dir, move |root| built(build(root)))
    }

    /// The same; the build tells what it has read and run.
    fn start_with(dir: TempDir, mut build: impl FnMut(&Path) -> Built + Send + 'static) -> Self {
        let root = dir.path().to_owned();
        let options = Options {
            root: root.clone(),
            book: root.join("book"),
            port: 0,
            watch: ["src", "listings", "theme", "book.toml"]
                .map(PathBuf::from)
                .into(),
        };
        let listener = listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let builds = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&builds);
        let lines = Arc::new(Mutex::new(Vec::new()));
        let said = Arc::clone(&lines);
        let say: Say = Arc::new(move |line| said.lock().unwrap().push(line.to_owned()));
        let (stop, stopped) = UnixStream::pair().unwrap();
        let thread = thread::spawn(move || {
            let counted = move || {
                count.fetch_add(1, Ordering::SeqCst);
                build(&root)
            };
            serve(&listener, &options, counted, &stopped, &say)
        });
        Self {
            dir,
            address,
            builds,
            lines,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Serves a repository whose book is what `fill` puts there.
    fn of_book(fill: impl FnOnce(&Path)) -> Self {
        let dir = repository();
        let book = dir.path().join("book");
        fs::create_dir(&book).unwrap();
        fill(&book);
        Self::start(dir, |_| Ok(()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn builds(&self) -> usize {
        self.builds.load(Ordering::SeqCst)
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "127.0.0.1")
    }

    fn ask(&self, method: &str, path: &str, host: &str) -> Answer {
        self.send(&format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        ))
    }

    fn send(&self, request: &str) -> Answer {
        let mut bytes = Vec::new();
        self.connect(request).read_to_end(&mut bytes).unwrap();
        Answer::parse(&bytes)
    }

    fn connect(&self, request: &str) -> TcpStream {
        let mut connection = TcpStream::connect(self.address).unwrap();
        connection.set_read_timeout(Some(AT_MOST)).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        connection
    }

    /// The stream of events. HTTP/1.0, so that it is not cut into chunks.
    fn events(&self) -> Events {
        let request = "GET /.live/events HTTP/1.0\r\nHost: localhost\r\n\r\n";
        let mut lines = BufReader::new(self.connect(request));
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(lines.read_line(&mut head).unwrap(), 0, "no stream: {head}");
        }
        assert!(head.contains("content-type: text/event-stream"), "{head}");
        Events(lines)
    }

    fn wait_for_page(&self, text: &str) {
        wait(|| {
            let answer = self.get("/");
            (answer.status == 200 && answer.text().contains(text), answer)
        });
    }

    /// Ends the server as Ctrl-C does, and returns what `serve` returned.
    fn stop(&mut self) -> anyhow::Result<()> {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.thread.is_some() && !thread::panicking() {
            self.stop().unwrap();
        }
    }
}

/// Asks again and again until `ask` says true; it also says what it saw.
fn wait<Seen: std::fmt::Debug>(mut ask: impl FnMut() -> (bool, Seen)) {
    let start = Instant::now();
    loop {
        let (done, seen) = ask();
        if done {
            return;
        }
        assert!(start.elapsed() < AT_MOST, "waited in vain; last: {seen:?}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let end = end.expect("an answer has a head");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        Self {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head,
            body: bytes[end + 4..].to_vec(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The edition that the script of this page is told.
    fn edition(&self) -> &str {
        let (_, rest) = self.text().split_once("data-edition=\"").unwrap();
        rest.split_once('"').unwrap().0
    }
}

/// An open stream of events.
struct Events(BufReader<TcpStream>);

#[derive(Debug, Default, PartialEq, Eq)]
struct Event {
    name: String,
    id: String,
    data: Vec<String>,
}

impl Events {
    fn next(&mut self) -> Event {
        let mut event = Event::default();
        loop {
            let mut line = String::new();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the stream ended");
            let line = line.trim_end_matches('\n');
            match line.split_once(": ").unwrap_or((line, "")) {
                ("event", value) => value.clone_into(&mut event.name),
                ("id", value) => value.clone_into(&mut event.id),
                ("data", value) => event.data.push(value.to_owned()),
                // An empty line ends an event; alone, it ends a comment.
                ("", _) if !event.name.is_empty() => return event,
                _ => {}
            }
        }
    }

    /// The next event of this name. Two changes of the status in quick
    /// succession may be told as one.
    fn next_named(&mut self, name: &str) -> Event {
        loop {
            let event = self.next();
            if event.name == name {
                return event;
            }
        }
    }
}
