//! Amplification by the sediments of the Atlantic and Gulf Coastal Plain.
//!
//! Chapman M.C., Guo Z., 2021. A response spectral ratio model to account for amplification and attenuation effects in the
//! Atlantic and Gulf Coastal Plain. Bulletin of the Seismological Society of America 111(4), 1849-1867,
//! doi:10.1785/0120200322.

use std::sync::LazyLock;

use crate::elementary::powi;
use crate::elementary::scalar::{exp, ln};
use crate::gsim::{GsimError, Imt, ModelInfo, packed};

/// Ratios of spectra by thickness of sediments (km), magnitude and rupture distance (km).
#[derive(Debug)]
pub(super) struct Ratios {
    axes: [Vec<f64>; 3],
    by_imt: Vec<(Imt, Vec<f64>)>,
}

static RATIOS: LazyLock<Ratios> = LazyLock::new(|| match read() {
    Ok(ratios) => ratios,
    Err(error) => panic!("table coastal_plain.zip: {error}"),
});

/// The ratios of the paper.
pub(super) fn ratios() -> &'static Ratios {
    &RATIOS
}

fn read() -> Result<Ratios, String> {
    let table = packed::read(include_bytes!("../../tables/coastal_plain.zip"), "ratios")?;
    let mut axes = table.header.axes;
    let mut axis =
        |name: &str| axes.remove(name).filter(|axis| axis.len() > 1).ok_or_else(|| format!("no axis {name}"));
    let axes = [axis("depth")?, axis("magnitude")?, axis("distance")?];
    let block: usize = axes.iter().map(Vec::len).product();
    let blocks = table.values.chunks(block).map(|ln| ln.iter().map(|ln| exp(*ln)).collect());
    let imts = table.header.imts.iter().map(|imt| Imt::parse(imt).map_err(|e| e.to_string()));
    let by_imt = imts.zip(blocks).map(|(imt, ratios)| Ok((imt?, ratios))).collect::<Result<_, String>>()?;
    Ok(Ratios { axes, by_imt })
}

impl Ratios {
    /// There is no interpolation between periods.
    pub(super) fn check(&self, info: &ModelInfo, imt: &Imt) -> Result<(), GsimError> {
        if self.by_imt.iter().any(|(known, _)| known == imt) {
            return Ok(());
        }
        let defined = self.by_imt.iter().map(|(imt, _)| imt.to_string()).collect::<Vec<_>>().join(", ");
        Err(GsimError::ImtNotDefined { model: info.name, imt: *imt, defined })
    }

    /// Those of an intensity measure, if there are some.
    pub(super) fn at(&'static self, imt: &Imt) -> Option<AtImt> {
        let (_, ratios) = self.by_imt.iter().find(|(known, _)| known == imt)?;
        Some(AtImt { axes: &self.axes, ratios })
    }
}

/// The ratios of one intensity measure.
#[derive(Clone, Copy, Debug)]
pub(super) struct AtImt {
    axes: &'static [Vec<f64>; 3],
    ratios: &'static [f64],
}

impl AtImt {
    /// ln of the ratio, which is linear along each axis and constant beyond.
    pub(super) fn ln_ratio(&self, depth: f64, mag: f64, rrup: f64) -> f64 {
        let [z, m, r] = self.axes;
        let ([i, j, k], [u, v, w]) = {
            let places = [(z, depth), (m, mag), (r, rrup)].map(|(axis, at)| place(axis, at));
            (places.map(|(at, _)| at), places.map(|(_, weight)| weight))
        };
        let mix = |weight: f64, low: f64, high: f64| low + weight * (high - low);
        let at = |a: usize, b: usize, c: usize| self.ratios[((i + a) * m.len() + j + b) * r.len() + k + c];
        let along = |a: usize, b: usize| mix(w, at(a, b, 0), at(a, b, 1));
        let across = |a: usize| mix(v, along(a, 0), along(a, 1));
        ln(mix(u, across(0), across(1)))
    }
}

/// The interval of an axis with a place, and where it is inside.
fn place(axis: &[f64], at: f64) -> (usize, f64) {
    let interval = axis.partition_point(|point| *point < at).saturating_sub(1).min(axis.len() - 2);
    (interval, ((at - axis[interval]) / (axis[interval + 1] - axis[interval])).clamp(0.0, 1.0))
}

/// How far sediments of a thickness (km) are those of the Coastal Plain, from 0 to 1.
pub(super) fn depth_scale(depth: f64) -> f64 {
    powi(1.0 - exp(-depth / 2.0), 4)
}
