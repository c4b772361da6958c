//! Sources that list their ruptures one by one: non-parametric and multi-fault sources.

use std::collections::HashMap;
use std::sync::Arc;

use super::characteristic::FaultSurface;
use super::surfaces::{SurfaceRupture, SurfaceRuptures};
use super::{Occurrence, SourceError};
use crate::elementary::scalar::ln;
use crate::geo::Point;
use crate::geo::surface::Surface;

/// A source that lists its ruptures: NRML `nonParametricSeismicSource` and `multiFaultSource`.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedSource {
    /// Which of both it is.
    pub kind: ListedKind,
    /// The ids of the sections that are the surfaces of multi-fault ruptures.
    pub sections: Arc<Vec<String>>,
    /// The surfaces of the ruptures.
    pub surfaces: Arc<Vec<FaultSurface>>,
    /// The ruptures.
    pub ruptures: Arc<Vec<ListedRupture>>,
}

/// A kind of source that lists its ruptures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListedKind {
    /// Each rupture has surfaces of its own.
    NonParametric,
    /// Ruptures are of sections that they share.
    MultiFault {
        /// Whether the probability of no occurrence is taken for that of a Poisson process (`infer_occur_rates`).
        infers_rates: bool,
    },
}

/// A rupture of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedRupture {
    /// Magnitude.
    pub mag: f64,
    /// Rake, degrees.
    pub rake: f64,
    /// Hypocentre; that of a multi-fault rupture follows from its sections.
    pub hypocentre: Option<Point>,
    /// The probability of no occurrence in the investigation time, of one, two, ...
    pub probabilities: Vec<f64>,
    /// Its share, where the ruptures of a source exclude each other.
    pub weight: f64,
    /// Its surfaces, by their places among all.
    pub parts: Vec<u32>,
}

impl ListedSource {
    /// Look up the surfaces of the sections; the id of one that is not there is the error.
    pub fn resolve(&mut self, sections: &HashMap<String, FaultSurface>) -> Result<(), String> {
        if self.kind == ListedKind::NonParametric {
            return Ok(());
        }
        let find = |id: &String| sections.get(id).cloned().ok_or_else(|| id.clone());
        self.surfaces = Arc::new(self.sections.iter().map(find).collect::<Result<_, String>>()?);
        Ok(())
    }
}

/// A rate of zero or less is taken for this (engine behaviour).
const SMALLEST_RATE: f64 = 1e-30;

/// The ruptures with their surfaces. Those of a multi-fault source without a section that is `close` are left out.
pub fn ruptures(source: &ListedSource, close: &dyn Fn(&Surface) -> bool) -> Result<SurfaceRuptures, SourceError> {
    let is_multi_fault = matches!(source.kind, ListedKind::MultiFault { .. });
    let surfaces = source.surfaces.iter().map(FaultSurface::build).collect::<Result<Vec<Surface>, SourceError>>()?;
    let close: Vec<bool> = surfaces.iter().map(|s| !is_multi_fault || close(s)).collect();
    let mut made = SurfaceRuptures::new(surfaces);
    for rupture in source.ruptures.iter() {
        let parts = rupture.parts.clone();
        let occurrence = occurrence(source.kind, rupture);
        let of = if is_multi_fault {
            let near: Vec<u32> = parts.iter().copied().filter(|&i| close[i as usize]).collect();
            if near.is_empty() {
                made.left_out.push((rupture.mag, occurrence));
                continue;
            }
            SurfaceRupture::of_sections(&made.surfaces, parts, &near, rupture.rake, true)?
        } else {
            SurfaceRupture::of_own_surfaces(&made.surfaces, parts, rupture.rake)?
        };
        let hypocentre = rupture.hypocentre.unwrap_or(of.hypocentre);
        made.ruptures.push(SurfaceRupture { mag: rupture.mag, hypocentre, occurrence, ..of });
    }
    Ok(made)
}

/// How often a rupture of such a source occurs.
fn occurrence(kind: ListedKind, rupture: &ListedRupture) -> Occurrence {
    match kind {
        // a rate of the investigation time, not of a year (engine behaviour)
        ListedKind::MultiFault { infers_rates: true } => {
            let rate = -ln(rupture.probabilities[0]);
            Occurrence::Rate(if rate > 0.0 { rate } else { SMALLEST_RATE })
        }
        ListedKind::NonParametric | ListedKind::MultiFault { infers_rates: false } => {
            Occurrence::counts(&rupture.probabilities, rupture.weight)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(kind: ListedKind) -> ListedSource {
        let section = |lat: f64| {
            let profile = |lon: f64| vec![Point::new(lon, lat, 0.0), Point::new(lon, lat + 0.1, 10.0)];
            FaultSurface::Kite { profiles: vec![profile(13.0), profile(13.3)], mesh_spacing: 2.5 }
        };
        let rupture = |parts: &[u32]| ListedRupture {
            mag: 6.8,
            rake: 90.0,
            hypocentre: None,
            probabilities: vec![0.9, 0.1],
            weight: 1.0,
            parts: parts.to_vec(),
        };
        ListedSource {
            kind,
            sections: Arc::default(),
            surfaces: Arc::new(vec![section(42.0), section(43.0)]),
            ruptures: Arc::new(vec![rupture(&[0]), rupture(&[1]), rupture(&[0, 1])]),
        }
    }

    #[test]
    fn ruptures_of_far_sections_are_left_out() {
        let near = |s: &Surface| s.bounds.north < 42.5;
        let made = ruptures(&source(ListedKind::MultiFault { infers_rates: true }), &near).unwrap();
        assert_eq!(made.ruptures.iter().map(|r| r.parts.len()).collect::<Vec<_>>(), [1, 2]);
        let Occurrence::Rate(rate) = made.ruptures[0].occurrence else { panic!() };
        assert!((rate + 0.9f64.ln()).abs() < 1e-15);
        assert!(made.ruptures[0].line.is_some());
        assert!(made.left_out == [(6.8, Occurrence::Rate(rate))] && made.occurrences().count() == 3);
        let made = ruptures(&source(ListedKind::NonParametric), &near).unwrap();
        assert_eq!(made.ruptures.len(), 3);
        assert!(made.ruptures[0].line.is_none() && made.ruptures[2].line.is_some());
    }
}
