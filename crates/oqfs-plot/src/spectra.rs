//! Uniform hazard spectra.

use kuva::plot::legend::LegendShape;

use crate::Heading;
use crate::marks::Canvas;
use crate::style::{AxisRange, DASHES, PLOT, entry, layout, line, nth};

/// The spectra of a site.
#[derive(Clone, Debug)]
pub struct SiteSpectra {
    /// What the legend calls it.
    pub label: String,
    /// By probability, then by period.
    pub values: Vec<Vec<f64>>,
}

/// Spectral accelerations by period.
#[derive(Clone, Debug)]
pub struct SpectraPicture {
    pub heading: Heading,
    /// s; peak ground acceleration stands at 0.
    pub periods: Vec<f64>,
    /// What the legend calls the probabilities.
    pub poes: Vec<String>,
    pub sites: Vec<SiteSpectra>,
}

impl SpectraPicture {
    /// The picture, as SVG.
    pub fn svg(&self) -> String {
        let longest = self.periods.iter().copied().fold(0.0, f64::max);
        let all = self.sites.iter().flat_map(|site| site.values.iter().flatten());
        let highest = all.copied().filter(|value| value.is_finite()).fold(0.0, f64::max);
        let x = AxisRange::linear("Period (s)", 0.0, if longest > 0.0 { longest } else { 1.0 });
        let y = AxisRange::linear("Spectral acceleration (g)", 0.0, if highest > 0.0 { highest * 1.08 } else { 1.0 });
        let layout = layout(&self.heading, [&x, &y], PLOT, self.legend(), 0.0);
        let mut plots = vec![];
        for (n, site) in self.sites.iter().enumerate() {
            for (p, values) in site.values.iter().enumerate() {
                let points = self.periods.iter().copied().zip(values.iter().copied());
                plots.push(line(points.filter(|(_, value)| value.is_finite()).collect(), self.look(n, p), 2.0));
            }
        }
        Canvas::new(&self.heading, plots, layout).svg()
    }

    /// One site has a colour a probability; several have a colour each, and dashes a probability.
    fn look(&self, site: usize, poe: usize) -> (&'static str, Option<&'static str>) {
        if self.sites.len() == 1 { nth(poe) } else { (nth(site).0, DASHES[poe % DASHES.len()]) }
    }

    fn legend(&self) -> Vec<kuva::plot::LegendEntry> {
        let poes = self.poes.iter().enumerate();
        if self.sites.len() == 1 {
            let entries = poes.map(|(p, label)| (label, self.look(0, p)));
            return entries.map(|(label, (color, dashes))| entry(label, color, LegendShape::Line, dashes)).collect();
        }
        let sites = self.sites.iter().enumerate();
        let sites = sites.map(|(n, site)| entry(&site.label, self.look(n, 0).0, LegendShape::Line, None));
        let poes = poes.map(|(p, label)| entry(label, "#444444", LegendShape::Line, DASHES[p % DASHES.len()]));
        sites.chain(poes).collect()
    }
}
