//! The first build on a machine, beside what a book with mdbook-cmdrun needs.

use std::fs;

use xtask::say;

use super::{Place, cargo, copy_repository, row};

/// The released programs.
const RELEASED: [&str; 2] = ["mdbook@0.5.4", "mdbook-cmdrun@0.7.3"];

/// Measured once. What cargo has not downloaded before is downloaded, and counts.
pub fn measure(place: &Place) -> anyhow::Result<String> {
    say("== compiling everything from nothing; this takes minutes");
    let clone = place.folder.join("clone");
    let _ = fs::remove_dir_all(&clone);
    copy_repository(&place.root, &clone)?;
    let mut ours = cargo(&clone);
    ours.args(["xtask", "build"]);
    let ours = place.seconds(ours)?;
    fs::remove_dir_all(&clone)?;

    let (to, target) = (place.folder.join("released"), place.folder.join("install"));
    let mut install = cargo(&place.folder);
    install.args(["install", "--locked", "--root"]).arg(&to);
    install.arg("--target-dir").arg(&target).args(RELEASED);
    let released = place.seconds(install)?;
    fs::remove_dir_all(&to)?;
    fs::remove_dir_all(&target)?;
    let note = format!("{ours:.0} s; `cargo install` of {RELEASED:?} {released:.0} s");
    let figure = "cold `cargo xtask build`";
    Ok(row(figure, ours / released, 0.28, "× install", &note))
}
