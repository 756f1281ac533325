//! One VMA of a record: its line of `maps` and its block of `smaps`.

use crate::error::RecordsError;

/// A VMA as `/proc/PID/smaps` describes it; see proc_pid_smaps(5).
#[derive(Debug, Clone, Copy)]
pub struct Mapping<'a> {
    /// First address.
    pub start: u64,
    /// First address after it.
    pub end: u64,
    /// Permissions as in maps: `rw-p`.
    pub permissions: &'a str,
    /// Where in its file the mapping begins, in bytes.
    pub offset: u64,
    /// The file's number on its device; 0 without a file.
    pub inode: u64,
    /// The file's path, or a name such as `[heap]`, as the kernel prints it; empty
    /// without one.
    pub path: &'a str,
    /// The raw block: the header line, the fields, VmFlags.
    pub block: &'a str,
}

impl<'a> Mapping<'a> {
    /// The VMA that holds an address: never looked for by name, since names are
    /// not unique.
    pub fn holding(address: u64, smaps: &'a str) -> Result<Self, RecordsError> {
        let holds = |(start, end)| (start..end).contains(&address);
        let found = blocks(smaps).find(|block| bounds(block).is_some_and(holds));
        let none = || {
            RecordsError(format!(
                "no mapping holds {address:#x}: it is not mapped at this checkpoint"
            ))
        };
        Self::read(found.ok_or_else(none)?)
    }

    /// All VMAs of an smaps text.
    pub fn all(smaps: &'a str) -> Result<Vec<Self>, RecordsError> {
        blocks(smaps).map(Self::read).collect()
    }

    fn read(block: &'a str) -> Result<Self, RecordsError> {
        let header = block.lines().next().unwrap_or_default();
        let mapping = bounds(header).and_then(|(start, end)| {
            let mut words = header.splitn(6, ' ').skip(1);
            Some(Self {
                start,
                end,
                permissions: words.next()?,
                offset: u64::from_str_radix(words.next()?, 16).ok()?,
                inode: words.nth(1)?.parse().ok()?,
                path: words.next().unwrap_or_default().trim(),
                block,
            })
        });
        let mapping = mapping.filter(|mapping| mapping.start < mapping.end);
        mapping.ok_or_else(|| {
            RecordsError(format!(
                "cannot read the smaps block that begins `{header}`: that is no line of /proc/PID/maps"
            ))
        })
    }

    /// The names of the fields, in the kernel's order.
    pub fn field_names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.fields().map(|(name, _)| name)
    }

    /// The two-letter codes of the VmFlags line, as the kernel printed them.
    pub fn flags(&self) -> Option<Vec<&'a str>> {
        let (_, flags) = self.fields().find(|(name, _)| *name == "VmFlags")?;
        Some(flags.split_ascii_whitespace().collect())
    }

    fn fields(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let lines = self.block.lines().skip(1);
        lines.filter_map(|line| line.split_once(':'))
    }
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
        assert_eq!(mapping.permissions, "rw-p");
        assert_eq!((mapping.path, mapping.inode, mapping.offset), ("", 0, 0));
        let heap = Mapping::holding(0x5594_466d_1000, SMAPS).expect("mapped");
        assert_eq!(heap.path, "[heap]");
        let names: Vec<&str> = mapping.field_names().collect();
        assert_eq!(names, ["Size", "Rss", "VmFlags"]);
    }

    #[test]
    fn flags_are_as_the_kernel_prints_them() {
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
            assert_eq!((mapping.path, mapping.inode), (path, inode));
        }
    }

    #[test]
    fn a_path_is_what_stands_behind_the_inode() {
        let smaps = "7f15-7f16 r--s 10001000 fe:0a 10001000      /tmp/a 10001000 b\n";
        let mapping = Mapping::holding(0x7f15, smaps).expect("mapped");
        assert_eq!(mapping.path, "/tmp/a 10001000 b");
    }

    #[test]
    fn numbers_that_no_kernel_prints_are_refused() {
        for wrong in [
            "7f16-7f15 rw-p 0 00:00 0 ",
            "7f15-7f15 rw-p 0 00:00 0 ",
            "7f15-7f16 rw-p 0 00:00 18446744073709551616 ",
            "7f15-7f16 rw-p",
        ] {
            let error = Mapping::all(wrong).map(|_| ()).expect_err(wrong);
            let told = format!("cannot read the smaps block that begins `{wrong}`");
            assert!(error.0.starts_with(&told), "{error}");
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
