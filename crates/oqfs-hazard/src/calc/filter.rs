//! Which ruptures a site feels: distances by magnitude, and the first coarse selection of sites around a source.

use crate::geo::Vec3;
use crate::geo::points::Points;
use crate::geo::polygon::GeoBox;
use crate::geo::{norm, sub};
use crate::job::interpolate;

/// Distance by magnitude for one tectonic region type.
#[derive(Clone, Debug)]
pub struct MagnitudeDistance {
    pairs: Vec<(f64, f64)>,
}

impl MagnitudeDistance {
    /// From (magnitude, km) pairs with ascending magnitudes.
    pub fn new(pairs: &[(f64, f64)]) -> MagnitudeDistance {
        MagnitudeDistance { pairs: pairs.to_vec() }
    }

    /// The distance of a magnitude, km; 0 outside the range of magnitudes.
    pub fn of(&self, mag: f64) -> f64 {
        interpolate(&self.pairs, mag)
    }

    /// Whether a magnitude is within the range.
    pub fn has(&self, mag: f64) -> bool {
        let within = |first: &(f64, f64), last: &(f64, f64)| (first.0..=last.0).contains(&mag);
        matches!((self.pairs.first(), self.pairs.last()), (Some(first), Some(last)) if within(first, last))
    }

    /// The distance of the largest magnitude, km: what boxes around sources are enlarged by.
    pub fn last(&self) -> f64 {
        self.pairs.last().map_or(0.0, |p| p.1)
    }
}

/// The sites among `candidates` in the box of points enlarged by `km`; all of them where there is no such box.
pub fn in_box(
    sites: &Points,
    candidates: std::ops::Range<usize>,
    around: impl Iterator<Item = (f64, f64)> + Clone,
    km: f64,
    out: &mut Vec<u32>,
) {
    Area(GeoBox::around(around, km)).select(sites, candidates, out);
}

/// A box that sites are in; all are where there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area(pub Option<GeoBox>);

impl Area {
    /// Put the sites among `candidates` that are in it into `out`.
    pub fn select(&self, sites: &Points, candidates: std::ops::Range<usize>, out: &mut Vec<u32>) {
        out.clear();
        match self.0 {
            Some(area) => {
                out.extend(candidates.filter(|&i| area.contains(sites.lon[i], sites.lat[i])).map(|i| i as u32));
            }
            None => out.extend(candidates.map(|i| i as u32)),
        }
    }
}

/// Straight distance from a position to a site, km.
pub fn straight_distance(sites: &Points, site: u32, xyz: Vec3) -> f64 {
    norm(sub(sites.xyz[site as usize], xyz))
}
