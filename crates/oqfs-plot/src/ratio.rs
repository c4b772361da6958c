//! The ratio of two curves.

use crate::Heading;
use crate::marks::Canvas;
use crate::style::{AxisRange, COLORS, PLOT, layout, line, mark, range};

/// One curve over another, by level.
#[derive(Clone, Debug)]
pub struct RatioPicture {
    pub heading: Heading,
    /// The intensity measure, with its unit.
    pub measure: String,
    pub levels: Vec<f64>,
    /// Where one of the curves is zero or not finite there is no point.
    pub ratios: Vec<f64>,
    /// The ratios between `1 - tolerance` and `1 + tolerance` agree; dashed lines mark their range.
    pub tolerance: f64,
}

impl RatioPicture {
    /// The picture, as SVG.
    pub fn svg(&self) -> String {
        let points = self.levels.iter().copied().zip(self.ratios.iter().copied());
        let points: Vec<(f64, f64)> =
            points.filter(|(level, ratio)| level.is_finite() && ratio.is_finite() && *ratio > 0.0).collect();
        let (first, last) = range(self.levels.iter().copied());
        let (first, last) = if first < last { (first, last) } else { (0.1, 1.0) };
        let (low, high) =
            range(points.iter().map(|(_, ratio)| *ratio).chain([1.0 - self.tolerance, 1.0 + self.tolerance]));
        let pad = ((high - low) * 0.1).max(1e-9);
        let x = AxisRange { label: self.measure.clone(), from: first, to: last, is_log: first > 0.0 };
        let y = AxisRange::linear("Ratio of the second to the first", low - pad, high + pad);
        let layout = layout(&self.heading, [&x, &y], PLOT, vec![], 0.0)
            .with_reference_line(mark(1.0))
            .with_reference_line(mark(1.0 - self.tolerance))
            .with_reference_line(mark(1.0 + self.tolerance));
        Canvas::new(&self.heading, vec![line(points, (COLORS[0], None), 2.0)], layout).svg()
    }
}
