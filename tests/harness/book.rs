//! A book for one test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Finished, Running, tool};
use crate::{is_alone, repository};

/// The part of every fixture listing that waits.
const CHECKPOINT: &str = "
fn checkpoint(done: &str) {
    println!(\"{done}: press Return to go on\");
    std::io::stdin().read_line(&mut String::new()).expect(\"a line\");
}
";

/// A whole listing around the statements of its `main`.
pub fn listing(main: &str) -> String {
    format!("#![allow(dead_code)]\nfn main() {{\n{main}\n}}\n{CHECKPOINT}")
}

/// Maps 16 MiB, waits at `mapped`, writes one byte, waits at `touched`. The
/// mapping is shared, so that no neighbour is merged with it.
pub const MAPS_MEMORY: &str = r#"
    unsafe extern "C" {
        fn mmap(at: *mut u8, len: usize, prot: i32, flags: i32, fd: i32, offset: i64) -> *mut u8;
    }
    println!("process id {}", std::process::id());
    let memory = unsafe { mmap(std::ptr::null_mut(), 16 << 20, 3, 0x21, -1, 0) };
    println!("memory at {memory:p}");
    checkpoint("mapped");
    unsafe { memory.write_volatile(1) };
    checkpoint("touched");
"#;

/// Writes a line into the file that its session names, then waits at `started`.
pub const COUNTS_STARTS: &str = r#"
    use std::io::Write;
    let path = std::env::args().nth(1).expect("a path");
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path).expect("open");
    writeln!(file, "{}", std::process::id()).expect("write");
    println!("process id {}", std::process::id());
    checkpoint("started");
"#;

/// A small book in a folder of its own.
pub struct Book {
    root: PathBuf,
    chapters: Vec<String>,
    environment: Vec<(String, String)>,
    prefix: Vec<String>,
}

impl Book {
    /// An empty book; the name is its folder's.
    pub fn named(name: &str) -> Self {
        // From here on, whatever a build leaves behind becomes a child of this
        // process.
        is_alone();
        let root = repository().join("target/tests").join(name);
        for part in ["src", "listings", "book"] {
            let _ = fs::remove_dir_all(root.join(part));
        }
        let book = Self {
            root,
            chapters: Vec::new(),
            environment: Vec::new(),
            prefix: Vec::new(),
        };
        book.write(
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"listings/*/*\"]\n",
        );
        book.write(
            "book.toml",
            &format!(
                "[book]\ntitle = \"{name}\"\nsrc = \"src\"\n\n[build]\ncreate-missing = false\n\n\
                 [preprocessor.gate]\ncommand = \"{}\"\nbefore = [\"links\"]\nafter = [\"index\"]\n\
                 renderers = [\"html\", \"markdown\"]\n",
                tool("gate").display()
            ),
        );
        for part in ["src", "listings"] {
            fs::create_dir_all(book.path(part)).expect("the folder of a test can be made");
        }
        book
    }

    /// A listing of the chapter `fixtures`.
    #[must_use]
    pub fn listing(self, name: &str, program: &str) -> Self {
        self.listing_of("fixtures", name, program)
    }

    /// A listing of a chapter.
    #[must_use]
    pub fn listing_of(self, chapter: &str, name: &str, program: &str) -> Self {
        let folder = format!("listings/{chapter}/{name}");
        self.write(&format!("{folder}/Cargo.toml"), &manifest(name));
        self.write(&format!("{folder}/src/main.rs"), program);
        self
    }

    /// The session of a listing of the chapter `fixtures`: the keys of its table, and
    /// what tables it has below.
    #[must_use]
    pub fn session(self, listing: &str, keys: &str) -> Self {
        self.has_session(listing, keys);
        self
    }

    /// The same, for a book that is built again.
    pub fn has_session(&self, listing: &str, keys: &str) {
        let below = |line: &str| match line.strip_prefix("[[") {
            Some(name) => format!("[[package.metadata.session.{name}\n"),
            None => format!("{line}\n"),
        };
        let keys: String = keys.lines().map(below).collect();
        let manifest = manifest(listing) + "\n[package.metadata.session]\n" + &keys;
        self.write(
            &format!("listings/fixtures/{listing}/Cargo.toml"),
            &manifest,
        );
    }

    /// A chapter; the book has them in the order in which they are added.
    #[must_use]
    pub fn chapter(mut self, file: &str, text: &str) -> Self {
        self.write(&format!("src/{file}"), text);
        self.chapters.push(file.to_owned());
        let entries = self
            .chapters
            .iter()
            .map(|file| format!("- [{file}]({file})\n"));
        let summary: String = std::iter::once("# Summary\n\n".to_owned())
            .chain(entries)
            .collect();
        self.write("src/SUMMARY.md", &summary);
        self
    }

    /// Any other file.
    #[must_use]
    pub fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// A variable for everything that this book runs.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Words before every command, such as those of setpriv(1).
    #[must_use]
    pub fn under(mut self, words: &[&str]) -> Self {
        self.prefix = words.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    /// `cargo xtask build`, in this book.
    pub fn build(&self) -> Finished {
        self.start("xtask", &["build"]).wait()
    }

    /// `mdbook build` with the plain mdBook.
    pub fn build_with_mdbook(&self) -> Finished {
        self.start_program(&mdbook(), &["build"]).wait()
    }

    /// Starts one of the tools in this book.
    pub fn start(&self, name: &str, words: &[&str]) -> Running {
        self.start_program(&tool(name), words)
    }

    /// Starts any program in this book.
    pub fn start_program(&self, program: &Path, words: &[&str]) -> Running {
        let mut all: Vec<&std::ffi::OsStr> = self.prefix.iter().map(AsRef::as_ref).collect();
        all.push(program.as_os_str());
        all.extend(words.iter().map(AsRef::<std::ffi::OsStr>::as_ref));
        let mut command = Command::new(all[0]);
        command.args(&all[1..]).current_dir(&self.root);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        Running::start(command)
    }

    /// A file of this book.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The text of a file of this book; empty if there is none.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    /// Writes a file, unless it has that text: an unchanged listing need not be
    /// compiled again.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return;
        }
        let folder = path.parent().expect("a file is in a folder");
        fs::create_dir_all(folder).expect("the folder of a test can be made");
        fs::write(&path, text).expect("a file of a test can be written");
    }

    /// Puts an old book in place, for tests that must find it untouched.
    pub fn has_an_old_book(&self) {
        self.write("book/index.html", OLD);
    }

    /// Whether the old book is all that is there.
    pub fn kept_the_old_book(&self) -> bool {
        let files = fs::read_dir(self.path("book"))
            .into_iter()
            .flatten()
            .count();
        files == 1 && self.read("book/index.html") == OLD
    }

    /// What builds may have left beside the book.
    pub fn left_beside(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.root).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with(".book")).collect()
    }
}

fn manifest(listing: &str) -> String {
    format!("[package]\nname = \"{listing}\"\nedition = \"2024\"\n")
}

const OLD: &str = "<!DOCTYPE html>\n<title>the old book</title>\n";

/// The plain mdBook that `cargo xtask test` installs.
pub fn mdbook() -> PathBuf {
    let path = std::env::var_os("MDBOOK").map_or_else(
        || repository().join("target/tools/bin/mdbook"),
        PathBuf::from,
    );
    assert!(
        path.is_file(),
        "{} is missing: `cargo xtask test` installs it, or run `cargo install --locked mdbook@0.5.4 --root target/tools`",
        path.display()
    );
    path
}
