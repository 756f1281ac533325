//! Files that lie among a book's sources and are none: hidden ones, and what
//! editors and desktops leave beside a file. Whoever reads, watches or publishes
//! the sources passes over them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Hidden, and meant for readers all the same: a site's well-known addresses
/// (RFC 8615).
const MEANT: &[u8] = b".well-known";

/// Whether a file or a folder of this name is no source.
pub fn is_leaving(name: &OsStr) -> bool {
    let name = name.as_bytes();
    is_editors(name) || (name.starts_with(b".") && name != MEANT)
}

/// Whether it is hidden, and no editor's or desktop's: what holds a secret looks
/// so. mdBook alone would publish it.
pub fn is_secret(name: &OsStr) -> bool {
    is_leaving(name) && !is_editors(name.as_bytes())
}

/// What editors and desktops leave, hidden or not.
fn is_editors(name: &[u8]) -> bool {
    let ends = |ends: &[&[u8]]| ends.iter().any(|end| name.ends_with(end));
    let starts = |starts: &[&[u8]]| starts.iter().any(|start| name.starts_with(start));
    // Emacs' autosave; LibreOffice's lock is `.~lock.x#`.
    (starts(&[b"#", b".~lock."]) && ends(&[b"#"]))
        // Emacs' lock, GIO's new file (gedit), macOS, KDE, NFS.
        || starts(&[b".#", b".goutputstream-", b"._", b".DS_Store", b".directory", b".nfs"])
        // Backups; Vim's and Kate's swap files; JetBrains'.
        || ends(&[b"~", b".bak", b".tmp", b".kate-swp", b"___jb_tmp___", b"___jb_old___"])
        // Vim's `.x.swp`, and `.swo`, `.swn` and so on beside it.
        || (name.starts_with(b".") && name.len() > 4 && name[name.len() - 4..].starts_with(b".sw"))
        // Vim tries whether a folder can be written to; Windows.
        || matches!(name, b"4913" | b"Thumbs.db" | b"desktop.ini")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_editors_leave_is_no_source() {
        for name in [
            ".#one.md",
            "#one.md#",
            "one.md~",
            ".one.md.swp",
            ".one.md.swx",
            "4913",
            ".DS_Store",
            "one.md___jb_tmp___",
            ".one.md.kate-swp",
            ".goutputstream-X1Y2Z3",
            ".~lock.one.odt#",
            "one.md.bak",
            "Thumbs.db",
            ".nfs000000000123",
        ] {
            assert!(
                is_leaving(name.as_ref()) && !is_secret(name.as_ref()),
                "{name}"
            );
        }
        for name in [".env", ".git", ".ssh", ".netrc", ".sw"] {
            assert!(
                is_leaving(name.as_ref()) && is_secret(name.as_ref()),
                "{name}"
            );
        }
        for name in [
            "one.md",
            "#1.md",
            "swp",
            "figure.swf",
            "tmp",
            "env",
            "4913.md",
            ".well-known",
        ] {
            assert!(
                !is_leaving(name.as_ref()) && !is_secret(name.as_ref()),
                "{name}"
            );
        }
    }
}
