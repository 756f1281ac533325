//! Axes: where they begin and end, their ticks, and the frame of two of them.

use super::svg::{CHARACTER, Canvas, FRAME, SMALL, WIDTH, shortened};
use super::svg::{END, MIDDLE, START};

use crate::unit::{Amount, Kind, UNITS};

/// The name and size of the largest unit that fits into the value.
fn unit(kind: Kind, value: f64) -> (String, f64) {
    // A plain number has none, and how large a page is nobody asks here.
    let units = UNITS
        .iter()
        .filter(|unit| unit.kind == kind && kind != Kind::Count);
    let mut sizes = units.map(|unit| (unit.to_string(), unit.size(0) as f64));
    let fits = sizes.find(|(_, size)| (1.0..=value.max(1.0)).contains(size));
    fits.unwrap_or((String::new(), 1.0))
}

/// Round steps from small to large: powers of two for amounts of memory, and
/// else 1, 2, 5, 10, …
fn steps(kind: Kind) -> impl Iterator<Item = f64> {
    (0..64_u8).map(move |index| match kind {
        Kind::Memory => 2_f64.powi(index.into()),
        _ => [1.0, 2.0, 5.0][usize::from(index % 3)] * 10_f64.powi((index / 3).into()),
    })
}

/// An amount with its unit, three digits long: `1.22 µs`, `866 ns`, `41.3 TiB`;
/// amounts below 100000 kB as the kernel prints them.
pub fn amount(kind: Kind, value: f64) -> String {
    let kilobytes = value / 1024.0;
    if kind == Kind::Memory && kilobytes < 100_000.0 && kilobytes.fract() == 0.0 {
        return format!("{kilobytes} kB");
    }
    let (unit, size) = unit(kind, value);
    let number = value / size;
    let digits = number.max(1.0).log10().floor();
    let scale = 10_f64.powf((2.0 - digits).max(0.0));
    let amount = format!("{} {unit}", (number * scale).round() / scale);
    amount.trim_end().to_owned()
}

/// An axis, named, with its ends and its ticks.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    name: String,
    ends: [f64; 2],
    logarithmic: bool,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// From zero to the round number at or above `most`, in at most five steps.
    pub fn linear(name: &str, most: Amount) -> Self {
        let (kind, max) = (most.kind, most.number as f64);
        let step = steps(kind).find(|step| max <= 5.0 * step);
        let step = step.unwrap_or(max);
        let (unit, size) = unit(kind, step);
        let name = format!("{name}, {unit}");
        let count = (max / step).ceil().max(1.0) as u32;
        let ticks = (0..=count).map(|index| f64::from(index) * step);
        Self {
            name: name.trim_end_matches(", ").to_owned(),
            ends: [0.0, f64::from(count) * step],
            logarithmic: false,
            ticks: ticks.map(|at| (at, (at / size).to_string())).collect(),
        }
    }

    /// From the round number at or below `min` to the one at or above `max`, both
    /// at least 1, with a tick at each, or at the powers of ten where they are many.
    pub fn logarithmic(name: &str, kind: Kind, min: f64, max: f64) -> Self {
        let round: Vec<f64> = steps(Kind::Count).collect();
        let below = round.iter().rposition(|step| *step <= min).unwrap_or(0);
        let above = round.iter().position(|step| *step >= max);
        let above = above.unwrap_or(round.len() - 1).max(below + 1);
        let stride = if above - below > 5 { 3 } else { 1 };
        let below = below / stride * stride;
        let ticks = round[below..=above].iter().step_by(stride);
        Self {
            name: name.to_owned(),
            ends: [round[below], round[above]],
            logarithmic: true,
            ticks: ticks.map(|at| (*at, amount(kind, *at))).collect(),
        }
    }

    /// The shares from nothing to all.
    pub fn shares(name: &str) -> Self {
        let ticks = [0_u8, 25, 50, 75, 100].map(f64::from);
        Self {
            name: name.to_owned(),
            ends: [0.0, 1.0],
            logarithmic: false,
            ticks: ticks.map(|at| (at / 100.0, format!("{at} %"))).into(),
        }
    }

    /// Where a value lies, from 0 to 1.
    fn share(&self, value: f64) -> f64 {
        let scale = |value: f64| if self.logarithmic { value.ln() } else { value };
        let [first, last] = self.ends.map(scale);
        (scale(value) - first) / (last - first)
    }
}

/// Two axes, drawn.
#[derive(Debug)]
pub struct Frame {
    x: Axis,
    y: Axis,
    pub left: f64,
    pub bottom: f64,
}

pub const RIGHT: f64 = WIDTH - 12.0;
const HEIGHT: f64 = 200.0;

impl Frame {
    /// Draws the axes below `top`, with their names.
    pub fn draw(canvas: &mut Canvas, x: Axis, y: Axis, top: f64) -> Self {
        let longest = y.ticks.iter().map(|(_, label)| label.chars().count()).max();
        let left = longest.unwrap_or(0) as f64 * CHARACTER + 10.0;
        let bottom = top + 22.0 + HEIGHT;
        let frame = Self { x, y, left, bottom };
        canvas.text(SMALL, START, 0.0, top + 12.0, &shortened(&frame.y.name, 44));
        let name = shortened(&frame.x.name, 44);
        canvas.text(SMALL, END, RIGHT, bottom + 33.0, &name);
        let mut grid = String::new();
        for (at, label) in &frame.y.ticks {
            let (_, y) = frame.place(frame.x.ends[0], *at);
            grid.push_str(&format!("M{left:.1} {y:.1}H{RIGHT}"));
            canvas.text(SMALL, END, left - 6.0, y + 4.0, label);
        }
        // Where the label before ends: what would cover it is left out.
        let mut free = 0.0;
        for (at, label) in &frame.x.ticks {
            let (x, _) = frame.place(*at, frame.y.ends[0]);
            grid.push_str(&format!("M{x:.1} {bottom:.1}v4"));
            let half = label.chars().count() as f64 * CHARACTER / 2.0;
            let x = x.clamp(half, WIDTH - half);
            if x - half >= free {
                canvas.text(SMALL, MIDDLE, x, bottom + 16.0, label);
                free = x + half;
            }
        }
        canvas.shapes += &format!("<path stroke=\"{FRAME}\" d=\"{grid}\"/>");
        frame
    }

    pub fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let right = self.x.share(x) * (RIGHT - self.left);
        (self.left + right, self.bottom - self.y.share(y) * HEIGHT)
    }

    /// The picture, which ends where the names of the axes do.
    pub fn finish(&self, canvas: Canvas, title: &str, said: &[String]) -> String {
        canvas.finish(title, said, self.bottom + 40.0, 1.3)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(axis: &Axis) -> String {
        let labels: Vec<&str> = axis.ticks.iter().map(|(_, label)| &label[..]).collect();
        labels.join(" ") + axis.name.trim_start_matches(['x', ','])
    }

    #[test]
    fn ticks_are_round_and_few() {
        let linear = |kind, max: i128| labels(&Axis::linear("x", Amount::of(kind, max)));
        assert_eq!(linear(Kind::Count, 200), "0 50 100 150 200");
        assert_eq!(linear(Kind::Count, 4096), "0 1000 2000 3000 4000 5000");
        assert_eq!(linear(Kind::Count, 0), "0 1");
        assert_eq!(linear(Kind::Memory, 16 << 20), "0 4 8 12 16 MiB");
        assert_eq!(linear(Kind::Memory, 48 << 10), "0 16 32 48 kB");
        assert_eq!(linear(Kind::Memory, 2 << 20), "0 512 1024 1536 2048 kB");
        assert_eq!(linear(Kind::Memory, 3_i128 << 40), "0 1 2 3 TiB");
        assert_eq!(linear(Kind::Time, 4100), "0 1 2 3 4 5 µs");
    }

    #[test]
    fn a_logarithmic_axis_has_tens_or_more() {
        let logarithmic = |min, max| labels(&Axis::logarithmic("x", Kind::Time, min, max));
        assert_eq!(
            logarithmic(30.0, 900.0),
            "20 ns 50 ns 100 ns 200 ns 500 ns 1 µs"
        );
        assert_eq!(logarithmic(30.0, 4e5), "10 ns 100 ns 1 µs 10 µs 100 µs");
        assert_eq!(logarithmic(7.0, 7.0), "5 ns 10 ns");
        let axis = Axis::logarithmic("x", Kind::Time, 10.0, 1000.0);
        assert!((axis.share(100.0) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn an_amount_is_short_and_its_kilobytes_are_the_kernels() {
        assert_eq!(amount(Kind::Memory, 16384.0 * 1024.0), "16384 kB");
        assert_eq!(amount(Kind::Memory, 45_409_999_999_999.0), "41.3 TiB");
        assert_eq!(amount(Kind::Memory, 1e8 * 1024.0), "95.4 GiB");
        assert_eq!(amount(Kind::Memory, 100.0), "100 bytes");
        assert_eq!(amount(Kind::Time, 866.0), "866 ns");
        assert_eq!(amount(Kind::Time, 1221.0), "1.22 µs");
        assert_eq!(amount(Kind::Time, 2e6), "2 ms");
        assert_eq!(amount(Kind::Count, 4096.0), "4096");
    }

    proptest! {
        #[test]
        fn an_axis_holds_its_values_and_its_ticks_are_in_order(values in prop::collection::vec(0..63_u32, 2), odd in 0..1000_u64) {
            let values: Vec<u64> = values.iter().map(|bits| (1 << bits) + odd).collect();
            let (min, max) = (values[0].min(values[1]), values[0].max(values[1]));
            for kind in [Kind::Count, Kind::Memory, Kind::Time] {
                for axis in [Axis::linear("x", Amount::of(kind, max)), Axis::logarithmic("x", kind, min as f64, max as f64)] {
                    for value in [min, max] {
                        prop_assert!((0.0..=1.0).contains(&axis.share(value as f64)), "{value} on {axis:?}");
                    }
                    let shares: Vec<f64> = axis.ticks.iter().map(|(at, _)| axis.share(*at)).collect();
                    prop_assert!(shares.is_sorted_by(|a, b| a < b) && shares.len() > 1, "{axis:?}");
                }
            }
        }
    }
}
