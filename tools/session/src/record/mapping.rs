//! One VMA of a record: its line of `maps` and its block of `smaps`.
//!
//! The procfs crate reads addresses and numbers; the raw text is kept beside
//! it, for pages, and for the VmFlags that are newer than the crate.

use procfs_core::FromBufRead;
use procfs_core::process::{MemoryMap, MemoryMaps};

use crate::error::RecordsError;

/// A VMA as `/proc/PID/smaps` describes it; see proc_pid_smaps(5).
#[derive(Debug, Clone)]
pub struct Mapping {
    /// First address.
    pub start: u64,
    /// First address after it.
    pub end: u64,
    /// The raw block: the header line, the fields, VmFlags.
    pub block: String,
    parsed: MemoryMap,
}

impl Mapping {
    /// The VMA that holds an address: never looked for by name, since names are
    /// not unique.
    pub fn holding(address: u64, smaps: &str) -> Result<Self, RecordsError> {
        let holds = |(start, end)| (start..end).contains(&address);
        let Some(block) = blocks(smaps).find(|block| bounds(block).is_some_and(holds)) else {
            return Err(RecordsError(format!(
                "no mapping holds {address:#x}: it is not mapped at this checkpoint"
            )));
        };
        let parsed = memory_map(block)?;
        Ok(Self {
            start: parsed.address.0,
            end: parsed.address.1,
            block: block.to_owned(),
            parsed,
        })
    }

    /// The names of the fields, in the kernel's order.
    pub fn field_names(&self) -> Vec<&str> {
        let fields = self.block.lines().skip(1);
        let names = fields.filter_map(|line| line.split_once(':').map(|(name, _)| name));
        names.collect()
    }

    /// The two-letter codes of the VmFlags line, as the kernel printed them.
    pub fn flags(&self) -> Option<Vec<&str>> {
        self.line("VmFlags")
            .map(|line| line.split_ascii_whitespace().skip(1).collect())
    }

    /// Permissions as in maps: `rw-p`.
    pub fn permissions(&self) -> &str {
        let mut words = self.block.split_ascii_whitespace();
        words.nth(1).unwrap_or_default()
    }

    /// Where in its file the mapping begins, in bytes.
    pub fn offset(&self) -> u64 {
        self.parsed.offset
    }

    /// The file's number on its device; 0 without a file.
    pub fn inode(&self) -> u64 {
        self.parsed.inode
    }

    /// The file's path, or a name such as `[heap]`, as the kernel prints it;
    /// empty without one.
    pub fn path(&self) -> &str {
        let line = self.block.lines().next().unwrap_or_default();
        line.splitn(6, ' ').nth(5).unwrap_or_default().trim()
    }

    fn line(&self, name: &str) -> Option<&str> {
        let is_it = |line: &&str| line.split_once(':').is_some_and(|(field, _)| field == name);
        self.block.lines().skip(1).find(is_it)
    }
}

/// Reads the VMAs of an smaps text.
pub fn memory_maps(smaps: &str) -> Result<Vec<MemoryMap>, RecordsError> {
    blocks(smaps).map(memory_map).collect()
}

/// Reads one block. What the procfs crate would panic at is kept from it: an
/// amount of kB that is too large in bytes, and a file's name that only begins
/// like that of System V shared memory, `/SYSV00000000 (deleted)`.
fn memory_map(block: &str) -> Result<MemoryMap, RecordsError> {
    let header = block.lines().next().unwrap_or_default();
    let unreadable = |why: &str| {
        RecordsError(format!(
            "cannot read the smaps block that begins `{header}`: {why}"
        ))
    };
    if bounds(header).is_none_or(|(start, end)| start >= end) {
        return Err(unreadable("it has no range of addresses"));
    }
    for line in block.lines().skip(1) {
        let amount = line.split_ascii_whitespace().nth(1);
        let amount = amount.and_then(|amount| amount.parse::<u64>().ok());
        if amount.is_some_and(|amount| amount.checked_mul(1024).is_none()) {
            return Err(unreadable(&format!("`{line}` is too much")));
        }
    }
    // The same path, for a file system.
    let plain = match header.split_once(" /SYSV") {
        Some((before, name)) if !is_key(name) => {
            block.replacen(&format!("{before} /SYSV"), &format!("{before} //SYSV"), 1)
        }
        _ => block.to_owned(),
    };
    MemoryMaps::from_buf_read(plain.as_bytes())
        .map_err(|error| unreadable(&error.to_string()))?
        .into_iter()
        .next()
        .ok_or_else(|| unreadable("it is empty"))
}

/// The key of shared memory: eight hexadecimal digits.
fn is_key(name: &str) -> bool {
    let key = name.as_bytes().get(..8);
    key.is_some_and(|key| key.iter().all(u8::is_ascii_hexdigit))
}

/// The blocks of an smaps text, each from its header line to before the next.
pub fn blocks(smaps: &str) -> impl Iterator<Item = &str> {
    let mut rest = smaps;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = first_line(rest).len();
        while end < rest.len() && bounds(&rest[end..]).is_none() {
            end += first_line(&rest[end..]).len();
        }
        let (block, after) = rest.split_at(end);
        rest = after;
        Some(block)
    })
}

/// The first line, with its line feed.
fn first_line(text: &str) -> &str {
    text.split_inclusive('\n').next().unwrap_or_default()
}

/// The addresses of a header line: `7f1571c00000-7f1572c00000 rw-p …`.
pub fn bounds(block: &str) -> Option<(u64, u64)> {
    // Asked of every line of smaps: most are fields, whose names give them away.
    if !block.starts_with(|first: char| first.is_ascii_hexdigit()) {
        return None;
    }
    let (range, _) = first_line(block).split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let number = |text: &str| {
        let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        u64::from_str_radix(text, 16).ok().filter(|_| hex)
    };
    Some((number(start)?, number(end)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMAPS: &str = "\
5594466d1000-5594466d3000 rw-p 00000000 00:00 0                          [heap]
Size:                  8 kB
Rss:                   4 kB
THPeligible:           0
VmFlags: rd wr mr mw me ac
7f1571c00000-7f1572c00000 rw-p 00000000 00:00 0 
Size:              16384 kB
Rss:                   0 kB
VmFlags: rd wr mr mw me ac gu nh
";

    #[test]
    fn a_vma_is_found_by_any_address_inside() {
        let mapping = Mapping::holding(0x7f15_71c0_1234, SMAPS).expect("mapped");
        assert_eq!(
            (mapping.start, mapping.end),
            (0x7f15_71c0_0000, 0x7f15_72c0_0000)
        );
        assert_eq!(mapping.permissions(), "rw-p");
        assert_eq!(
            (mapping.path(), mapping.inode(), mapping.offset()),
            ("", 0, 0)
        );
        let heap = Mapping::holding(0x5594_466d_1000, SMAPS).expect("mapped");
        assert_eq!(heap.path(), "[heap]");
        assert_eq!(mapping.field_names(), ["Size", "Rss", "VmFlags"]);
    }

    #[test]
    fn flags_newer_than_the_parser_are_kept() {
        let mapping = Mapping::holding(0x7f15_71c0_0000, SMAPS).expect("mapped");
        assert_eq!(
            mapping.flags().unwrap_or_default(),
            ["rd", "wr", "mr", "mw", "me", "ac", "gu", "nh"]
        );
    }

    #[test]
    fn a_name_like_that_of_shared_memory_is_a_name() {
        for (path, inode) in [
            ("/SYSV", 7),
            ("/SYSVé", 7),
            ("/SYSVmy-data (deleted)", 7),
            ("/SYSV00000000 (deleted)", 98304),
        ] {
            let smaps = format!("7f15-7f16 rw-s 00000000 00:01 {inode}      {path}\nRss: 4 kB\n");
            let mapping = Mapping::holding(0x7f15, &smaps).expect(path);
            assert_eq!((mapping.path(), mapping.inode()), (path, inode));
        }
    }

    #[test]
    fn a_path_is_what_stands_behind_the_inode() {
        let smaps = "7f15-7f16 r--s 10001000 fe:0a 10001000      /tmp/a 10001000 b\n";
        let mapping = Mapping::holding(0x7f15, smaps).expect("mapped");
        assert_eq!(mapping.path(), "/tmp/a 10001000 b");
    }

    #[test]
    fn numbers_that_no_kernel_prints_are_refused() {
        let too_much = "7f15-7f16 rw-p 00000000 00:00 0 \nRss: 18446744073709551615 kB\n";
        let error = Mapping::holding(0x7f15, too_much).map_err(|error| error.to_string());
        assert_eq!(
            error.map(|mapping| mapping.block),
            Err("cannot read the smaps block that begins `7f15-7f16 rw-p 00000000 00:00 0 `: `Rss: 18446744073709551615 kB` is too much".to_owned())
        );
        for reversed in ["7f16-7f15 rw-p 0 00:00 0 \n", "7f15-7f15 rw-p 0 00:00 0 \n"] {
            assert!(memory_maps(reversed).is_err(), "{reversed}");
        }
    }

    #[test]
    fn the_first_address_after_a_vma_is_outside() {
        assert_eq!(
            Mapping::holding(0x5594_466d_3000, SMAPS).map(|m| m.start),
            Err(RecordsError(
                "no mapping holds 0x5594466d3000: it is not mapped at this checkpoint".to_owned()
            ))
        );
    }

    #[test]
    fn blocks_put_together_are_the_text() {
        assert_eq!(blocks(SMAPS).count(), 2);
        assert_eq!(blocks(SMAPS).collect::<String>(), SMAPS);
    }
}
