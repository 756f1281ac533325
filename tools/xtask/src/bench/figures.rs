//! What is computed from measurements.

/// The median of some measurements; of an even number, the mean of the middle
/// two. `None` of none.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

/// The exponent `b` of `y = a * x^b` that fits the points best: the slope of the
/// line of least squares through their logarithms. `None` of fewer than two
/// different `x`.
pub fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = logs.len() as f64;
    let mean_x = logs.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = logs.iter().map(|(_, y)| y).sum::<f64>() / count;
    let along = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y));
    let square = logs.iter().map(|(x, _)| (x - mean_x).powi(2));
    let slope = along.sum::<f64>() / square.sum::<f64>();
    slope.is_finite().then_some(slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 100.0, 1.0]), Some(3.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 100.0]), Some(3.0));
    }

    #[test]
    fn the_exponent_is_that_of_the_power() {
        let of = |power: f64| {
            let sizes = [10.0, 20.0, 40.0, 80.0, 160.0_f64];
            let points = sizes.map(|x| (x, 3.0 * x.powf(power)));
            exponent(&points).expect("a slope")
        };
        assert!((of(1.0) - 1.0).abs() < 1e-9);
        assert!((of(2.0) - 2.0).abs() < 1e-9);
        // A fixed cost beside one that grows in proportion.
        let points = [(10.0, 20.0), (160.0, 170.0)];
        let exponent_of = exponent(&points).expect("a slope");
        assert!(exponent_of > 0.7 && exponent_of < 0.8, "{exponent_of}");
        assert_eq!(exponent(&[(10.0, 1.0)]), None);
        assert_eq!(exponent(&[(10.0, 1.0), (10.0, 2.0)]), None);
    }
}
