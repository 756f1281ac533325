//! The programs that are compared, and the copy of the book that they build.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use session::forget_the_outer_cargo;

use super::run::{Cost, run};
use super::{floor, room, step};
use crate::test::install_mdbook;

pub struct Contenders {
    pub root: PathBuf,
    /// Where everything happens.
    pub folder: PathBuf,
    /// A copy of the repository, in which the book is built.
    pub room: PathBuf,
    mdbook: PathBuf,
    /// Our tools, in release and as `cargo xtask` compiles them.
    pub release: PathBuf,
    pub default: PathBuf,
}

impl Contenders {
    /// Compiles the programs and makes the books.
    pub fn prepare(root: &Path) -> anyhow::Result<Self> {
        step("mdBook, and the tools in release");
        install_mdbook(root)?;
        let folder = root.join("target/bench");
        fs::create_dir_all(&folder)?;
        let contenders = Self {
            room: folder.join("room"),
            mdbook: root.join("target/tools/bin/mdbook"),
            release: root.join("tools/target/release/xtask"),
            default: env::current_exe()?,
            root: root.to_owned(),
            folder,
        };
        let mut build = cargo(root);
        build.args(["build", "--release", "--bin", "xtask", "--manifest-path"]);
        build.arg("tools/Cargo.toml");
        contenders.run(build, "release")?;
        step("a copy of the book, and the floor");
        room::copy(root, &contenders.room)?;
        contenders.make_floor()?;
        Ok(contenders)
    }

    /// Builds the book and keeps its records, makes the floor of these, and
    /// compares the pages.
    fn make_floor(&self) -> anyhow::Result<()> {
        let records = self.records();
        let _ = fs::remove_dir_all(&records);
        fs::create_dir_all(&records)?;
        let mut ours = self.ours(&self.default);
        ours.env("CAPTURE_KEEP_RECORDS", &records);
        self.run(ours, "first")?;
        // In a process of its own: this one must stay small.
        let mut write = Command::new(&self.default);
        write.args(["bench", "--floor"]).arg(self.floor());
        write.current_dir(&self.room);
        write.env("CAPTURE_RECORDS", &records);
        self.run(write, "floor")?;
        self.run(self.alone(&self.floor()), "alone")?;
        floor::compare(&self.folder.join("ours"), &self.floor().join("book"))?;
        floor::with_search(&self.floor(), &self.floor_with_search())
    }

    pub fn floor(&self) -> PathBuf {
        self.folder.join("floor")
    }

    pub fn floor_with_search(&self) -> PathBuf {
        self.folder.join("floor-search")
    }

    /// Runs a contender; what it prints is in a file of that name.
    pub fn run(&self, command: Command, name: &str) -> anyhow::Result<Cost> {
        run(command, &self.folder.join(format!("{name}.log")))
    }

    /// mdBook alone.
    pub fn alone(&self, book: &Path) -> Command {
        let mut command = Command::new(&self.mdbook);
        command.arg("build").current_dir(book);
        command
    }

    /// Our build of the room's book.
    pub fn ours(&self, xtask: &Path) -> Command {
        let mut command = Command::new(xtask);
        command.arg("build").current_dir(&self.room);
        command.env("MDBOOK_BUILD__BUILD_DIR", self.folder.join("ours"));
        command
    }

    /// The records that the floor is made of.
    fn records(&self) -> PathBuf {
        self.folder.join("records")
    }

    /// Our build without cargo, sessions and listings, some of which take much
    /// memory on purpose: the records are given.
    pub fn given_records(&self) -> Command {
        let mut command = self.ours(&self.release);
        command.env("CAPTURE_RECORDS", self.records());
        command
    }

    /// `cargo xtask build` as it is typed: with cargo's own start.
    pub fn typed(&self) -> Command {
        let mut command = cargo(&self.room);
        command.args(["run", "--bin", "xtask", "--manifest-path"]);
        command.arg(self.root.join("tools/Cargo.toml"));
        command.args(["--", "build"]);
        command.env("MDBOOK_BUILD__BUILD_DIR", self.folder.join("ours"));
        command
    }
}

/// Cargo, without what it told this process of its own package. What is compiled
/// goes where the bench looks for it.
pub fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    forget_the_outer_cargo(&mut cargo);
    cargo.current_dir(folder).env_remove("CARGO_TARGET_DIR");
    cargo
}
