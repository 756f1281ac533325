//! Axes: where they begin and end, and their ticks.

/// What kind of number an axis has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Plain numbers.
    Count,
    /// Amounts of memory, in bytes.
    Bytes,
    /// Amounts of memory that were printed in pages.
    Pages,
    /// Durations, in nanoseconds.
    Time,
}

/// A linear axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub first: f64,
    pub last: f64,
    /// The ticks, labelled in `unit`.
    pub ticks: Vec<(f64, String)>,
    /// `kB`, `MiB`, …; none for plain numbers.
    pub unit: Option<&'static str>,
}

const UNITS: &[(&str, f64)] = &[
    ("TiB", (1_u64 << 40) as f64),
    ("GiB", (1_u64 << 30) as f64),
    ("MiB", (1_u64 << 20) as f64),
    ("kB", 1024.0),
    ("bytes", 1.0),
];

const TIMES: &[(&str, f64)] = &[("s", 1e9), ("ms", 1e6), ("µs", 1e3), ("ns", 1.0)];

impl Axis {
    /// An axis for these values, with at most `most` intervals. It begins at zero
    /// unless the values all lie far from it and close together.
    pub fn linear(kind: Kind, values: &[u64], most: u32) -> Self {
        let values = || values.iter().map(|value| *value as f64);
        let max = values().fold(0.0, f64::max);
        let min = values().fold(max, f64::min);
        let low = if min <= max - min { 0.0 } else { min };
        let bounds = |step: f64| {
            let first = (low / step).floor() * step;
            (first, ((max / step).ceil() * step).max(first + step))
        };
        let mut steps = steps(kind);
        let mut step = steps.next().unwrap_or(1.0);
        for next in steps {
            let (first, last) = bounds(step);
            if (last - first) / step <= f64::from(most) {
                break;
            }
            step = next;
        }
        let (first, last) = bounds(step);
        let (unit, size) = unit(kind, step);
        let count = ((last - first) / step).round() as u32;
        let tick = |index| first + f64::from(index) * step;
        Self {
            first,
            last,
            ticks: (0..=count)
                .map(|index| (tick(index), grouped(tick(index) / size)))
                .collect(),
            unit,
        }
    }

    /// Where a value lies, from 0 to 1.
    pub fn share(&self, value: f64) -> f64 {
        (value - self.first) / (self.last - self.first)
    }
}

/// Round steps, from small to large: 1, 2, 5, 10, … for numbers, and powers of
/// two for amounts of memory.
fn steps(kind: Kind) -> impl Iterator<Item = f64> {
    let decimal = |index: i32| [1.0, 2.0, 5.0][index as usize % 3] * 10_f64.powi(index / 3);
    (0..64).map(move |index| match kind {
        Kind::Bytes => 2_f64.powi(index),
        Kind::Count | Kind::Pages | Kind::Time => decimal(index),
    })
}

/// The largest unit that divides the step, and its size.
fn unit(kind: Kind, step: f64) -> (Option<&'static str>, f64) {
    let units = match kind {
        Kind::Count => return (None, 1.0),
        Kind::Pages => return (Some("pages"), 1.0),
        Kind::Bytes => UNITS,
        Kind::Time => TIMES,
    };
    let found = units.iter().find(|(_, size)| step >= *size);
    found.map_or((None, 1.0), |(name, size)| (Some(name), *size))
}

/// A whole number as a tick's label.
fn grouped(number: f64) -> String {
    format!("{number:.0}")
}

/// A logarithmic axis.
#[derive(Debug, Clone, PartialEq)]
pub struct LogAxis {
    pub first: f64,
    pub last: f64,
    pub ticks: Vec<(f64, String)>,
}

impl LogAxis {
    /// An axis from the round number below `min` to the one above `max`, both at
    /// least 1. Ticks at the powers of ten, and at their 2 and 5 where that makes
    /// few.
    pub fn new(kind: Kind, min: f64, max: f64) -> Self {
        let round: Vec<f64> = steps(Kind::Count).collect();
        let below = round.iter().rposition(|step| *step <= min).unwrap_or(0);
        let above = round.iter().position(|step| *step >= max);
        let above = above.unwrap_or(round.len() - 1).max(below + 1);
        let only_tens = above - below > 6;
        let below = if only_tens { below / 3 * 3 } else { below };
        let ticks = round[below..=above].iter().zip(below..);
        Self {
            first: round[below],
            last: round[above],
            ticks: ticks
                .filter(|(_, index)| !only_tens || index % 3 == 0)
                .map(|(value, _)| (*value, amount(kind, *value)))
                .collect(),
        }
    }

    pub fn share(&self, value: f64) -> f64 {
        (value / self.first).ln() / (self.last / self.first).ln()
    }
}

/// An amount with its unit, three digits long: `1.22 µs`, `866 ns`, `41.3 TiB`;
/// plain numbers and amounts below 100000 kB in full.
pub fn amount(kind: Kind, value: f64) -> String {
    let (units, full) = match kind {
        Kind::Count | Kind::Pages => return grouped(value),
        Kind::Bytes => (UNITS, 100_000.0 * 1024.0),
        Kind::Time => (TIMES, 0.0),
    };
    if value < full && value >= 1024.0 && value % 1024.0 == 0.0 {
        return format!("{} kB", grouped(value / 1024.0));
    }
    let found = units.iter().find(|(_, size)| value >= *size);
    let (name, size) = found.unwrap_or(&units[units.len() - 1]);
    let number = value / size;
    let decimals = if number >= 100.0 {
        0
    } else if number >= 10.0 {
        1
    } else {
        2
    };
    let text = format!("{number:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{text} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(kind: Kind, values: &[u64]) -> (Vec<String>, Option<&'static str>) {
        let axis = Axis::linear(kind, values, 5);
        assert_eq!(axis.ticks.first().map(|(at, _)| *at), Some(axis.first));
        assert_eq!(axis.ticks.last().map(|(at, _)| *at), Some(axis.last));
        (
            axis.ticks.into_iter().map(|(_, label)| label).collect(),
            axis.unit,
        )
    }

    #[test]
    fn ticks_are_round_and_few() {
        let counts = linear(Kind::Count, &[0, 64, 200]);
        assert_eq!(counts.0, ["0", "50", "100", "150", "200"]);
        assert_eq!(counts.1, None);
        assert_eq!(
            linear(Kind::Count, &[3, 4096]).0,
            ["0", "1000", "2000", "3000", "4000", "5000"]
        );
        assert_eq!(linear(Kind::Count, &[0]).0, ["0", "1"]);
    }

    #[test]
    fn memory_has_powers_of_two_and_the_unit_of_the_step() {
        let labels = |values: &[u64]| {
            let (labels, unit) = linear(Kind::Bytes, values);
            (labels.join(" "), unit)
        };
        assert_eq!(
            labels(&[0, 16 << 20]),
            ("0 4 8 12 16".to_owned(), Some("MiB"))
        );
        assert_eq!(
            labels(&[0, 48 << 10]),
            ("0 16 32 48".to_owned(), Some("kB"))
        );
        assert_eq!(
            labels(&[0, 2 << 20]),
            ("0 512 1024 1536 2048".to_owned(), Some("kB"))
        );
        assert_eq!(labels(&[5, 3 << 40]), ("0 1 2 3".to_owned(), Some("TiB")));
    }

    #[test]
    fn an_axis_leaves_zero_only_where_it_is_far_away() {
        assert_eq!(linear(Kind::Count, &[94, 97]).0, ["94", "95", "96", "97"]);
        assert_eq!(
            linear(Kind::Count, &[94, 190]).0,
            ["0", "50", "100", "150", "200"].map(str::to_owned).to_vec()
        );
        assert_eq!(linear(Kind::Count, &[7, 7]).0, ["7", "8"]);
    }

    #[test]
    fn a_logarithmic_axis_has_tens_or_more() {
        let labels = |min, max| {
            let axis = LogAxis::new(Kind::Time, min, max);
            let labels: Vec<String> = axis.ticks.into_iter().map(|(_, label)| label).collect();
            (axis.first, labels.join(", "), axis.last)
        };
        assert_eq!(
            labels(30.0, 900.0),
            (
                20.0,
                "20 ns, 50 ns, 100 ns, 200 ns, 500 ns, 1 µs".to_owned(),
                1000.0
            )
        );
        assert_eq!(
            labels(30.0, 1.2e6),
            (
                10.0,
                "10 ns, 100 ns, 1 µs, 10 µs, 100 µs, 1 ms".to_owned(),
                2e6
            )
        );
        assert_eq!(labels(7.0, 7.0), (5.0, "5 ns, 10 ns".to_owned(), 10.0));
        let axis = LogAxis::new(Kind::Time, 10.0, 1000.0);
        assert!((axis.share(100.0) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn an_amount_is_short_and_its_kilobytes_are_the_kernels() {
        assert_eq!(amount(Kind::Bytes, 16384.0 * 1024.0), "16384 kB");
        assert_eq!(amount(Kind::Bytes, 45_409_999_999_999.0), "41.3 TiB");
        assert_eq!(amount(Kind::Bytes, 1e8 * 1024.0), "95.4 GiB");
        assert_eq!(amount(Kind::Bytes, 100.0), "100 bytes");
        assert_eq!(amount(Kind::Time, 866.0), "866 ns");
        assert_eq!(amount(Kind::Time, 1221.0), "1.22 µs");
        assert_eq!(amount(Kind::Time, 2e6), "2 ms");
        assert_eq!(amount(Kind::Count, 4096.0), "4096");
    }
}
