//! Disaggregations by magnitude, distance and epsilon.

use kuva::plot::legend::LegendShape;

use crate::Heading;
use crate::marks::{Canvas, push_line};
use crate::style::{AxisRange, PLOT, entry, layout};
use crate::text::significant;

/// The contribution of each bin of magnitude and distance, as a bar in its place, stacked by epsilon.
#[derive(Clone, Debug)]
pub struct MagDistPicture {
    pub heading: Heading,
    /// Bounds of bins; distances in km.
    pub magnitudes: Vec<f64>,
    pub distances: Vec<f64>,
    /// Bounds of bins; fewer than two if there are none by epsilon.
    pub epsilons: Vec<f64>,
    /// By magnitude, distance and epsilon, the last changing fastest.
    pub values: Vec<f64>,
}

/// What is lower than so many px does not show.
const LEAST: f64 = 0.02;

impl MagDistPicture {
    /// The picture, as SVG. The highest bar is as high as its bin.
    pub fn svg(&self) -> String {
        let ends = |bounds: &[f64]| (bounds.first().copied().unwrap_or(0.0), bounds.last().copied().unwrap_or(1.0));
        let (mags, dists) = (ends(&self.magnitudes), ends(&self.distances));
        let n = self.epsilons.len().saturating_sub(1).max(1);
        let x = AxisRange::linear("Distance (km)", dists.0, dists.1);
        let y = AxisRange::linear("Magnitude", mags.0, mags.1);
        let legend = (0..n).rev().filter(|_| n > 1).map(|e| {
            let label = format!("ε {} to {}", significant(self.epsilons[e], 3), significant(self.epsilons[e + 1], 3));
            entry(label, &color(e, n), LegendShape::Rect, None)
        });
        let layout = layout(&self.heading, [&x, &y], PLOT, legend.collect(), 0.0);
        let mut canvas = Canvas::new(&self.heading, vec![], layout);
        let bars: Vec<_> = self.values.chunks(n).map(|bar| bar.iter().filter(|v| v.is_finite()).sum::<f64>()).collect();
        let highest = bars.iter().copied().fold(0.0, f64::max);
        if highest > 0.0 {
            let mut paths = vec![String::new(); n];
            let columns = self.distances.len().saturating_sub(1);
            for (bin, bar) in self.values.chunks(n).enumerate() {
                let (m, d) = (bin / columns.max(1), bin % columns.max(1));
                self.stack(&canvas, [m, d], bar, highest, &mut paths);
            }
            for (e, d) in paths.into_iter().enumerate() {
                canvas.path(d, Some(&color(e, n)), None);
            }
        }
        canvas.svg()
    }

    fn stack(&self, canvas: &Canvas, [m, d]: [usize; 2], bar: &[f64], highest: f64, paths: &mut [String]) {
        let (Some(mags), Some(dists)) = (self.magnitudes.get(m..m + 2), self.distances.get(d..d + 2)) else { return };
        let (left, bottom) = canvas.at(dists[0], mags[0]);
        let (right, top) = canvas.at(dists[1], mags[1]);
        let (gap, room) = ((right - left) * 0.12, (bottom - top) * 0.94);
        let mut y = bottom;
        for (value, path) in bar.iter().zip(paths).filter(|(value, _)| value.is_finite() && **value > 0.0) {
            let next = y - room * value / highest;
            if y - next < LEAST {
                continue;
            }
            push_line(path, [(left + gap, y), (right - gap, y), (right - gap, next), (left + gap, next)], true);
            y = next;
        }
    }
}

/// From blue for low epsilons to red for high ones.
fn color(n: usize, of: usize) -> String {
    if of == 1 {
        return crate::style::COLORS[0].into();
    }
    let color = colorous::RED_YELLOW_BLUE.eval_continuous(1.0 - n as f64 / (of - 1) as f64);
    format!("#{color:x}")
}
