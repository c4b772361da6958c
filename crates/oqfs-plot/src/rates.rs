//! Annual rates: magnitude-frequency distributions, and the contribution of each source to a hazard curve.

use kuva::plot::legend::LegendShape;
use kuva::render::plots::Plot;

use crate::Heading;
use crate::marks::Canvas;
use crate::style::{AxisRange, PLOT, decades, entry, layout, line, nth, range};

/// The rates of one source.
#[derive(Clone, Debug)]
pub struct RateLine {
    /// What the legend calls it.
    pub label: String,
    pub x: Vec<f64>,
    /// Annual rates.
    pub rates: Vec<f64>,
}

/// Annual rates on a logarithmic axis.
#[derive(Clone, Debug)]
pub struct RatesPicture {
    pub heading: Heading,
    pub x_label: String,
    pub y_label: String,
    pub x_is_log: bool,
    /// All together, in black.
    pub total: Option<RateLine>,
    pub lines: Vec<RateLine>,
}

/// The decades that an axis shows below the highest rate, at most.
const DECADES: i32 = 8;

impl RatesPicture {
    /// The picture, as SVG.
    pub fn svg(&self) -> String {
        let all = || self.total.iter().chain(&self.lines);
        let xs = all().flat_map(|line| line.x.iter().copied()).filter(|x| !self.x_is_log || *x > 0.0);
        let (first, last) = range(xs);
        let (first, last) = match first < last {
            true => (first, last),
            false if first.is_finite() => (first * 0.95, first * 1.05 + 0.1),
            false => (0.1, 1.0),
        };
        let x = AxisRange { label: self.x_label.clone(), from: first, to: last, is_log: self.x_is_log };
        let (low, high) = decades(all().flat_map(|line| line.rates.iter().copied())).unwrap_or((1e-4, 1.0));
        let y = AxisRange::log(&self.y_label, low.max(high / 10f64.powi(DECADES)), high);
        let looks = self.total.iter().map(|total| (total, ("#222222", None)));
        let looks: Vec<_> = looks.chain(self.lines.iter().enumerate().map(|(n, line)| (line, nth(n)))).collect();
        let legend = looks.iter().map(|(line, (color, dashes))| entry(&line.label, color, LegendShape::Line, *dashes));
        let layout = layout(&self.heading, [&x, &y], PLOT, legend.collect(), 0.0);
        let plots = looks.iter().map(|(line, look)| plot(line, *look, self.x_is_log)).collect();
        Canvas::new(&self.heading, plots, layout).svg()
    }
}

fn plot(rates: &RateLine, look: (&str, Option<&str>), x_is_log: bool) -> Plot {
    let points = rates.x.iter().copied().zip(rates.rates.iter().copied());
    let points = points.filter(|(x, rate)| x.is_finite() && (!x_is_log || *x > 0.0) && rate.is_finite() && *rate > 0.0);
    line(points.collect(), look, 1.8)
}
