//! `--deny-skips`: no listing is skipped, but those that are excepted by name.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use anyhow::bail;
use reading::records_folder;
use session::Listings;

/// Whether a build can tell: it runs sessions, and each exception is a listing.
pub fn can_be_told(root: &Path, except: &[String]) -> anyhow::Result<()> {
    if let Some(folder) = records_folder() {
        bail!(
            "--deny-skips looks at sessions, and none is run: CAPTURE_RECORDS names the records in {}; unset it",
            folder.display()
        );
    }
    let listings = Listings::of(root)?;
    for name in except {
        listings.get(name)?;
    }
    Ok(())
}

/// Fails if a listing was skipped that may not be; tells of each that was not
/// skipped and may be. One of which a page shows the stored record is skipped, too.
pub fn check(skipped: &BTreeMap<String, String>, except: &[String]) -> anyhow::Result<()> {
    for name in except.iter().filter(|name| !skipped.contains_key(*name)) {
        let _ = writeln!(
            io::stderr(),
            "  note: `{name}` was not skipped here; `--except {name}` is not needed"
        );
    }
    let (mut told, mut flags) = (String::new(), String::new());
    for (listing, reason) in skipped.iter().filter(|(name, _)| !except.contains(name)) {
        told += &format!("  `{listing}`: {reason}\n");
        flags += &format!(" --except {listing}");
    }
    if told.is_empty() {
        return Ok(());
    }
    bail!(
        "skipped, and --deny-skips allows it of no other listing:\n{told}build where each has what it needs, or allow it by name:{flags}"
    )
}
