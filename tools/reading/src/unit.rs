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

/// A unit of an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    pub kind: Kind,
    /// What one of it is called, and more.
    names: (&'static str, &'static str),
    /// In bytes or nanoseconds; 0 for that of a page, which the machine has.
    size: u64,
}

const fn unit(kind: Kind, one: &'static str, more: &'static str, size: u64) -> Unit {
    let names = (one, more);
    Unit { kind, names, size }
}

/// All units, of each kind from large to small.
pub const UNITS: [Unit; 13] = [
    unit(Kind::Memory, "TiB", "TiB", 1 << 40),
    unit(Kind::Memory, "GiB", "GiB", 1 << 30),
    Unit::MEBIBYTES,
    Unit::KILOBYTES,
    unit(Kind::Memory, "KiB", "KiB", 1 << 10),
    Unit::PAGES,
    Unit::BYTES,
    unit(Kind::Time, "s", "s", 1_000_000_000),
    unit(Kind::Time, "ms", "ms", 1_000_000),
    unit(Kind::Time, "µs", "µs", 1_000),
    unit(Kind::Time, "us", "us", 1_000),
    Unit::NANOSECONDS,
    // What a listing counts most often: a plain number.
    unit(Kind::Count, "fault", "faults", 1),
];

impl Unit {
    pub const MEBIBYTES: Self = unit(Kind::Memory, "MiB", "MiB", 1 << 20);
    /// 1024 bytes, as `/proc` prints it.
    pub const KILOBYTES: Self = unit(Kind::Memory, "kB", "kB", 1 << 10);
    /// Pages of the machine that the record was made on.
    pub const PAGES: Self = unit(Kind::Memory, "page", "pages", 0);
    pub const BYTES: Self = unit(Kind::Memory, "byte", "bytes", 1);
    pub const NANOSECONDS: Self = unit(Kind::Time, "ns", "ns", 1);

    /// How many bytes, or nanoseconds, one of it is.
    pub fn size(self, page_size: u64) -> u64 {
        match self.size {
            0 => page_size,
            size => size,
        }
    }

    /// So many of it.
    pub fn amount(self, count: i128, page_size: u64) -> Amount {
        Amount::of(self.kind, count * i128::from(self.size(page_size)))
    }

    /// `4 kB`, `1 page`, `-1 page`: the amount in this unit, exactly, or else in
    /// the smallest of its kind.
    pub fn of(self, amount: i128, page_size: u64) -> String {
        let size = i128::from(self.size(page_size));
        match (amount % size, self.kind) {
            (0, _) => {}
            (_, Kind::Time) => return Self::NANOSECONDS.of(amount, page_size),
            _ => return Self::BYTES.of(amount, page_size),
        }
        let count = amount / size;
        let (one, more) = self.names;
        let name = if count.abs() == 1 { one } else { more };
        format!("{count} {name}")
    }
}

impl FromStr for Unit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut units = UNITS.into_iter();
        let known = units.find(|unit| text == unit.names.0 || text == unit.names.1);
        known.ok_or_else(|| {
            format!(
                "`{text}` is no unit; there are kB, KiB, MiB, GiB, TiB, pages and bytes, ns, µs, ms and s, and faults"
            )
        })
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.names.1)
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
    pub fn of(kind: Kind, number: impl Into<i128>) -> Self {
        let number = number.into();
        Self { kind, number }
    }

    /// What a sentence says: `16` and `MiB`, `1,024` and `faults`, `1.5` and `MB`.
    /// A decimal unit is a decimal one. Nothing where that is no amount.
    pub fn stated(digits: &str, unit: &str, page_size: u64) -> Option<Self> {
        let (kind, size) = match (unit.parse::<Unit>(), unit) {
            (Ok(unit), _) => (unit.kind, unit.size(page_size)),
            (_, "B") => (Kind::Memory, 1),
            (_, "MB") => (Kind::Memory, 1_000_000),
            (_, "GB") => (Kind::Memory, 1_000_000_000),
            (_, "TB") => (Kind::Memory, 1_000_000_000_000),
            (_, "μs") => (Kind::Time, 1_000),
            _ => return None,
        };
        let plain = digits.replace(|c: char| !c.is_ascii_digit() && c != '.', "");
        let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
        let scale = 10_i128.checked_pow(u32::try_from(part.len()).ok()?)?;
        let number = format!("{whole}{part}").parse::<i128>().ok()?;
        let number = number.checked_mul(i128::from(size))?;
        (number % scale == 0).then(|| Self::of(kind, number / scale))
    }
}

/// In the unit that the kernel uses.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number;
        match self.kind {
            // None of these depends on the size of a page.
            Kind::Memory => f.write_str(&Unit::KILOBYTES.of(number, 1)),
            Kind::Time => f.write_str(&Unit::NANOSECONDS.of(number, 1)),
            Kind::Count => write!(f, "{number}"),
            Kind::Address => write!(f, "{number:#x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_exact_or_the_smallest() {
        let of = |unit: Unit, amount| unit.of(amount, 4096);
        assert_eq!(of(Unit::KILOBYTES, 4096), "4 kB");
        assert_eq!(of(Unit::PAGES, 4096), "1 page");
        assert_eq!(of(Unit::PAGES, -4096), "-1 page");
        assert_eq!(of(Unit::PAGES, 8192), "2 pages");
        assert_eq!(of(Unit::PAGES, 4097), "4097 bytes");
        assert_eq!(of(Unit::BYTES, 1), "1 byte");
        assert_eq!(of(Unit::MEBIBYTES, 16 << 20), "16 MiB");
        assert_eq!(of("ms".parse().expect("a unit"), 1_500_000), "1500000 ns");
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
