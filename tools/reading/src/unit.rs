//! Amounts, in the units of the kernel, of a listing and of a sentence.

use std::fmt;
use std::str::FromStr;

/// What an amount is of. Two of different kinds cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Memory, in bytes.
    Memory,
    /// Time, in nanoseconds.
    Time,
    /// A plain number: faults, a process id, a switch.
    Count,
    /// A place in memory.
    Address,
}

/// A unit of an amount of memory or of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 1024 bytes, as `/proc` prints it.
    Kilobytes,
    Mebibytes,
    Gibibytes,
    Tebibytes,
    /// Pages of the machine that the record was made on.
    Pages,
    Bytes,
    Nanoseconds,
    Microseconds,
    Milliseconds,
    Seconds,
    /// What a listing counts most often: a plain number.
    Faults,
}

/// As they are written, the first for one, the second for more.
const NAMES: [(Unit, &str, &str); 13] = [
    (Unit::Kilobytes, "kB", "kB"),
    (Unit::Kilobytes, "KiB", "KiB"),
    (Unit::Mebibytes, "MiB", "MiB"),
    (Unit::Gibibytes, "GiB", "GiB"),
    (Unit::Tebibytes, "TiB", "TiB"),
    (Unit::Pages, "page", "pages"),
    (Unit::Bytes, "byte", "bytes"),
    (Unit::Nanoseconds, "ns", "ns"),
    (Unit::Microseconds, "µs", "µs"),
    (Unit::Microseconds, "us", "us"),
    (Unit::Milliseconds, "ms", "ms"),
    (Unit::Seconds, "s", "s"),
    (Unit::Faults, "fault", "faults"),
];

impl Unit {
    pub fn kind(self) -> Kind {
        match self {
            Self::Nanoseconds | Self::Microseconds | Self::Milliseconds | Self::Seconds => {
                Kind::Time
            }
            Self::Faults => Kind::Count,
            _ => Kind::Memory,
        }
    }

    /// How many bytes, or nanoseconds, one of it is.
    pub fn size(self, page_size: u64) -> u64 {
        match self {
            Self::Kilobytes => 1 << 10,
            Self::Mebibytes => 1 << 20,
            Self::Gibibytes => 1 << 30,
            Self::Tebibytes => 1 << 40,
            Self::Pages => page_size,
            Self::Bytes | Self::Nanoseconds | Self::Faults => 1,
            Self::Microseconds => 1_000,
            Self::Milliseconds => 1_000_000,
            Self::Seconds => 1_000_000_000,
        }
    }

    /// `4 kB`, `1 page`, `-1 page`: the amount in this unit, exactly, or else in
    /// the smallest of its kind.
    pub fn of(self, amount: i128, page_size: u64) -> String {
        let size = i128::from(self.size(page_size));
        if amount % size != 0 {
            let smallest = match self.kind() {
                Kind::Time => Self::Nanoseconds,
                _ => Self::Bytes,
            };
            return smallest.of(amount, page_size);
        }
        let count = amount / size;
        let name = NAMES.iter().find(|(unit, ..)| *unit == self);
        let name = name.map_or(
            "",
            |(_, one, more)| if count.abs() == 1 { one } else { more },
        );
        format!("{count} {name}")
    }
}

impl FromStr for Unit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = NAMES
            .iter()
            .find(|(_, one, more)| text == *one || text == *more);
        known.map(|(unit, ..)| *unit).ok_or_else(|| {
            format!(
                "`{text}` is no unit; there are kB, KiB, MiB, GiB, TiB, pages and bytes, ns, µs, ms and s, and faults"
            )
        })
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(unit, ..)| unit == self);
        f.write_str(name.map_or("", |(.., more)| more))
    }
}

/// An amount of something. What a claim compares, and a sentence states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    pub kind: Kind,
    /// In bytes, in nanoseconds, or in numbers.
    pub number: i128,
}

impl Amount {
    /// What a sentence says: `16` and `MiB`, `1,024` and `faults`, `1.5` and `MB`.
    /// A decimal unit is a decimal one. Nothing where that is no amount.
    pub fn stated(digits: &str, unit: &str, page_size: u64) -> Option<Self> {
        let (kind, size) = match (unit.parse::<Unit>(), unit) {
            (Ok(unit), _) => (unit.kind(), unit.size(page_size)),
            (_, "B") => (Kind::Memory, 1),
            (_, "MB") => (Kind::Memory, 1_000_000),
            (_, "GB") => (Kind::Memory, 1_000_000_000),
            (_, "TB") => (Kind::Memory, 1_000_000_000_000),
            (_, "μs") => (Kind::Time, 1_000),
            _ => return None,
        };
        let plain: String = digits
            .chars()
            .filter(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
        let scale = 10_i128.checked_pow(u32::try_from(part.len()).ok()?)?;
        let number = format!("{whole}{part}").parse::<i128>().ok()?;
        let number = number.checked_mul(i128::from(size))?;
        (number % scale == 0).then_some(Self {
            kind,
            number: number / scale,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_exact_or_the_smallest() {
        let of = |unit: Unit, amount| unit.of(amount, 4096);
        assert_eq!(of(Unit::Kilobytes, 4096), "4 kB");
        assert_eq!(of(Unit::Pages, 4096), "1 page");
        assert_eq!(of(Unit::Pages, -4096), "-1 page");
        assert_eq!(of(Unit::Pages, 8192), "2 pages");
        assert_eq!(of(Unit::Pages, 4097), "4097 bytes");
        assert_eq!(of(Unit::Bytes, 1), "1 byte");
        assert_eq!(of(Unit::Mebibytes, 16 << 20), "16 MiB");
        assert_eq!(of(Unit::Milliseconds, 1_500_000), "1500000 ns");
    }

    #[test]
    fn what_a_sentence_states() {
        let stated = |digits, unit| Amount::stated(digits, unit, 4096).map(|amount| amount.number);
        assert_eq!(stated("16", "MiB"), Some(16 << 20));
        assert_eq!(stated("16384", "kB"), Some(16 << 20));
        assert_eq!(stated("1,024", "faults"), Some(1024));
        assert_eq!(stated("1.5", "MB"), Some(1_500_000));
        assert_eq!(stated("0.3", "bytes"), None);
        assert_eq!(stated("2", "pages"), Some(8192));
        assert_eq!(stated("3", "furlongs"), None);
    }
}
