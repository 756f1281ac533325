//! The program of `cargo lab`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::main()
}
