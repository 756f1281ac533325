//! From the save of a file to the event that reloads the page.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// The chapter that is edited.
const CHAPTER: &str = "src/first-contact/big-picture.md";

/// A running `cargo xtask serve`, with a page that listens.
pub struct Serving {
    server: Server,
    events: BufReader<TcpStream>,
    chapter: PathBuf,
    text: String,
}

struct Server(Child);

impl Drop for Server {
    /// What it leaves, its keepers remove.
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Serving {
    /// Starts the server in a room, and waits for its first book.
    pub fn start(xtask: &Path, room: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(xtask);
        command.args(["serve", "--port", "0"]).current_dir(room);
        command.stdin(Stdio::null()).stderr(Stdio::null());
        let server = command.stdout(Stdio::piped()).spawn();
        let mut server = Server(server.context("cannot start the server")?);
        let address = server.0.stdout.take().and_then(address);
        let address = address.context("the server told no address")?;
        let mut page = TcpStream::connect(&address)?;
        page.set_read_timeout(Some(Duration::from_secs(60)))?;
        write!(
            page,
            "GET /.live/events HTTP/1.1\r\nHost: {address}\r\n\r\n"
        )?;
        let mut serving = Self {
            server,
            events: BufReader::new(page),
            chapter: room.join(CHAPTER),
            text: fs::read_to_string(room.join(CHAPTER))? + "\nThe bench wrote this.\n",
        };
        serving.await_built()?;
        Ok(serving)
    }

    /// Edits one sentence of prose, and tells how long the page waits for it.
    pub fn edit(&mut self) -> anyhow::Result<f64> {
        self.text += "And again.\n";
        let start = Instant::now();
        fs::write(&self.chapter, &self.text)?;
        self.await_built()?;
        Ok(start.elapsed().as_secs_f64())
    }

    fn await_built(&mut self) -> anyhow::Result<()> {
        let mut line = String::new();
        while self.events.read_line(&mut line)? > 0 {
            match line.trim_end() {
                "event: built" => return Ok(()),
                "event: failed" => bail!("{} did not build", self.chapter.display()),
                _ => line.clear(),
            }
        }
        bail!("the server, process {}, ended", self.server.0.id())
    }
}

/// `serving http://127.0.0.1:3000/ (Ctrl-C ends)`
fn address(printed: impl std::io::Read) -> Option<String> {
    let mut lines = BufReader::new(printed).lines().map_while(Result::ok);
    let rest = lines.find_map(|line| line.strip_prefix("serving http://").map(str::to_owned))?;
    rest.split_once('/').map(|(address, _)| address.to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_address_is_read_from_what_the_server_prints() {
        let printed = "changed: x\nserving http://127.0.0.1:41234/ (Ctrl-C ends)\n";
        assert_eq!(
            super::address(printed.as_bytes()).as_deref(),
            Some("127.0.0.1:41234")
        );
    }
}
