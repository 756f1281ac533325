//! What an author has without this house: mdBook 0.4 with mdbook-cmdrun, which
//! runs one directive after the other, each with a session of its own.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::cold::install;
use super::contenders::Contenders;
use super::step;

const PROGRAMS: [(&str, &str); 2] = [("mdbook", "0.4.52"), ("mdbook-cmdrun", "0.7.3")];

/// Builds the book of the room with the released programs, which are installed
/// first if they are missing, and tells how that went. Upstream puts an error into
/// the page and goes on.
pub fn measure(contenders: &Contenders) -> anyhow::Result<String> {
    step("mdBook 0.4.52 with mdbook-cmdrun 0.7.3");
    let installed = contenders.root.join("target/tools-stock");
    let bin = installed.join("bin");
    if !PROGRAMS.iter().all(|(name, _)| bin.join(name).is_file()) {
        install(contenders, &PROGRAMS, &installed)?;
    }
    let book = contenders.folder.join("stock");
    let _ = fs::remove_dir_all(&book);
    fs::create_dir_all(&book)?;
    symlink(contenders.room.join("src"), book.join("src"))?;
    fs::write(
        book.join("book.toml"),
        "[book]\ntitle = \"Memory, Mapped\"\n\
         [preprocessor.cmdrun]\ncommand = \"mdbook-cmdrun\"\nafter = [\"links\"]\n\
         [output.html.search]\nenable = false\n",
    )?;
    // The directives call `capture`.
    let link = book.join("capture");
    symlink(&contenders.default, &link)?;
    let path = env::var_os("PATH").unwrap_or_default();
    let path = [bin.clone(), book.clone()]
        .into_iter()
        .chain(env::split_paths(&path));
    let mut build = Command::new(bin.join("mdbook"));
    build.arg("build").current_dir(&book);
    build.env("PATH", env::join_paths(path)?);
    let floor = contenders.alone(&contenders.floor());
    let floor = contenders.run(floor, "alone")?.time.as_secs_f64();
    let stock = contenders.run(build, "stock")?.time.as_secs_f64();
    // The page to print has every chapter.
    let pages = fs::read_to_string(book.join("book/print.html"))?;
    Ok(format!(
        "mdBook 0.4.52 with mdbook-cmdrun 0.7.3 and our `capture`, run once: {:.0} × F, {stock:.1} s; {} directives ended in an error on the page.",
        stock / floor,
        pages.matches("cmdrun error").count()
    ))
}
