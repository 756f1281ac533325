//! Amounts of memory, in the units of the kernel and of the page.

use std::fmt;
use std::str::FromStr;

/// A unit of an amount of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 1024 bytes, as `/proc` prints it.
    Kilobytes,
    /// Pages of the machine that the record was made on.
    Pages,
    Bytes,
}

impl Unit {
    /// How many bytes one of it is.
    pub fn bytes(self, page_size: u64) -> u64 {
        match self {
            Self::Kilobytes => 1024,
            Self::Pages => page_size,
            Self::Bytes => 1,
        }
    }

    /// `4 kB`, `1 page`: the amount in this unit, exactly, or else in bytes.
    pub fn of(self, bytes: u64, page_size: u64) -> String {
        let size = self.bytes(page_size);
        if !bytes.is_multiple_of(size) {
            return Self::Bytes.of(bytes, page_size);
        }
        let count = bytes / size;
        let name = match self {
            Self::Kilobytes => "kB",
            Self::Pages if count == 1 => "page",
            Self::Pages => "pages",
            Self::Bytes if count == 1 => "byte",
            Self::Bytes => "bytes",
        };
        format!("{count} {name}")
    }
}

impl FromStr for Unit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "kB" => Ok(Self::Kilobytes),
            "page" | "pages" => Ok(Self::Pages),
            "byte" | "bytes" => Ok(Self::Bytes),
            _ => Err(format!(
                "`{text}` is no unit; there are kB, pages and bytes"
            )),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kilobytes => "kB",
            Self::Pages => "pages",
            Self::Bytes => "bytes",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Unit;

    #[test]
    fn an_amount_reads_as_a_sentence_would_say_it() {
        assert_eq!(Unit::Kilobytes.of(4096, 4096), "4 kB");
        assert_eq!(Unit::Pages.of(4096, 4096), "1 page");
        assert_eq!(Unit::Pages.of(0, 4096), "0 pages");
        assert_eq!(Unit::Pages.of(16384, 16384), "1 page");
        assert_eq!(Unit::Bytes.of(4096, 4096), "4096 bytes");
        // Nothing is rounded.
        assert_eq!(Unit::Pages.of(4097, 4096), "4097 bytes");
    }
}
