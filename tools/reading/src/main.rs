//! `capture`: see `capture --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // It may have been started as a keeper.
    reading::under_another_name().unwrap_or_else(reading::main)
}
