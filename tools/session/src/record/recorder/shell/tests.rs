//! What is shown of a command, beside what sh(1) does with it.

use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

fn shown(text: &str) -> Result<String, String> {
    let values = [("PID", "216234"), ("memory", "7f1571c00000")];
    filled_in(text, &values.map(|(name, value)| (name, value.to_owned())))
}

#[test]
fn what_the_shell_expands_is_filled_in() {
    for (text, expected) in [
        (
            "grep ^$memory- /proc/${PID}/maps",
            "grep ^7f1571c00000- /proc/216234/maps",
        ),
        ("echo \"$PID '$PID'\"", "echo \"216234 '216234'\""),
        (
            "echo '$PID' \\$PID \"\\$PID\"",
            "echo '$PID' \\$PID \"\\$PID\"",
        ),
        ("echo $$PID $PIDS $ $$ $?PID", "echo $$PID $PIDS $ $$ $?PID"),
        (
            "echo $PID # $PID\necho $PID",
            "echo 216234 # $PID\necho 216234",
        ),
        ("echo a#$PID", "echo a#216234"),
        (
            "echo \"$(grep '$PID' \"$PID\") '$PID'\"",
            "echo \"$(grep '$PID' \"216234\") '216234'\"",
        ),
        (
            "skip=$((0x$memory/$(getconf PAGESIZE)))",
            "skip=$((0x7f1571c00000/$(getconf PAGESIZE)))",
        ),
        (
            "sed -n \"/^$memory-/,/^VmFlags/p\" /proc/$PID/smaps",
            "sed -n \"/^7f1571c00000-/,/^VmFlags/p\" /proc/216234/smaps",
        ),
        (
            "awk '/^$/ {print $1}' /proc/$PID/maps",
            "awk '/^$/ {print $1}' /proc/216234/maps",
        ),
    ] {
        assert_eq!(shown(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_not_sure_is_refused_where_it_matters() {
    for (refused, instead) in [
        ("echo `echo $PID`", "echo `date`"),
        ("cat <<E\n$PID\nE", "cat <<E\na\nE"),
        ("echo ${memory%0}", "echo ${HOME%0}"),
        ("echo ${#PID}", "echo ${#HOME}"),
        ("echo $'$PID'", "echo $'a'"),
        ("PID=1; echo $PID", "A=1; echo $A"),
        (
            "for memory in 1; do echo $memory; done",
            "for a in 1; do echo $a; done",
        ),
        (
            "echo 1 | while read -r PID; do echo $PID; done",
            "read -r a",
        ),
        ("eval echo '$PID'", "eval echo a"),
        ("echo $\\\nPID $PID", "echo a \\\nb"),
        (
            "echo \"$(case a in a) echo '$PID';; esac)\"",
            "echo \"$(case a in a) echo;; esac)\"",
        ),
        ("echo $((PID + 1))", "echo a"),
        ("IFS=7; echo $memory", "IFS=7; echo a"),
        ("echo $HOME$PID", "echo $HOME$HOME"),
        ("echo $PID>a", "echo $HOME>a"),
    ] {
        assert!(shown(refused).is_err(), "{refused}");
        assert_eq!(shown(instead).as_deref(), Ok(instead));
    }
    assert_eq!(
        shown("grep memory $PID"),
        Ok("grep memory 216234".to_owned())
    );
}

/// What sh prints in an empty folder; nothing where it fails.
fn sh(text: &str) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut sh = Command::new("sh");
    sh.args(["-u", "-c", text]).current_dir(&folder);
    sh.env_clear().env("HOME", "/home").stdin(Stdio::null());
    let output = sh.output().expect("sh");
    output.status.success().then_some(output.stdout)
}

const PIECES: &[&str] = &[
    "$PID",
    "${PID}",
    "$memory",
    "$PIDS",
    "$HOME",
    "${HOME}",
    "${PID:-a}",
    "${#PID}",
    "$",
    "'",
    "'",
    "\"",
    "\"",
    "\\",
    "#",
    " ",
    " ",
    "\n",
    ";",
    "a",
    "=",
    "PID",
    "memory=",
    "PID=",
    "$(",
    "echo ",
    "printf '<%s>' ",
    ")",
    "(",
    "$((",
    "))",
    "1+",
    "|",
    "cat",
    "<",
    ">",
    "<<",
    "{",
    "}",
    "`",
    "&&",
    "%",
    "*",
    "~",
    "é",
    "!",
    "for PID in a;do ",
    ";done",
    "read PID",
    "eval ",
    "case ",
    " in ",
    "a)",
    ";;",
    "esac",
    "$0",
    "${",
    "$'",
    "[",
    "]",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    /// What is shown, typed where nothing is set, does what was run.
    #[test]
    fn what_is_shown_is_what_was_run(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..12)) {
        let text = format!("printf '<%s>' {}", pieces.concat());
        // The shell's own process id is another in each.
        prop_assume!(!text.contains("$$"));
        if let Ok(shown) = shown(&text)
            && let Some(ran) = sh(&format!("PID=216234 memory=7f1571c00000; {text}"))
        {
            prop_assert_eq!(sh(&shown), Some(ran), "{} -> {}", text, shown);
        }
    }
}
