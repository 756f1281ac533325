//! What an author has without this house: mdBook 0.4 with mdbook-cmdrun, which
//! runs one directive after the other, each with a session of its own.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::cold::install;
use super::run::{Cost, run};

const PROGRAMS: [(&str, &str); 2] = [("mdbook", "0.4.52"), ("mdbook-cmdrun", "0.7.3")];

/// One build of the book, and how many directives failed in it: upstream puts an
/// error into the page and goes on.
pub struct Stock {
    pub cost: Cost,
    pub failed: usize,
}

/// Builds the book of a room with the released programs, which are installed
/// first if they are missing. `tools` holds our `capture`, which the directives
/// call.
pub fn measure(root: &Path, room: &Path, folder: &Path, tools: &Path) -> anyhow::Result<Stock> {
    let installed = root.join("target/tools-stock");
    let bin = installed.join("bin");
    if !PROGRAMS.iter().all(|(name, _)| bin.join(name).is_file()) {
        install(folder, &PROGRAMS, &installed)?;
    }
    let book = folder.join("stock");
    let _ = fs::remove_dir_all(&book);
    fs::create_dir_all(&book)?;
    symlink(room.join("src"), book.join("src"))?;
    fs::write(
        book.join("book.toml"),
        "[book]\ntitle = \"Memory, Mapped\"\n\
         [preprocessor.cmdrun]\ncommand = \"mdbook-cmdrun\"\nafter = [\"links\"]\n\
         [output.html.search]\nenable = false\n",
    )?;
    let path = [bin.as_path(), tools].map(Path::to_owned).into_iter();
    let path =
        env::join_paths(path.chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())))?;
    let mut build = Command::new(bin.join("mdbook"));
    build.arg("build").current_dir(&book).env("PATH", path);
    let cost = run(build, &folder.join("stock.log"))?;
    // The page to print has every chapter.
    let pages = fs::read_to_string(book.join("book/print.html"))?;
    let failed = pages.matches("cmdrun error").count();
    Ok(Stock { cost, failed })
}
