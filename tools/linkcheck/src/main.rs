//! `linkcheck DIR`: checks the finished HTML of a built book.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use linkcheck::Report;

/// Check the finished HTML of a built book.
///
/// Every link inside the book must lead to a file and an id that exist, links
/// out of the book must be well-formed (the network is never asked), no page may
/// have an id twice, and no directive may be left unprocessed.
///
/// Prints one line for each problem, PAGE:LINE first. Exits with 0 if there is
/// none, with 1 if there is one, with 2 if the book could not be read.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// The folder of the built book
    dir: PathBuf,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let report = match linkcheck::report(&args.dir, None) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("linkcheck: {error}");
            return ExitCode::from(2);
        }
    };
    match print(&report) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("linkcheck: cannot write to standard output: {error}");
            ExitCode::from(2)
        }
        // Who closed the pipe has read enough; the verdict stands.
        _ => ExitCode::from(u8::from(!report.findings.is_empty())),
    }
}

fn print(report: &Report) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for finding in &report.findings {
        writeln!(out, "{finding}")?;
    }
    let verdict = match report.findings.len() {
        0 => "all good".to_owned(),
        1 => "1 problem".to_owned(),
        n => format!("{n} problems"),
    };
    let Report { pages, links, .. } = report;
    writeln!(out, "linkcheck: {pages} pages, {links} links, {verdict}")
}
