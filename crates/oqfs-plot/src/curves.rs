//! Hazard curves.

use kuva::plot::BandPlot;
use kuva::plot::annotations::ReferenceLine;
use kuva::plot::legend::LegendShape;
use kuva::render::plots::Plot;

use crate::Heading;
use crate::marks::Canvas;
use crate::style::{AxisRange, COLORS, PLOT, decades, entry, layout, line, mark, nth, range};
use crate::text::significant;

/// The curve of a site, or of an intensity measure.
#[derive(Clone, Debug)]
pub struct SiteCurve {
    /// What the legend calls it.
    pub label: String,
    pub levels: Vec<f64>,
    /// Probabilities of exceedance, by level.
    pub mean: Vec<f64>,
    /// A lower and an upper quantile.
    pub band: Option<[Vec<f64>; 2]>,
}

/// Probabilities of exceedance by level, on logarithmic axes.
#[derive(Clone, Debug)]
pub struct CurvesPicture {
    pub heading: Heading,
    /// The intensity measure, with its unit.
    pub measure: String,
    /// The investigation time, years.
    pub years: f64,
    pub sites: Vec<SiteCurve>,
    /// The probabilities of the job's maps, which are marked with their return periods.
    pub poes: Vec<f64>,
}

/// No axis goes below this: curves are kept in single precision, and what is rarer is of no use to a reader.
const RAREST: f64 = 1e-7;

impl CurvesPicture {
    /// The picture, as SVG.
    pub fn svg(&self) -> String {
        let axes = self.axes();
        let legend = self.sites.iter().enumerate().map(|(n, site)| {
            let (color, dashes) = nth(n);
            entry(&site.label, color, LegendShape::Line, dashes)
        });
        let mut layout = layout(&self.heading, [&axes[0], &axes[1]], PLOT, legend.collect(), 0.0);
        for line in self.return_periods(&axes[1]) {
            layout = layout.with_reference_line(line);
        }
        let bands = self.sites.iter().enumerate().filter_map(|(n, site)| Self::band(n, site, axes[1].from));
        let lines = self.sites.iter().enumerate().map(|(n, site)| Self::line(n, site));
        Canvas::new(&self.heading, bands.chain(lines).collect(), layout).svg()
    }

    fn axes(&self) -> [AxisRange; 2] {
        let levels =
            || self.sites.iter().flat_map(|site| site.levels.iter().copied()).filter(|level| level.is_finite());
        let is_log = levels().all(|level| level > 0.0);
        let (first, last) = range(levels());
        let (first, last) = match first < last {
            true => (first, last),
            false if first.is_finite() => (first * 0.9, first * 1.1 + 1e-6),
            false => (0.1, 1.0),
        };
        let x = if is_log {
            AxisRange::log(&self.measure, first, last)
        } else {
            AxisRange::linear(&self.measure, first, last)
        };
        let shown = self.sites.iter().flat_map(|site| site.mean.iter().copied()).filter(|poe| *poe >= RAREST);
        let (low, high) = decades(shown.chain(self.poes.iter().copied())).unwrap_or((1e-4, 1.0));
        [
            x,
            AxisRange::log(
                format!("Probability of exceedance in {} years", significant(self.years, 6)),
                low,
                high.min(1.0).max(low * 10.0),
            ),
        ]
    }

    /// A line a probability of the job, those that can be labelled without overlap.
    fn return_periods(&self, y: &AxisRange) -> Vec<ReferenceLine> {
        const APART: f64 = 16.0;
        let decades = (y.to / y.from).log10();
        let place = |poe: f64| (poe / y.from).log10() / decades * PLOT[1];
        let mut places: Vec<f64> = vec![];
        let mut lines = vec![];
        for poe in self.poes.iter().copied().filter(|poe| *poe > y.from && *poe < y.to) {
            let at = place(poe);
            let line = mark(poe);
            let is_free = places.iter().all(|other| (at - other).abs() >= APART) && PLOT[1] - at >= APART;
            let period = -self.years / (-poe).ln_1p();
            let label =
                format!("{} % in {} years: {period:.0} years", significant(poe * 100.0, 4), significant(self.years, 6));
            lines.push(if is_free { line.with_label(label) } else { line });
            places.extend(is_free.then_some(at));
        }
        lines
    }

    fn line(n: usize, site: &SiteCurve) -> Plot {
        let shown = site.levels.iter().copied().zip(site.mean.iter().copied());
        let shown = shown.filter(|(level, poe)| level.is_finite() && poe.is_finite() && *poe > 0.0);
        line(shown.collect(), nth(n), 2.0)
    }

    fn band(n: usize, site: &SiteCurve, lowest: f64) -> Option<Plot> {
        let [low, high] = site.band.as_ref()?;
        let shown = |(level, (low, high)): (&f64, (&f64, &f64))| {
            let is_shown = level.is_finite() && low.is_finite() && high.is_finite() && *high > 0.0;
            is_shown.then(|| (*level, low.max(lowest / 10.0), *high))
        };
        let points: Vec<_> = site.levels.iter().zip(low.iter().zip(high)).filter_map(shown).collect();
        let column = |of: fn(&(f64, f64, f64)) -> f64| points.iter().map(of).collect::<Vec<_>>();
        let band = BandPlot::new(column(|p| p.0), column(|p| p.1), column(|p| p.2));
        (points.len() > 1).then(|| Plot::Band(band.with_color(COLORS[n % COLORS.len()]).with_opacity(0.15)))
    }
}
