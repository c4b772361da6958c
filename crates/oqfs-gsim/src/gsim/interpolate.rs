//! Interpolation between points.

/// Linear between points of ascending places, constant beyond.
pub fn interpolate(points: &[(f64, f64)], at: f64) -> f64 {
    let above = points.iter().position(|(x, _)| at < *x).unwrap_or(points.len());
    match (above.checked_sub(1).and_then(|below| points.get(below)), points.get(above)) {
        (Some((x1, y1)), Some((x2, y2))) => y1 + (y2 - y1) / (x2 - x1) * (at - x1),
        (Some((_, y)), None) | (None, Some((_, y))) => *y,
        (None, None) => f64::NAN,
    }
}
