//! The record that stands in for one that this machine cannot make.

use std::fs;
use std::io;
use std::path::Path;

use super::Record;

/// Beside a listing whose session says `stored = true`: what `capture record`
/// printed on a machine that has all it needs.
pub const FILE: &str = "record.json";

/// The record itself, or the stored one where the listing was skipped.
pub fn or_stored(record: Record, listing: &Path) -> Result<Record, String> {
    if record.skipped.is_none() {
        return Ok(record);
    }
    let path = listing.join(FILE);
    let text = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(record),
        text => text.map_err(|error| format!("cannot read {}: {error}", path.display()))?,
    };
    let stored: Record = serde_json::from_slice(&text).map_err(|error| {
        format!(
            "{}: {error}; `cargo lab kernels` makes it anew",
            path.display()
        )
    })?;
    Ok(Record {
        stored: record.skipped,
        ..stored
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    #[test]
    fn a_skipped_listing_has_its_stored_record() {
        let folder = tempfile::tempdir().expect("a folder");
        let fresh = sample("", "");
        let skipped = Record {
            skipped: Some("needs swap".to_owned()),
            ..sample("", "")
        };
        let of = |record: &Record| or_stored(record.clone(), folder.path());
        assert_eq!(of(&skipped).expect("none stored").stored, None);

        let text = serde_json::to_string(&fresh).expect("writes");
        fs::write(folder.path().join(FILE), text).expect("writes");
        assert_eq!(of(&fresh).expect("fresh").stored, None);
        let stored = of(&skipped).expect("stored");
        assert_eq!(stored.skipped, None);
        assert_eq!(
            stored.caption("at mapped"),
            "at mapped, recorded earlier on Linux 6.18, 2026-11-24"
        );
        assert_eq!(fresh.caption("at mapped"), "at mapped");

        fs::write(folder.path().join(FILE), "{").expect("writes");
        let error = of(&skipped).expect_err("cut off");
        assert!(error.contains("record.json: EOF"), "{error}");
    }
}
