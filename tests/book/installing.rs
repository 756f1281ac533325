//! What `cargo xtask test` needs is named first, and nothing is done to the system
//! unasked.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use book_tests::{Book, Running, tool};

/// A book on a machine that has no Chromium, and where `sudo` and `apt-get` leave a
/// trace.
fn without_chromium(name: &str) -> Book {
    let book = Book::named(name);
    let bin = book.path("bin");
    let _ = fs::remove_dir_all(&bin);
    fs::create_dir_all(&bin).expect("made");
    for program in [
        "cc",
        "git",
        "grep",
        "sed",
        "setpriv",
        "setsid",
        "node",
        "npm",
        "cargo-fmt",
        "cargo-clippy",
        "script",
    ] {
        let _ = symlink("/bin/true", bin.join(program));
    }
    symlink("/bin/sh", bin.join("sh")).expect("linked");
    for program in ["sudo", "apt-get"] {
        let path = bin.join(program);
        let trace = book.path("trace");
        let script = format!(
            "#!/bin/sh\necho {program} \"$@\" >>{}\nexit 3\n",
            trace.display()
        );
        fs::write(&path, script).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).expect("set");
    }
    let trace = book.path("trace");
    fs::write(&trace, "").expect("written");
    fs::set_permissions(&trace, fs::Permissions::from_mode(0o666)).expect("set");
    book
}

const INSTALLS: &str =
    "sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium";

#[test]
fn without_a_terminal_it_names_the_command_and_stops() {
    let book = without_chromium("installing");
    let mut command = as_nobody(&book);
    command.arg(tool("xtask")).arg("test");
    Running::start(command)
        .wait()
        .failed()
        .with("== to be installed first")
        .with("run this, and then the same command again:\n  sudo apt-get update")
        .with(INSTALLS);
    assert_eq!(book.read("trace"), "", "nothing was run");
}

#[test]
fn at_a_terminal_it_asks() {
    for (answer, ran) in [("", ""), ("n", ""), ("y", "sudo apt-get update\n")] {
        let book = without_chromium("installing-asks");
        let mut command = as_nobody(&book);
        let call = format!("{} test", tool("xtask").display());
        command.args(["/usr/bin/script", "-qec", &call, "/dev/null"]);
        let mut shell = Command::new("sh");
        shell.args([
            "-c",
            "answer=$1; shift; (sleep 1; echo \"$answer\"; sleep 1) | \"$@\"",
            "sh",
            answer,
        ]);
        shell.arg(command.get_program()).args(command.get_args());
        shell.current_dir(book.path("."));
        Running::start(shell)
            .wait()
            .failed()
            .with("Run what begins with sudo, too? [y/N]");
        assert_eq!(book.read("trace"), ran, "after {answer:?}");
    }
}

/// CI is root, and has nobody to ask.
#[test]
fn root_installs() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let book = without_chromium("installing-root");
    let mut command = Command::new(tool("xtask"));
    command.arg("test").current_dir(book.path("."));
    command.env("PATH", book.path("bin"));
    Running::start(command)
        .wait()
        .failed()
        .with("that failed; run it by hand: apt-get update")
        .with("ended with exit status: 3");
    assert_eq!(book.read("trace"), "apt-get update\n");
}

/// Words before a command that is run by somebody who may not install.
fn as_nobody(book: &Book) -> Command {
    let mut command = Command::new(if rustix::process::geteuid().is_root() {
        "/usr/bin/setpriv"
    } else {
        "/usr/bin/env"
    });
    if rustix::process::geteuid().is_root() {
        command.args([
            "--reuid",
            "65534",
            "--regid",
            "65534",
            "--clear-groups",
            "/usr/bin/env",
        ]);
    }
    command.arg(format!("PATH={}", book.path("bin").display()));
    command.current_dir(book.path("."));
    command
}
