//! Labels beside curves, where nothing is in their way.

use super::svg::CHARACTER;

/// A rectangle: left, top, right, bottom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area(pub f64, pub f64, pub f64, pub f64);

/// What a label must not cover.
#[derive(Debug)]
pub struct Room {
    /// Where labels may stand.
    pub bounds: Area,
    /// The curves.
    pub curves: Vec<Vec<(f64, f64)>>,
    taken: Vec<Area>,
}

const LINE: f64 = 15.0;

impl Room {
    pub fn new(bounds: Area, curves: Vec<Vec<(f64, f64)>>) -> Self {
        Self {
            bounds,
            curves,
            taken: Vec::new(),
        }
    }

    /// Left end and first baseline of a label of some lines beside a point: the
    /// free place nearest to it, or the least bad one.
    pub fn place(&mut self, (x, y): (f64, f64), lines: &[String]) -> (f64, f64) {
        let longest = lines.iter().map(|line| line.chars().count()).max();
        let width = longest.unwrap_or(0) as f64 * CHARACTER;
        let height = lines.len() as f64 * LINE;
        let mut best = (usize::MAX, Area(x, y, x, y));
        for away in [7.0_f64, 18.0, 32.0, 48.0, 66.0, 86.0] {
            let beside = away.min(12.0);
            let places = [
                (x - beside - width, y - away - height + 6.0),
                (x + beside, y + away - 6.0),
                (x - width / 2.0, y - away - height),
                (x - width / 2.0, y + away),
                (x + beside, y - away - height + 6.0),
                (x - beside - width, y + away - 6.0),
            ];
            for (left, top) in places {
                let area = Area(left, top, left + width, top + height);
                let cost = self.cost(area);
                if cost < best.0 {
                    best = (cost, area);
                }
            }
        }
        let (_, area) = best;
        self.taken.push(area);
        (area.0, area.1 + LINE - 4.0)
    }

    fn cost(&self, area: Area) -> usize {
        let Area(left, top, right, bottom) = area;
        let outside = left < self.bounds.0
            || top < self.bounds.1
            || right > self.bounds.2
            || bottom > self.bounds.3;
        let over =
            |other: &&Area| left < other.2 && other.0 < right && top < other.3 && other.1 < bottom;
        let pieces = self.curves.iter().flat_map(|curve| curve.windows(2));
        let crossed = pieces.filter(|piece| crosses(area, piece[0], piece[1]));
        1000 * usize::from(outside) + 100 * self.taken.iter().filter(over).count() + crossed.count()
    }
}

/// Whether a piece of a curve touches the area (Liang and Barsky's clipping).
fn crosses(area: Area, from: (f64, f64), to: (f64, f64)) -> bool {
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let sides = [
        (-dx, from.0 - area.0),
        (dx, area.2 - from.0),
        (-dy, from.1 - area.1),
        (dy, area.3 - from.1),
    ];
    for (speed, distance) in sides {
        if speed == 0.0 {
            if distance < 0.0 {
                return false;
            }
        } else if speed < 0.0 {
            enter = enter.max(distance / speed);
        } else {
            leave = leave.min(distance / speed);
        }
    }
    enter <= leave
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_of_a_curve_is_seen_where_it_touches() {
        let area = Area(10.0, 10.0, 20.0, 20.0);
        assert!(crosses(area, (0.0, 0.0), (30.0, 30.0)));
        assert!(crosses(area, (15.0, 15.0), (15.0, 15.0)));
        assert!(crosses(area, (15.0, 0.0), (15.0, 30.0)));
        assert!(!crosses(area, (0.0, 0.0), (30.0, 5.0)));
        assert!(!crosses(area, (0.0, 25.0), (9.0, 0.0)));
        assert!(!crosses(area, (25.0, 0.0), (25.0, 30.0)));
    }

    #[test]
    fn a_label_keeps_off_curves_bounds_and_labels() {
        let lines = ["Rss".to_owned()];
        let bounds = Area(0.0, 0.0, 200.0, 100.0);
        let mut room = Room::new(bounds, vec![vec![(0.0, 100.0), (100.0, 50.0)]]);
        // Above and left of the point, over the rising line.
        let first = room.place((100.0, 50.0), &lines);
        assert_eq!(
            first,
            (
                100.0 - 7.0 - 3.0 * CHARACTER,
                50.0 - 7.0 - 15.0 + 6.0 + 11.0
            )
        );
        // There it would cover the first one: right of it and below.
        assert_eq!(room.place((100.0, 50.0), &lines), (107.0, 62.0));
        // Where a curve comes from above, it is right of it at once.
        let falling = vec![vec![(0.0, 0.0), (100.0, 50.0)]];
        let mut room = Room::new(bounds, falling);
        assert_eq!(room.place((100.0, 50.0), &lines).0, 107.0);
        // At the edge there is no room to the left.
        assert!(room.place((1.0, 50.0), &lines).0 >= 0.0);
    }
}
