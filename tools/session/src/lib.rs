//! A listing becomes a record.
//!
//! A *listing* (`listings`) is compiled (`compile`). A *session* (`session`) runs
//! it under a keeper (`keeper`) from checkpoint to checkpoint, and leaves a
//! *record* (`record`) of what was printed and of what the kernel said, on a
//! machine (`environment`). `records` holds those of one build, `memo` those of
//! the build before, `audit` says what would be run.
//!
//! This room alone knows cargo, processes and `/proc`. It knows nothing of what
//! an excerpt or a claim is, and nothing of mdBook.

#[cfg(not(target_os = "linux"))]
compile_error!(
    "this book shows what Linux says: build it on Linux, for example in a virtual machine or under WSL 2"
);

mod audit;
mod compile;
mod environment;
mod error;
mod keeper;
mod listings;
mod memo;
mod needs;
mod progress;
mod record;
mod records;
mod running;
mod session;
mod want;

use std::env;
use std::ffi::OsStr;
use std::path::Path;
use std::process::ExitCode;

pub use audit::{Command, at_checkpoint, commands};
pub use compile::{Compiled, Foreign, cargo_build, compile, forget_the_outer_cargo};
pub use environment::{Environment, without_address_randomisation};
pub use error::RecordsError;
pub use keeper::alone::NAME as KEEP;
pub use keeper::{Ending, Folder};
pub use listings::{Listing, Listings};
pub use memo::Memo;
pub use needs::{Architecture, Needs, Release};
pub use progress::{Progress, span};
pub use record::{
    Checkpoint, END, Executed, Mapping, Moment, PageRun, PageState, Pages, Place, ProcFiles,
    Process, Record, blocks, bounds, kernel_text, lines, page_text, page_text_from, showable,
    with_stand_ins,
};
pub use records::Records;
pub use session::Session;
pub use want::{Want, quoted, wanted};

/// Must be the first thing in the `main` of every program that records: under
/// the name of a keeper, this binary is that program.
pub fn under_another_name() -> Option<ExitCode> {
    let name = env::args_os().next()?;
    match Path::new(&name).file_name().and_then(OsStr::to_str)? {
        keeper::NAME => Some(keeper::inside::main()),
        keeper::alone::NAME => Some(keeper::alone::main()),
        _ => None,
    }
}
